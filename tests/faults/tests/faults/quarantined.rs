//! Rows that cannot be read: they are set aside by id and reason, their records are marked, the others go
//! on, and each is asked for again by its id in every run.

use dynamics_simulator::{Class, Effect, Fault};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;
use sync_engine::{Mode, StreamStatus};
use sync_store::Store;
use uuid::Uuid;

use crate::bad_answers::world;
use crate::by_hand::{record, set_back};
use crate::dying::killed_when;
use crate::world::{World, stream_of};

fn some_certification(world: &World) -> Uuid {
    let rows = world.simulator.truth("hlf_certifications").unwrap();
    let ids = rows.map(|row| {
        row["hlf_certificationid"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    });
    ids.min().unwrap()
}

fn touch(world: &World, id: Uuid) {
    let change = json!({"hlf_comment": "private remark"});
    let change = change.as_object().unwrap().clone();
    world
        .simulator
        .update("hlf_certifications", id, change)
        .unwrap();
}

/// The row is sent with something that cannot be read, so many times.
fn spoil(world: &World, effect: Effect, times: u32) {
    // Not the look at the row whose version is known, which asks for no status.
    let fault = Fault::on(Class::Read, effect).table("hlf_certifications");
    world.simulator.inject(fault.times(times));
}

fn unknown_choice(id: Uuid) -> Effect {
    Effect::ReplaceValue {
        id,
        property: "hlf_status".into(),
        value: json!(99),
    }
}

/// Whether the record is marked.
async fn is_unverified(world: &World, id: Uuid) -> bool {
    let item = record(world, "certifications", id).await;
    item.contains_key("unverified")
}

#[tokio::test]
async fn a_row_with_an_unknown_choice_is_set_aside_and_the_others_go_on() {
    let world = world().await;
    world.complete("first").await;
    let id = some_certification(&world);
    world
        .simulator
        .burst("hlf_certifications", 2, 3, 0)
        .unwrap();
    touch(&world, id);
    spoil(&world, unknown_choice(id), 2);
    let report = world.complete("second").await;
    let stream = stream_of(&report, "certifications");
    assert_eq!(
        (stream.quarantined, stream.stored > 2),
        (1, true),
        "{stream:#?}"
    );
    assert_eq!(
        stream.notes,
        [format!(
            "rows that cannot be read, and are asked for again in every run: 1. One is row {id}: field \
             `status` (column `hlf_status`): its choice is not in the stream file's `choice`. \
             Correct the row in Dynamics, the stream file's mapping, or the record in the copy"
        )]
    );
    assert!(is_unverified(&world, id).await);
    let fired: u32 = world
        .simulator
        .faults_fired()
        .iter()
        .map(|fault| fault.fired)
        .sum();
    assert!(fired > 0);

    // Corrected in Dynamics without a word: the next run asks for the row, and only for that one.
    world.simulator.clear_faults();
    world.next_night();
    let report = world.complete("third").await;
    let stream = stream_of(&report, "certifications");
    assert_eq!((stream.quarantined, stream.requests), (0, 2), "{stream:#?}");
    assert!(!is_unverified(&world, id).await);
    world.assert_copy_equals_truth().await;
    let report = world.complete("fourth").await;
    assert_eq!(stream_of(&report, "certifications").requests, 1);
}

#[tokio::test]
async fn every_way_in_which_a_row_cannot_be_read_sets_it_aside() {
    let ways = |id| {
        [
            unknown_choice(id),
            Effect::MissingValue {
                id,
                property: "hlf_mentorcode".into(),
            },
            Effect::ReplaceValue {
                id,
                property: "hlf_fee".into(),
                value: json!("much"),
            },
            Effect::RowTooLarge { id, bytes: 500_000 },
        ]
    };
    let world = world().await;
    world.complete("first").await;
    let id = some_certification(&world);
    for effect in ways(id) {
        touch(&world, id);
        spoil(&world, effect.clone(), 2);
        let report = world.complete("spoilt").await;
        let stream = stream_of(&report, "certifications");
        assert_eq!(stream.quarantined, 1, "{effect:?}");
        assert!(!stream.notes.join("").contains("much"), "{stream:#?}");
        world.simulator.clear_faults();
        world.next_night();
        let report = world.complete("healed").await;
        assert_eq!(
            stream_of(&report, "certifications").quarantined,
            0,
            "{effect:?}"
        );
        world.assert_copy_equals_truth().await;
    }
}

#[tokio::test]
async fn a_row_that_stays_unreadable_is_asked_for_once_a_run_until_it_is_deleted() {
    let world = world().await;
    world.complete("first").await;
    let id = some_certification(&world);
    touch(&world, id);
    spoil(&world, unknown_choice(id), u32::MAX);
    world.complete("second").await;
    for night in ["third", "fourth"] {
        world.next_night();
        let report = world.complete(night).await;
        let stream = stream_of(&report, "certifications");
        assert_eq!((stream.quarantined, stream.requests), (1, 2), "{stream:#?}");
    }
    let row = &world.store.quarantined("certifications", 10).await.unwrap()[0];
    assert_eq!((row.id.as_str(), row.tries), (id.to_string().as_str(), 2));

    world.simulator.delete("hlf_certifications", id).unwrap();
    let report = world.complete("fifth").await;
    assert_eq!(stream_of(&report, "certifications").quarantined, 0);
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_row_that_is_readable_in_a_later_version_leaves_without_being_asked_for() {
    let world = world().await;
    world.complete("first").await;
    let id = some_certification(&world);
    touch(&world, id);
    spoil(&world, unknown_choice(id), 2);
    world.complete("second").await;
    world.simulator.clear_faults();
    world.next_night();
    touch(&world, id);
    let report = world.complete("third").await;
    let stream = stream_of(&report, "certifications");
    assert_eq!((stream.quarantined, stream.requests), (0, 1), "{stream:#?}");
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn an_unreadable_row_survives_a_full_read_of_its_table() {
    let world = world().await;
    world.complete("first").await;
    let id = some_certification(&world);
    let before = world.store.count_live("certifications").await.unwrap();
    spoil(&world, unknown_choice(id), u32::MAX);
    world.simulator.expire_change_tokens();
    let report = world.complete("second").await;
    let stream = stream_of(&report, "certifications");
    assert_eq!((stream.quarantined, stream.deleted), (1, 0), "{stream:#?}");
    assert_eq!(
        world.store.count_live("certifications").await.unwrap(),
        before
    );
    assert!(is_unverified(&world, id).await);
    world.simulator.clear_faults();
    world.next_night();
    world.complete("third").await;
    world.assert_copy_equals_truth().await;
    assert!(!is_unverified(&world, id).await);
}

#[tokio::test]
async fn a_row_without_a_guid_stops_the_stream_because_it_cannot_even_be_set_aside() {
    let world = world().await;
    world.complete("first").await;
    let id = some_certification(&world);
    touch(&world, id);
    let effect = Effect::ReplaceValue {
        id,
        property: "hlf_certificationid".into(),
        value: json!("nobody"),
    };
    let cursor = world.cursor("certifications").await;
    spoil(&world, effect, 3);
    let report = world.run("second").await;
    let stream = stream_of(&report, "certifications");
    assert_eq!(stream.status, StreamStatus::Failed);
    assert_eq!(
        stream.reason.as_deref().unwrap(),
        "Dynamics sent a row whose key `hlf_certificationid` is not a GUID, so it cannot be set aside. \
         The next run reads the page again; if it repeats, report it"
    );
    assert_eq!(world.cursor("certifications").await, cursor);
    world.simulator.clear_faults();
    world.complete("third").await;
    world.assert_copy_equals_truth().await;
}

/// Whether a run has got as far with the row as a test wants it to.
type Reached = fn(Store, Uuid) -> BoxFuture<'static, bool>;

#[tokio::test]
async fn a_run_killed_while_it_sets_a_row_aside_that_only_the_keys_told_of_does_not_forget_it() {
    let set_aside: Reached = |store, _| {
        async move { store.count_quarantined("certifications").await.unwrap() > 0 }.boxed()
    };
    let marked: Reached = |store, id| {
        async move {
            let head = store.head("certifications", &id.to_string()).await.unwrap();
            head.unwrap().unverified
        }
        .boxed()
    };
    for reached in [set_aside, marked] {
        let world = world().await;
        world.complete("first").await;
        let id = some_certification(&world);
        set_back(&world, "certifications", id).await;
        spoil(&world, unknown_choice(id), u32::MAX);
        let store = world.store.clone();
        let so = move || reached(store.clone(), id);
        let report = killed_when(&world, ("check", Mode::Reconcile), so).await;
        assert!(report.is_none(), "it was not killed: {report:#?}");
        let quarantined = world.store.count_quarantined("certifications").await;
        assert_eq!(quarantined.unwrap(), 1);
        world.simulator.clear_faults();
        world.next_night();
        // Of another run, which walks no keys.
        world.complete("second").await;
        assert!(!is_unverified(&world, id).await);
        world.assert_copy_equals_truth().await;
    }
}
