//! A dry run tells what a run would write, and writes nothing.

use std::sync::Mutex;

use jiff::Timestamp;
use serde_json::json;
use sync_engine::{Difference, RunReport, RunRequest, Side, StreamStatus, What};
use sync_store::{ChangeKey, ChangeState, Operation};

use super::{CERTIFICATIONS, MEMBERS, both_ways, by, text};
use crate::expiry::mentors::{EXPIRY_OF_MENTORS, NEXT_YEAR, YESTERDAY, world};
use crate::frozen::items_of;
use crate::world::{World, stream_of};

async fn told(world: &World) -> Vec<Difference> {
    dry_run(world).await.0
}

async fn dry_run(world: &World) -> (Vec<Difference>, RunReport) {
    let told = Mutex::new(Vec::new());
    let request = RunRequest {
        dry_run: true,
        ..RunRequest::new("dry")
    };
    let tell = |difference| told.lock().unwrap().push(difference);
    let report = world
        .process()
        .dry_run(&request, Timestamp::MAX, &tell)
        .await;
    let report = report.unwrap();
    assert_eq!(report.notes, ["a dry run: nothing was written"]);
    (told.into_inner().unwrap(), report)
}

fn of<'a>(told: &'a [Difference], row: &str, side: Side) -> Vec<&'a What> {
    let of_row = told.iter().filter(|one| one.row == row && one.side == side);
    of_row.map(|one| &one.what).collect()
}

#[tokio::test]
async fn a_dry_run_tells_of_each_side_what_a_run_then_does_and_writes_nothing() {
    let world = both_ways().await;
    let (edited, deleted) = (
        world.certification("M-1", NEXT_YEAR),
        world.certification("M-2", NEXT_YEAR),
    );
    let (over, changed) = (
        world.certification("M-3", "2026-11-21"),
        world.certification("M-4", NEXT_YEAR),
    );
    world.complete("first").await;
    world.next_night();
    world.edit(&edited, json!({"hlf_comment": "theirs"}));
    let row = deleted.parse().unwrap();
    assert!(world.simulator.delete("hlf_certifications", row).unwrap());
    for comment in ["one", "two"] {
        let key = ChangeKey::Id(changed.clone());
        let fields = json!({"comment": comment});
        world
            .hand_in("certifications", Operation::Update, key, fields)
            .await;
    }
    let key = by("mentor_code", "M-9");
    let created = world
        .hand_in(
            "certifications",
            Operation::Upsert,
            key,
            json!({"status": "active"}),
        )
        .await;

    let tables = ["state", "records", "changes"];
    let mut before = Vec::new();
    for table in tables {
        before.push(items_of(&world.dynamodb(), table).await);
    }
    let told = told(&world).await;
    for (table, before) in tables.iter().zip(before) {
        assert!(
            before == items_of(&world.dynamodb(), table).await,
            "{table} was written"
        );
    }
    assert_eq!(world.writes(), 0);
    world.assert_state(&created, ChangeState::Waiting).await;

    let copy = of(&told, &edited, Side::Copy);
    let [What::Changed(fields)] = copy.as_slice() else {
        panic!("{copy:?}")
    };
    assert!(fields["comment"] == (sync_store::Value::Null, text("theirs")));
    assert_eq!(of(&told, &deleted, Side::Copy), [&What::Removed]);
    assert_eq!(of(&told, &over, Side::Copy), [&What::Hidden]);
    let dynamics = of(&told, &over, Side::Dynamics);
    let [What::Changed(fields)] = dynamics.as_slice() else {
        panic!("{dynamics:?}")
    };
    assert!(fields["status"] == (text("active"), text("expired")));
    let dynamics = of(&told, &changed, Side::Dynamics);
    let [What::Changed(one), What::Changed(two)] = dynamics.as_slice() else {
        panic!("{dynamics:?}")
    };
    assert!(one["comment"].1 == text("one") && two["comment"] == (text("one"), text("two")));
    let new = told
        .iter()
        .filter(|one| matches!(one.what, What::Created(_)));
    assert_eq!(new.count(), 1);

    let report = world.complete("second").await;
    let stream = stream_of(&report, "certifications");
    assert_eq!((stream.deleted, stream.pushed), (1, 4));
    world.assert_at_rest().await;
}

