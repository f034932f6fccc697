//! The changes that are not in Dynamics yet, in a form that its import takes.

use std::collections::BTreeMap;

use clock::{Clock, SystemClock};
use sync_store::{
    ChangeKey, ChangeState, Fields, NewChange, Operation, Origin, Settlement, Value, Wanted,
};
use uuid::Uuid;

use crate::support::{World, call, raw_rows};

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// Hands a change of the certification with this code in; its id.
async fn hand_in(world: &World, code: &str, fields: &[(&str, Wanted)]) -> String {
    let now = SystemClock.now();
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, code.as_bytes()).to_string();
    let key = Fields::from([("mentor_code".to_owned(), text(code))]);
    let fields = fields.iter().cloned();
    let change = NewChange {
        id: id.clone(),
        stream: "certifications".into(),
        operation: Operation::Upsert,
        key: ChangeKey::Fields(key),
        fields: fields
            .map(|(name, wanted)| (name.to_owned(), wanted))
            .collect(),
        base_version: None,
        changed_at: "2026-07-01T22:30:00Z".parse().unwrap(),
        accepted_at: now,
        origin: Origin::App { key: "app".into() },
        digest: String::new(),
    };
    let never = &|_: &Fields, _| Default::default();
    let key = format!("certifications#{}", code.to_lowercase());
    world
        .store
        .accept(&change, Some(&key), never, true)
        .await
        .unwrap();
    id
}

async fn settle(world: &World, id: &str, state: ChangeState, reason: &str) {
    let change = world.store.change(id).await.unwrap().unwrap();
    let mut settlement = Settlement::new(state, SystemClock.now());
    settlement.reason = Some(reason.to_owned());
    let never = &|_: &Fields, _| Default::default();
    assert!(
        world
            .store
            .settle(&change, &settlement, never)
            .await
            .unwrap()
    );
}

fn value(value: Value) -> Wanted {
    Wanted::Value(value)
}

#[tokio::test]
async fn changes_are_in_dynamics_columns_with_their_state_and_reason_at_the_end() {
    let world = World::start().await;
    let mentor = Fields::from([("email".to_owned(), text("kari@example.no"))]);
    let waiting = hand_in(
        &world,
        "M-1",
        &[
            ("status", value(text("active"))),
            ("valid_to", value(text("2027-03-31"))),
            ("comment", value(Value::Null)),
            ("mentor", Wanted::Row(mentor)),
            ("fee", value(Value::Number("12.5".into()))),
        ],
    )
    .await;
    let refused = hand_in(&world, "M-2", &[("comment", value(text("=1+1")))]).await;
    settle(&world, &refused, ChangeState::Refused, "no such mentor").await;
    let held = hand_in(
        &world,
        "M-3",
        &[("portal_visible", value(Value::Boolean(false)))],
    )
    .await;
    settle(&world, &held, ChangeState::Held, "both sides").await;
    let over = hand_in(&world, "M-4", &[]).await;
    settle(&world, &over, ChangeState::Applied, "").await;

    let file = world
        .file("/export/changes.csv?stream=certifications")
        .await;
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"changes-certifications.csv\""
    );
    assert_eq!(file.header("x-sync-source"), "changes");
    let text = file.text();
    let headings = "\u{feff}\"id\";\"hlf_mentorcode\";\"hlf_contactid\";\"hlf_status\";\"hlf_validto\";\"hlf_portalvisible\";\"hlf_examon\";\"hlf_lastsyncedon\";\"hlf_fee\";\"hlf_comment\";\"sync_change\";\"sync_operation\";\"sync_status\";\"sync_changed_at\";\"sync_empties\";\"sync_reason\"\r\n";
    assert!(text.starts_with(headings), "{text}");
    assert!(text.contains("\"'=1+1\""), "{text}");
    let states: Vec<&str> = text
        .lines()
        .skip(1)
        .map(|line| line.split(';').nth(12).unwrap())
        .collect();
    assert_eq!(states, ["\"waiting\"", "\"held\"", "\"refused\""]);

    let by_change: BTreeMap<String, BTreeMap<String, String>> = rows_by_change(&text);
    let first = &by_change[&waiting];
    for (column, expected) in [
        ("hlf_mentorcode", "M-1"),
        ("hlf_status", "active"),
        ("hlf_validto", "2027-03-31"),
        ("hlf_contactid", "kari@example.no"),
        ("hlf_fee", "12.5"),
        ("hlf_comment", ""),
        ("sync_empties", "hlf_comment"),
        ("sync_operation", "upsert"),
        ("sync_changed_at", "2026-07-02 00:30:00"),
    ] {
        assert_eq!(first[column], expected, "{column}");
    }
    assert_eq!(by_change[&refused]["sync_reason"], "no such mentor");
    assert_eq!(by_change[&refused]["hlf_comment"], "=1+1");
    assert_eq!(by_change[&held]["hlf_portalvisible"], "false");
    assert_eq!(by_change.len(), 3);

    let only = world
        .file("/export/changes.csv?stream=certifications&status=held")
        .await;
    assert_eq!(
        rows_by_change(&only.text()).into_keys().collect::<Vec<_>>(),
        [held]
    );
    let none = world
        .file("/export/changes.csv?stream=postings")
        .await
        .text();
    assert_eq!(none.lines().count(), 1);
}

#[tokio::test]
async fn more_changes_than_are_read_at_once_are_all_there() {
    let world = World::start().await;
    for number in 0..201 {
        hand_in(&world, &format!("M-{number}"), &[]).await;
    }
    let file = world.file("/export/changes.csv?stream=certifications");
    assert_eq!(rows_by_change(&file.await.text()).len(), 201);
}

#[tokio::test]
async fn while_the_table_of_changes_cannot_be_read_there_is_a_problem_and_no_file() {
    let world = World::start().await;
    let exports = world.without("changes");
    let address = "/export/changes.csv?stream=certifications";
    let answer = call(&exports, "export", "GET", address, &[]).await;
    assert_eq!((answer.status, answer.problem().as_str()), (500, "failed"));
    assert_eq!(world.store.latest_exports(10).await.unwrap(), []);
}

/// Not by the first column: a change may not know its row yet.
fn rows_by_change(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let rows = raw_rows(text);
    let headings = &rows[0].1;
    let row = |(_, cells): &(String, Vec<String>)| {
        let cells = cells
            .iter()
            .map(|cell| csv_export::restore(cell).to_owned());
        let row: BTreeMap<String, String> = headings.iter().cloned().zip(cells).collect();
        (row["sync_change"].clone(), row)
    };
    rows[1..].iter().map(row).collect()
}
