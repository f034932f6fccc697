//! A file that breaks off says so in its last line, and ends like none that is whole.

use std::time::Duration;

use clock::{Clock, SystemClock};
use dynamics_simulator::{Class, Fault};
use exports::Packing;
use futures::future::BoxFuture;
use jiff::Timestamp;
use sync_store::{ExportOutcome, ExportRecord};

use crate::support::{INCOMPLETE, World, call, caller, members, outage, request, rows, taken};

/// Dynamics fails for good on the page after this many.
fn fail_after(world: &World, pages: u32) {
    let fault = Fault::on(Class::Read, outage()).after(pages);
    world.simulator.inject(fault.times(u32::MAX));
}

async fn latest(world: &World) -> ExportRecord {
    world.store.latest_exports(1).await.unwrap().remove(0)
}

/// The latest export, once it is recorded that it ended.
async fn ended(world: &World) -> ExportRecord {
    let late = SystemClock.now() + Duration::from_secs(20);
    loop {
        let mut records = world.store.latest_exports(1).await.unwrap();
        records.retain(|record| record.outcome != ExportOutcome::Underway);
        if let Some(record) = records.pop() {
            return record;
        }
        assert!(SystemClock.now() < late, "its end is not recorded");
        tokio::task::yield_now().await;
    }
}

/// A clock that kills who waits by it.
struct Deadly;

impl Clock for Deadly {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        panic!("as a test wants it");
    }
}

#[tokio::test]
async fn a_failure_after_the_first_byte_ends_in_its_line_and_breaks_off() {
    let world = World::with(40, 10).await;
    fail_after(&world, 2);
    let answer = world.get("/export/members.csv").await;
    assert_eq!((answer.status, answer.broke_off), (200, true));
    let text = answer.text();
    assert!(text.ends_with(INCOMPLETE), "{text}");
    let rows = rows(&text).len();
    assert!(rows > 5 && rows <= 20, "{rows}");
    let record = latest(&world).await;
    assert_eq!(record.outcome, ExportOutcome::Incomplete);
    assert_eq!(record.rows, u64::try_from(rows).unwrap());
    assert_eq!(record.sha256, None);
}

#[tokio::test]
async fn a_packed_file_that_breaks_off_can_be_read_as_far_as_it_goes_and_is_not_whole() {
    for address in ["/export/members.csv", "/export/members.csv.gz"] {
        let world = World::with(40, 10).await;
        fail_after(&world, 2);
        let answer = world
            .get_with(address, &[("accept-encoding", "gzip")])
            .await;
        assert_eq!(answer.status, 200, "{:?}", answer.headers);
        let (text, whole) = answer.unpacked();
        assert!(text.ends_with(INCOMPLETE), "{text}");
        assert!(answer.broke_off && !whole);
    }
}

#[tokio::test]
async fn time_that_runs_out_ends_the_file_before_the_process_is_stopped() {
    let world = World::with(3_000, 100).await;
    // Five seconds are kept for the end.
    let deadline = SystemClock.now() + Duration::from_millis(5_200);
    let request = request("GET", "/export/members.csv", &[]);
    let caller = caller("export");
    let response = world.exports.handle_until(&caller, request, deadline);
    let body = response.await.into_body();
    // Nobody takes anything for as long as there is time.
    SystemClock.sleep(Duration::from_millis(400)).await;
    let (text, broke_off) = taken(body).await;
    assert!(broke_off && String::from_utf8(text).unwrap().ends_with(INCOMPLETE));
    assert_eq!(latest(&world).await.outcome, ExportOutcome::Incomplete);
}

#[tokio::test]
async fn a_recipient_that_takes_nothing_does_not_keep_the_end_from_being_recorded() {
    let world = World::with(3_000, 100).await;
    let deadline = SystemClock.now() + Duration::from_millis(5_200);
    let request = request("GET", "/export/members.csv", &[]);
    let caller = caller("export");
    let response = world.exports.handle_until(&caller, request, deadline);
    let response = response.await;
    assert_eq!(ended(&world).await.outcome, ExportOutcome::Incomplete);
    // What there is can still be taken, and says at its end what it is.
    let (text, broke_off) = taken(response.into_body()).await;
    assert!(broke_off && String::from_utf8(text).unwrap().ends_with(INCOMPLETE));
}

#[tokio::test]
async fn a_writer_that_dies_leaves_no_file_that_looks_whole() {
    let world = World::start().await;
    let exports = world.by(Deadly);
    let answer = call(&exports, "export", "GET", "/export/members.csv", &[]).await;
    assert_eq!((answer.status, answer.broke_off), (200, true));
}

#[tokio::test]
async fn a_recipient_that_goes_away_ends_the_export_and_it_is_recorded_as_broken_off() {
    let world = World::with(3_000, 100).await;
    let request = request("GET", "/export/members.csv", &[]);
    let response = world.exports.handle(&caller("export"), request).await;
    drop(response);
    let record = ended(&world).await;
    assert_eq!(record.outcome, ExportOutcome::Incomplete);
    assert!(record.rows < 3_000);
}

#[tokio::test]
async fn a_program_that_stops_an_export_gets_the_last_line_too() {
    let world = World::with(3_000, 100).await;
    let opened = world
        .exports
        .open("terminal", &members(), Timestamp::MAX)
        .await;
    let mut running = opened.unwrap().start(Packing::None).unwrap();
    let mut text = running.piece().await.unwrap().unwrap().to_vec();
    running.stop();
    let mut reasons = Vec::new();
    while let Some(piece) = running.piece().await {
        match piece {
            Ok(bytes) => text.extend(bytes),
            Err(incomplete) => reasons.push(incomplete.reason),
        }
    }
    assert_eq!(reasons, ["it was interrupted"]);
    let text = String::from_utf8(text).unwrap();
    assert!(text.ends_with(INCOMPLETE));
    let record = running.ended().await.unwrap();
    assert_eq!(record.outcome, ExportOutcome::Incomplete);
    assert_eq!(record.rows, u64::try_from(rows(&text).len()).unwrap());
}