#[tokio::test]
async fn before_the_first_load_a_dry_run_tells_of_every_row() {
    let world = both_ways().await;
    let id = world.certification("M-1", YESTERDAY);
    let told = told(&world).await;
    let copy = of(&told, &id, Side::Copy);
    assert!(matches!(copy.as_slice(), [What::Created(_)]), "{copy:?}");
    assert!(items_of(&world.dynamodb(), "records").await.is_empty());
    assert!(items_of(&world.dynamodb(), "state").await.is_empty());
}

#[tokio::test]
async fn the_functions_event_may_ask_for_a_dry_run_and_gets_counts() {
    let world = both_ways().await;
    world.certification("M-1", NEXT_YEAR);
    let request = RunRequest {
        dry_run: true,
        ..RunRequest::new("dry")
    };
    let report = world
        .process()
        .run(&request, Timestamp::MAX, &|_| {})
        .await
        .unwrap();
    assert_eq!(stream_of(&report, "certifications").stored, 1);
    assert!(items_of(&world.dynamodb(), "state").await.is_empty());
}

#[tokio::test]
async fn a_dry_run_tells_whom_an_expiry_would_hide_over_a_lookup_and_show_again() {
    let world = world(&[MEMBERS, CERTIFICATIONS, EXPIRY_OF_MENTORS]).await;
    let (hidden, renewed) = (world.member(), world.member());
    let id = world.certification_of(&hidden, "M-1", "2026-11-21");
    let over = world.certification_of(&renewed, "M-2", YESTERDAY);
    world.complete("first").await;
    assert_eq!(
        of(&told(&world).await, &hidden, Side::Copy),
        Vec::<&What>::new()
    );
    world.next_night();
    let renewal = json!({"valid_to": NEXT_YEAR, "status": "active", "visible": true});
    let key = ChangeKey::Id(over.clone());
    world
        .hand_in("certifications", Operation::Update, key, renewal)
        .await;
    let told = told(&world).await;
    assert_eq!(of(&told, &id, Side::Copy), [&What::Hidden]);
    assert_eq!(of(&told, &hidden, Side::Copy), [&What::Hidden]);
    assert_eq!(of(&told, &renewed, Side::Copy), [&What::Shown]);
    let stream = |row: &str| {
        let mut of_row = told.iter().filter(|one| one.row == row);
        of_row.next().unwrap().stream.clone()
    };
    assert_eq!(
        (stream(&hidden), stream(&renewed)),
        ("members".into(), "members".into())
    );
    for (member, shown) in [(&hidden, false), (&renewed, true)] {
        let dynamics = of(&told, member, Side::Dynamics);
        let [What::Changed(fields)] = dynamics.as_slice() else {
            panic!("{dynamics:?}")
        };
        let value = sync_store::Value::Boolean;
        assert!(fields["shown"] == (value(!shown), value(shown)));
    }
    world.complete("second").await;
    assert!(!world.is_shown(&hidden).await && world.is_shown(&renewed).await);
}

#[tokio::test]
async fn a_dry_run_says_to_which_team_new_rows_belong_whether_it_is_there_and_that_no_flow_starts()
{
    let team = "5b2a9c1e-7d40-4c7b-9a51-0d3c8e6f1a22";
    let keys = format!("owner_team = \"{team}\"\nsuppress_flows = true\n[stream.fields]");
    let world = world(&[&CERTIFICATIONS.replace("[stream.fields]", &keys)]).await;
    world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let (_, report) = dry_run(&world).await;
    let stream = stream_of(&report, "certifications");
    assert_eq!(stream.status, StreamStatus::Complete);
    assert_eq!(
        stream.notes,
        [
            "what is written to Dynamics starts none of its flows (`suppress_flows`)".to_owned(),
            format!("rows that are created in Dynamics belong to team {team} (`owner_team`)"),
        ]
    );
    let key = by("mentor_code", "M-9");
    let fields = json!({"status": "active"});
    world
        .hand_in("certifications", Operation::Create, key, fields)
        .await;
    let (_, report) = dry_run(&world).await;
    let stream = stream_of(&report, "certifications");
    let reason = stream.reason.as_ref().unwrap();
    assert!(
        reason.contains(&format!("Dynamics has no team {team}")),
        "{reason}"
    );
}
