//! The pass of an expiry that dies, or meets another run.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use sync_engine::{RunStatus, StreamStatus};
use sync_store::Acquired;

use super::mentors::{CERTIFICATIONS, EXPIRY_OF_MENTORS, MEMBERS, NEXT_YEAR, TODAY, world};
use crate::dying::one_at_a_time;
use crate::frozen::Item;
use crate::wire::{Cut, Wire};
use crate::world::{World, invoke, stream_of};

/// A night on which two certifications run out, one of them the last of a mentor; and that mentor.
async fn night() -> (World, String) {
    let world = world(&[MEMBERS, CERTIFICATIONS, EXPIRY_OF_MENTORS]).await;
    let mentor = world.member();
    world.certification_of(&mentor, "M-1", TODAY);
    world.certification("M-2", TODAY);
    world.certification("M-3", NEXT_YEAR);
    world.complete("before").await;
    world.next_night();
    (world, mentor)
}

#[tokio::test]
async fn a_run_killed_before_any_call_on_the_night_of_an_expiry_is_finished_by_the_next_run() {
    let (mut world, mentor) = night().await;
    let frozen = world.freeze().await;
    let whole = Wire::new(Cut::Never);
    let report = invoke(&one_at_a_time(&world, &whole), "count", Timestamp::MAX).await;
    assert_eq!(stream_of(&report, "certifications").suppressed, 2);
    // One call goes out at a time: to die after it is to die before the next.
    let before = (1..=whole.calls()).map(Cut::Before);
    for cut in before.chain([Cut::After(whole.calls())]) {
        world.thaw(&frozen).await;
        let wire = Wire::new(cut);
        let process = one_at_a_time(&world, &wire);
        tokio::select! {
            report = invoke(&process, "killed", Timestamp::MAX) => panic!("{cut:?}: {report:#?}"),
            () = wire.died() => {}
        }
        world.clock.advance(Duration::from_secs(91));
        let report = world.complete("next").await;
        let certifications = stream_of(&report, "certifications");
        assert_eq!(certifications.suppressed, 2, "{cut:?}");
        assert!(!world.is_shown(&mentor).await, "{cut:?}");
        world.assert_copy_equals_truth().await;
    }
    world.assert_settled().await;
}

#[tokio::test]
async fn an_expiry_whose_stream_another_run_holds_is_left_to_that_run() {
    let (world, mentor) = night().await;
    let now = world.in_seconds(0);
    let other = world.store.acquire("certifications", "other", now).await;
    assert!(matches!(other.unwrap(), Acquired::Granted { .. }));
    let report = world.run("second").await;
    assert_eq!(report.status, RunStatus::Held, "{report:#?}");
    let before = world.records().await;
    // Of the members nobody else keeps it, and who should be hidden of them is not known before that run
    // is over.
    let report = world.run_only("third", "members").await;
    assert_eq!(report.status, RunStatus::Held, "{report:#?}");
    assert_eq!(
        stream_of(&report, "members").reason.as_deref().unwrap(),
        "what expired may still be visible: another run holds stream `certifications`, whose expiry \
         hides records of this one; it hides them"
    );
    assert!(before == world.records().await);
    assert!(world.is_shown(&mentor).await);

    world.clock.advance(Duration::from_secs(91));
    let report = world.complete("fourth").await;
    assert_eq!(stream_of(&report, "certifications").suppressed, 2);
    assert!(!world.is_shown(&mentor).await);
    world.assert_settled().await;
}

#[tokio::test]
async fn an_expiry_reaches_into_a_stream_that_another_run_holds() {
    let (world, mentor) = night().await;
    let now = world.in_seconds(0);
    let other = world.store.acquire("members", "other", now).await.unwrap();
    let Acquired::Granted { lease, .. } = other else {
        panic!("{other:?}")
    };
    let report = world.run("second").await;
    assert_eq!(report.status, RunStatus::Held, "{report:#?}");
    assert!(!world.is_shown(&mentor).await);
    world.store.release(lease).await.unwrap();
    world.complete("third").await;
    world.assert_settled().await;
}

#[tokio::test]
async fn a_run_that_begins_too_near_its_deadline_to_read_anything_hides_all_the_same() {
    let (world, mentor) = night().await;
    let report = invoke(&world.process(), "late", world.in_seconds(6)).await;
    assert_eq!(report.status, RunStatus::Continue, "{report:#?}");
    assert_eq!(
        (
            report.progress,
            stream_of(&report, "certifications").suppressed
        ),
        (0, 2)
    );
    assert!(!world.is_shown(&mentor).await);
    world.complete("late").await;
    world.assert_settled().await;
}

#[tokio::test]
async fn a_damaged_record_does_not_keep_the_others_visible() {
    let (world, _) = night().await;
    let records = world.records().await;
    let codes = |(key, item): (&(String, String), &Item)| {
        let code = item["fields"].as_m().unwrap().get("mentor_code")?.clone();
        Some((code.as_s().unwrap().clone(), key.clone()))
    };
    let keys: BTreeMap<_, _> = records.iter().filter_map(codes).collect();
    // Whichever of the two that run out comes first is the one that cannot be read.
    let (first, other) = match keys["M-1"] < keys["M-2"] {
        true => ("M-1", "M-2"),
        false => ("M-2", "M-1"),
    };
    world.damage(&keys[first]).await;
    let report = world.run("second").await;
    let certifications = stream_of(&report, "certifications");
    assert_eq!(certifications.status, StreamStatus::Failed);
    assert!(world.certified(&keys[other].1).await.is_hidden());
    let reason = certifications.reason.as_deref().unwrap();
    assert!(reason.contains(&keys[first].1), "{reason}");
}
