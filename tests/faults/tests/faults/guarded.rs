//! Too much would vanish: nothing does before a person has said so, whatever the cause, and everything
//! else goes on.

use dynamics_simulator::Options;
use sync_engine::{RunReport, RunStatus, StreamStatus};

use crate::members::{delete, live, release};
use crate::world::{CERTIFICATIONS, MEMBERS, World, small, stream_file, stream_of};

async fn loaded() -> World {
    let world = World::of(small(), &[MEMBERS, CERTIFICATIONS]).await;
    world.complete("first").await;
    world
}

fn assert_guarded(report: &RunReport, vanishing: u64, of: u64) {
    let members = stream_of(report, "members");
    assert_eq!(members.status, StreamStatus::Guarded, "{members:#?}");
    assert_eq!(members.deleted, 0);
    assert_eq!(
        members.reason.as_deref().unwrap(),
        format!(
            "{vanishing} of {of} records of stream `members` would vanish from the copy, so nothing was \
             removed. Check in Dynamics whether they were really deleted, or are only out of the \
             application user's sight; if it is right, release it with `dynamics-sync cursor release \
             members` and run again"
        )
    );
    assert_eq!(report.status, RunStatus::Partial);
    assert_eq!(
        stream_of(report, "certifications").status,
        StreamStatus::Complete
    );
}

#[tokio::test]
async fn a_mass_deletion_in_a_delta_waits_for_a_release_and_is_then_carried_out() {
    let world = loaded().await;
    let before = live(&world).await;
    delete(&world, 20);
    for night in ["second", "third"] {
        world.next_night();
        let report = world.run(night).await;
        assert_guarded(&report, 20, before);
        assert_eq!(live(&world).await, before);
    }
    release(&world).await;
    let report = world.complete("fourth").await;
    assert_eq!(stream_of(&report, "members").deleted, 20);
    world.assert_copy_equals_truth().await;
    // A release is for once.
    delete(&world, 15);
    let report = world.run("fifth").await;
    assert_guarded(&report, 15, before - 20);
}

#[tokio::test]
async fn deletes_that_come_page_by_page_are_counted_together_also_over_several_nights() {
    let world = loaded().await;
    let before = live(&world).await;
    // Pages of 20; those of the deletes alone would all but pass one by one.
    delete(&world, 40);
    for night in ["second", "third", "fourth", "fifth"] {
        world.next_night();
        let report = world.run(night).await;
        assert_eq!(stream_of(&report, "members").status, StreamStatus::Guarded);
    }
    assert!(live(&world).await >= before - 10);
}

#[tokio::test]
async fn a_few_deletes_of_a_small_stream_are_no_mass_deletion() {
    let world = loaded().await;
    delete(&world, 10);
    world.complete("second").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_tenth_of_a_large_stream_may_vanish_and_more_may_not() {
    let options = Options {
        contacts: 400,
        page_size_max: 200,
        ..small()
    };
    let world = World::of(options, &[MEMBERS, CERTIFICATIONS]).await;
    world.complete("first").await;
    let before = live(&world).await;
    let tenth = before / 10;
    delete(&world, tenth.try_into().unwrap());
    world.complete("second").await;
    world.assert_copy_equals_truth().await;
    let before = live(&world).await;
    delete(&world, (before / 10 + 1).try_into().unwrap());
    let report = world.run("third").await;
    assert_guarded(&report, before / 10 + 1, before);
}

#[tokio::test]
async fn rows_that_leave_the_stream_in_masses_are_guarded_like_deletes() {
    let world = loaded().await;
    let before = live(&world).await;
    let rows: Vec<_> = world.simulator.truth("contacts").unwrap().collect();
    for row in rows.iter().filter(|row| row["statecode"] == 0).take(12) {
        let id = row["contactid"].as_str().unwrap().parse().unwrap();
        let inactive = serde_json::json!({"statecode": 1});
        let inactive = inactive.as_object().unwrap().clone();
        world.simulator.update("contacts", id, inactive).unwrap();
    }
    let report = world.run("second").await;
    assert_guarded(&report, 12, before);
    release(&world).await;
    world.complete("third").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn inactive_rows_that_were_never_in_the_copy_do_not_count() {
    let options = Options {
        contacts: 400,
        page_size_max: 200,
        ..small()
    };
    let world = World::of(options, &[MEMBERS]).await;
    world.complete("first").await;
    let rows: Vec<_> = world.simulator.truth("contacts").unwrap().collect();
    let inactive: Vec<_> = rows.iter().filter(|row| row["statecode"] == 1).collect();
    assert!(inactive.len() > 10, "{} prove nothing", inactive.len());
    for row in inactive {
        let id = row["contactid"].as_str().unwrap().parse().unwrap();
        let change = serde_json::json!({"lastname": "Changed"});
        let change = change.as_object().unwrap().clone();
        world.simulator.update("contacts", id, change).unwrap();
    }
    world.complete("second").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_sweep_that_would_remove_too_much_removes_nothing_and_reads_on_the_next_night() {
    let mut world = loaded().await;
    let before = live(&world).await;
    // Only those with a credit limit of nobody: every record would go.
    let nobody = MEMBERS.replace(
        "statecode = 0",
        "statecode = 0, lastname = \"Nobody at all\"",
    );
    world.streams = stream_file(&[&nobody, CERTIFICATIONS]);
    let report = world.run("second").await;
    assert_eq!(stream_of(&report, "members").status, StreamStatus::Guarded);
    assert!(live(&world).await >= before - 10);
    // The mistake is taken back: everything is as it was, and nothing needs a release.
    world.streams = stream_file(&[MEMBERS, CERTIFICATIONS]);
    world.complete("third").await;
    world.assert_copy_equals_truth().await;
    assert_eq!(live(&world).await, before);
    let state = world.store.stream_state("members").await.unwrap().unwrap();
    assert_eq!(state.guarded, None);
}

#[tokio::test]
async fn rows_lost_while_the_token_expired_are_guarded_in_the_sweep_until_released() {
    let world = loaded().await;
    let before = live(&world).await;
    delete(&world, 25);
    world.simulator.expire_change_tokens();
    let report = world.run("second").await;
    assert_guarded(&report, 25, before);
    assert_eq!(live(&world).await, before);
    // Changes go on meanwhile.
    world.simulator.burst("contacts", 5, 5, 0).unwrap();
    world.next_night();
    let report = world.run("third").await;
    let members = stream_of(&report, "members");
    assert_eq!(members.status, StreamStatus::Guarded);
    assert!(members.stored > 0, "{members:#?}");
    release(&world).await;
    world.complete("fourth").await;
    world.assert_copy_equals_truth().await;
}
