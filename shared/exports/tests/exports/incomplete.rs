//! A file that breaks off says so in its last line, and ends like none that is whole.

use std::time::Duration;

use clock::{Clock, SystemClock};
use dynamics_simulator::{Class, Fault};
use exports::Packing;
use http_body_util::BodyExt;
use jiff::Timestamp;
use sync_store::{ExportOutcome, ExportRecord};

use crate::support::{INCOMPLETE, World, caller, members, outage, request, rows};

/// Dynamics fails for good on the page after this many.
fn fail_after(world: &World, pages: u32) {
    let fault = Fault::on(Class::Read, outage()).after(pages);
    world.simulator.inject(fault.times(u32::MAX));
}

async fn latest(world: &World) -> ExportRecord {
    world.store.latest_exports(1).await.unwrap().remove(0)
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
    let mut body = response.await.into_body();
    // Nobody takes anything for as long as there is time.
    SystemClock.sleep(Duration::from_millis(400)).await;
    let (mut text, mut broke_off) = (Vec::new(), false);
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => text.extend(frame.into_data().unwrap()),
            Err(_) => broke_off = true,
        }
    }
    assert!(broke_off && String::from_utf8(text).unwrap().ends_with(INCOMPLETE));
    assert_eq!(latest(&world).await.outcome, ExportOutcome::Incomplete);
}

#[tokio::test]
async fn a_recipient_that_goes_away_ends_the_export_and_it_is_recorded_as_broken_off() {
    let world = World::with(3_000, 100).await;
    let request = request("GET", "/export/members.csv", &[]);
    let response = world.exports.handle(&caller("export"), request).await;
    drop(response);
    let record = loop {
        let mut records = world.store.latest_exports(1).await.unwrap();
        records.retain(|record| record.outcome != ExportOutcome::Underway);
        if let Some(record) = records.pop() {
            break record;
        }
        tokio::task::yield_now().await;
    };
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
