//! Processes that die, at a read of Dynamics or as soon as the copy is in a certain state.

use std::sync::Arc;
use std::time::Duration;

use dynamics_simulator::Class;
use futures::future::pending;
use jiff::Timestamp;
use sync_engine::{Engine, Limits, Mode, RunReport};
use tokio::sync::Notify;

use crate::wire::{Cut, Look, Wire};
use crate::world::{World, invoke_as};

/// Longer than a lease lasts.
const LEASE_PASSES: Duration = Duration::from_secs(91);

/// A process that makes one call at a time, so that the same run always makes the same calls.
pub(crate) fn one_at_a_time(world: &World, wire: &Wire) -> Engine {
    let limits = Limits {
        streams: 1,
        writes: 1,
    };
    Engine {
        limits,
        ..world.process_on(wire.clone(), world.config(), |_| {})
    }
}

/// A run of such a process that dies before or after the first call at which `so` is the case, and whose
/// lease passes then; `Some` with what it reported if that was never so.
pub(crate) async fn killed_when<F>(
    world: &World,
    (run_id, mode): (&str, Mode),
    so: impl Fn() -> F + Send + Sync + 'static,
) -> Option<RunReport>
where
    F: Future<Output = bool> + Send + 'static,
{
    let died = Arc::new(Notify::new());
    let dies = died.clone();
    let look: Look = Arc::new(move |_| {
        let (so, dies) = (so(), dies.clone());
        Box::pin(async move {
            if so.await {
                dies.notify_one();
                pending::<()>().await;
            }
        })
    });
    let process = one_at_a_time(world, &Wire::watched(look));
    let report = tokio::select! {
        report = invoke_as(&process, run_id, mode, Timestamp::MAX) => Some(report),
        () = died.notified() => None,
    };
    world.clock.advance(LEASE_PASSES);
    report
}

/// The same, when only so many members are left in the copy.
pub(crate) async fn killed_when_left(
    world: &World,
    run: (&str, Mode),
    left: u64,
) -> Option<RunReport> {
    let store = world.store.clone();
    killed_when(world, run, move || {
        let store = store.clone();
        async move { store.count_live("members").await.unwrap() <= left }
    })
    .await
}

impl World {
    /// A process that dies as soon as it has the given number of answers to reads of a table.
    pub(crate) async fn die_at_read(
        &self,
        (run_id, mode): (&str, Mode),
        (entity_set, number): (&'static str, u64),
        after_each: impl Fn(u64) + Send + Sync + 'static,
    ) {
        let before = self.simulator.requests().of_table(Class::Read, entity_set);
        let (died, simulator) = (Arc::new(Notify::new()), self.simulator.clone());
        let dies = died.clone();
        let process = self.process_on(Wire::new(Cut::Never), self.config(), move |_| {
            let reads = simulator.requests().of_table(Class::Read, entity_set) - before;
            after_each(reads);
            if reads == number {
                dies.notify_one();
            }
        });
        tokio::select! {
            report = invoke_as(&process, run_id, mode, Timestamp::MAX) => {
                panic!("it did not die: {report:#?}")
            }
            () = died.notified() => {}
        }
    }
}
