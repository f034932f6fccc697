//! A row that one delta tells as changed and, on a later page, as deleted. Updates come first, so the order
//! of the pages does not say which came last: it may have been deleted and created again.

use dynamics_simulator::{Class, Effect, Fault, Simulator};
use jiff::Timestamp;
use serde_json::json;
use sync_engine::RunStatus;
use uuid::Uuid;

use crate::members::{active, fired, id_of, loaded, members};
use crate::wire::{Cut, Wire};
use crate::world::{MEMBERS, World, invoke, small};

fn create(simulator: &Simulator, id: Uuid) {
    let row = json!({"contactid": id.to_string(), "lastname": "Created", "statecode": 0});
    let row = row.as_object().unwrap().clone();
    simulator.create("contacts", row).unwrap();
}

/// A run meets the row on the first page of a delta as changed, in a version that the copy did not have,
/// and on the last one as deleted. When that page was served, `meddle` is called with its id.
async fn told_changed_and_then_deleted(
    meddle: impl Fn(&Simulator, Uuid) + Send + Sync + 'static,
) -> (World, Uuid) {
    let world = loaded(small(), true, MEMBERS).await;
    let twice = id_of(&active(&world.simulator)[0]);
    // Nothing in the simulator is live and deleted at once: another row is sent under this one's id.
    let other = Uuid::from_u128(0x0badcafe_0000_4000_8000_000000000002);
    create(&world.simulator, other);
    world.simulator.burst("contacts", 0, 25, 0).unwrap();
    world.simulator.delete("contacts", twice).unwrap();
    let disguise = Effect::ReplaceValue {
        id: other,
        property: "contactid".into(),
        value: json!(twice.to_string()),
    };
    world
        .simulator
        .inject(Fault::on(Class::Read, disguise).table("contacts"));

    let simulator = world.simulator.clone();
    let before = simulator.requests().of(Class::Read);
    let process = world.process_on(Wire::new(Cut::Never), world.config(), move |_| {
        // The witness, and both pages of the delta.
        if simulator.requests().of(Class::Read) == before + 3 {
            simulator.delete("contacts", other).unwrap();
            meddle(&simulator, twice);
        }
    });
    let report = invoke(&process, "second", Timestamp::MAX).await;
    assert_eq!(report.status, RunStatus::Complete, "{report:#?}");
    assert_eq!(fired(&world), [1]);
    // Two pages, and a second look.
    assert_eq!(members(&report).requests, 2 + 1, "{report:#?}");
    (world, twice)
}

#[tokio::test]
async fn a_row_told_changed_and_on_a_later_page_deleted_that_was_created_again_stays() {
    let (world, _) = told_changed_and_then_deleted(create).await;
    world.assert_copy_equals_truth().await;
    world.complete("third").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_row_told_changed_and_on_a_later_page_deleted_that_is_not_there_any_more_vanishes() {
    let (world, id) = told_changed_and_then_deleted(|_, _| {}).await;
    let verdict = &world.judge().await[0];
    assert!(!verdict.unexpected.contains(&id.to_string()), "{verdict}");
    world.complete("third").await;
    world.assert_copy_equals_truth().await;
}
