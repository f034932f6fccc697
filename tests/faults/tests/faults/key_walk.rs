//! The walk over all keys: what it finds, and that it mends it.
//!
//! Never in here: a walk that is stopped on its way (`key_walk_stopped`), or that misses what is only out
//! of sight (`narrow_sight`).

use dynamics_simulator::{Class, FirstLoadToken};
use jiff::Timestamp;
use sync_engine::{Mode, RunStatus};
use uuid::Uuid;

use crate::by_hand::{falsify, put_ghost, remove};
use crate::members::{active, generation, id_of, loaded, members, of_five_pages, of_large_pages};
use crate::wire::{Cut, Wire};
use crate::world::{MEMBERS, World, invoke, invoke_as, small, stream_of};

#[tokio::test]
async fn a_reconcile_of_a_healthy_stream_walks_every_key_once_and_finds_and_writes_nothing() {
    let world = loaded(small(), true, MEMBERS).await;
    let report = world.complete_as("check", Mode::Reconcile).await;
    let members = members(&report);
    // One request for what changed, and three for the keys of 60 rows.
    assert_eq!(members.requests, 1 + 3, "{members:#?}");
    let wrote = (members.stored, members.deleted, members.repaired);
    assert_eq!(wrote, (0, 0, 0), "{members:#?}");
    assert_eq!(members.lag_seconds, Some(0));
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_reconcile_called_again_under_its_run_id_does_not_walk_again_and_another_does() {
    let world = loaded(small(), true, MEMBERS).await;
    for (run_id, requests) in [("check", 1 + 3), ("check", 1), ("another", 1 + 3)] {
        let report = world.complete_as(run_id, Mode::Reconcile).await;
        assert_eq!(members(&report).requests, requests, "{run_id}");
    }
    let report = world.complete("a delta").await;
    assert_eq!(members(&report).requests, 1);
}

#[tokio::test]
async fn records_that_were_lost_or_falsified_or_have_no_row_are_mended_by_a_reconcile() {
    for tracked in [true, false] {
        let world = loaded(small(), tracked, MEMBERS).await;
        let rows = active(&world.simulator);
        remove(&world, id_of(&rows[0])).await;
        falsify(&world, id_of(&rows[1]), -1).await;
        let ghost = put_ghost(&world, id_of(&rows[2])).await;
        let verdict = &world.judge().await[0];
        let wrong = (&verdict.missing[..], &verdict.unexpected[..]);
        assert_eq!(
            wrong,
            (&[id_of(&rows[0]).to_string()][..], &[ghost.to_string()][..])
        );
        assert!(!verdict.different.is_empty());
        let report = world.complete_as("check", Mode::Reconcile).await;
        let members = members(&report);
        assert_eq!((members.stored, members.deleted), (2, 1), "{members:#?}");
        // Where changes are not tracked, a record without a row is nothing odd.
        assert_eq!(members.repaired, if tracked { 3 } else { 2 });
        assert_eq!(generation(&world).await, 1);
        world.assert_copy_equals_truth().await;
        let report = world.complete_as("again", Mode::Reconcile).await;
        assert_eq!(stream_of(&report, "members").repaired, 0);
    }
}

#[tokio::test]
async fn a_record_in_a_version_that_dynamics_never_had_is_mended_by_a_full_read() {
    let world = loaded(small(), true, MEMBERS).await;
    let rows = active(&world.simulator);
    falsify(&world, id_of(&rows[1]), 1_000_000).await;
    world.complete_as("check", Mode::Reconcile).await;
    assert_eq!(generation(&world).await, 2);
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_row_deleted_in_a_load_whose_token_means_the_loads_end_is_found_by_a_reconcile() {
    let world = World::of(of_five_pages(), &[MEMBERS]).await;
    world
        .simulator
        .switch(|switches| switches.first_load_token = FirstLoadToken::End);
    let simulator = world.simulator.clone();
    let process = world.process_on(Wire::new(Cut::Never), world.config(), move |_| {
        if simulator.requests().of(Class::Read) == 3 {
            // Rows by rising key: the first was read, and is not the newest.
            let first = id_of(&active(&simulator)[0]);
            simulator.delete("contacts", first).unwrap();
        }
    });
    let report = invoke(&process, "first", Timestamp::MAX).await;
    assert_eq!(report.status, RunStatus::Complete, "{report:#?}");
    world.next_night();
    world.complete("second").await;
    let verdict = &world.judge().await[0];
    assert_eq!(verdict.unexpected.len(), 1, "it was told: {verdict}");
    let report = world.complete_as("check", Mode::Reconcile).await;
    assert_eq!(
        (members(&report).repaired, members(&report).deleted),
        (1, 1)
    );
    assert_eq!(generation(&world).await, 1);
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn deletes_that_the_stream_ignores_are_left_alone_and_missing_rows_mended_all_the_same() {
    for tracked in [true, false] {
        let ignoring = format!("{MEMBERS}[stream.deletes]\nfrom_dynamics = \"ignore\"\n");
        let world = loaded(small(), tracked, &ignoring).await;
        let rows = active(&world.simulator);
        let deleted = id_of(&rows[0]);
        world.simulator.delete("contacts", deleted).unwrap();
        let ghost = put_ghost(&world, deleted).await;
        remove(&world, id_of(&rows[1])).await;
        let report = world.complete_as("check", Mode::Reconcile).await;
        let members = members(&report);
        let wrote = (members.stored, members.deleted, members.repaired);
        assert_eq!(wrote, (1, 0, 1), "{members:#?}");
        let verdict = &world.judge().await[0];
        let kept = [ghost, deleted].map(|id| id.to_string());
        assert!(
            kept.iter().all(|id| verdict.unexpected.contains(id)),
            "{verdict}"
        );
        assert_eq!((verdict.unexpected.len(), verdict.missing.len()), (2, 0));
    }
}

#[tokio::test]
async fn an_outdated_record_whose_row_is_deleted_while_it_is_looked_for_stays_if_deletes_are_ignored()
 {
    let ignoring = format!("{MEMBERS}[stream.deletes]\nfrom_dynamics = \"ignore\"\n");
    let world = loaded(small(), true, &ignoring).await;
    let id = id_of(&active(&world.simulator)[1]);
    falsify(&world, id, -1).await;
    let simulator = world.simulator.clone();
    let before = simulator.requests().of(Class::Read);
    let process = world.process_on(Wire::new(Cut::Never), world.config(), move |_| {
        // The witness, the changes, three pages of keys.
        if simulator.requests().of(Class::Read) == before + 5 {
            simulator.delete("contacts", id).unwrap();
        }
    });
    let report = invoke_as(&process, "check", Mode::Reconcile, Timestamp::MAX).await;
    assert_eq!(report.status, RunStatus::Complete, "{report:#?}");
    let verdict = &world.judge().await[0];
    assert_eq!(verdict.unexpected, [id.to_string()], "{verdict}");
}

#[tokio::test]
async fn more_than_a_thousand_missing_rows_are_read_again_in_full() {
    let world = loaded(of_large_pages(1_150), true, MEMBERS).await;
    let ids: Vec<Uuid> = active(&world.simulator)
        .iter()
        .map(id_of)
        .take(1_010)
        .collect();
    assert_eq!(ids.len(), 1_010);
    for id in ids {
        remove(&world, id).await;
    }
    let reads = world.simulator.requests().of(Class::Read);
    let report = world.complete_as("check", Mode::Reconcile).await;
    let members = members(&report);
    assert!(
        members.notes.join("; ").contains("too many rows"),
        "{members:#?}"
    );
    assert_eq!(generation(&world).await, 2);
    world.assert_copy_equals_truth().await;
    let reads = world.simulator.requests().of(Class::Read) - reads;
    assert!(reads < 20, "it asked for {reads} rows one by one first");
}
