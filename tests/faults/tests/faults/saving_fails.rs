//! The cursor cannot be saved: the run fails and says so, what it wrote stays, and the next run repeats the
//! page.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use dynamics_simulator::Class;
use jiff::Timestamp;
use sync_engine::RunStatus;
use sync_store::Position;

use crate::bad_answers::reason;
use crate::by_hand::{empty_cursor_item, fill_cursor_item};
use crate::members::{live, members, of_five_pages};
use crate::wire::{Look, Wire};
use crate::world::{MEMBERS, World, invoke};

#[tokio::test]
async fn a_cursor_that_cannot_be_saved_fails_the_run_and_the_next_one_repeats_the_page() {
    let world = World::of(of_five_pages(), &[MEMBERS]).await;
    let (simulator, tables) = (world.simulator.clone(), world.dynamodb());
    let filled = Arc::new(AtomicBool::new(false));
    let done = filled.clone();
    let look: Look = Arc::new(move |_| {
        let (tables, done) = (tables.clone(), done.clone());
        let served = simulator.requests().of(Class::Read) > 0;
        Box::pin(async move {
            // The first page was served: its rows fit, and the cursor that goes with it does not.
            if served && !done.swap(true, Ordering::SeqCst) {
                fill_cursor_item(&tables, "members").await;
            }
        })
    });
    let process = world.process_on(Wire::watched(look), world.config(), |_| {});
    let report = invoke(&process, "first", Timestamp::MAX).await;
    assert!(filled.load(Ordering::SeqCst));
    assert_eq!(report.status, RunStatus::Failed, "{report:#?}");
    let reason = reason(&report, "members");
    assert!(
        reason.contains("`state`") && reason.contains("cursor"),
        "{reason}"
    );
    let position = world.cursor("members").await.unwrap().position;
    assert_eq!(position, Position::Start);
    assert!(live(&world).await > 0, "the page was not written");

    empty_cursor_item(&world.dynamodb(), "members").await;
    world.next_night();
    let report = world.complete("second").await;
    assert_eq!(members(&report).pulled, 25, "{report:#?}");
    world.assert_copy_equals_truth().await;
}
