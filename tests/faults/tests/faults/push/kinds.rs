//! Values of every kind: out to Dynamics, and back as they were handed in.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value as Json, json};
use sync_store::ChangeState;

use crate::expiry::mentors::{NEXT_YEAR, columns, world};
use crate::world::{World, stream_of};

const MEMBERS: &str = r#"
[[stream]]
name      = "members"
table     = "contacts"
direction = "both"
key       = "emailaddress1"
[stream.fields]
email    = "emailaddress1"
children = { column = "numberofchildren", clearable = true }
credit   = { column = "creditlimit", clearable = true }
about    = { column = "description", clearable = true }
born     = { column = "birthdate", clearable = true }
gender   = { column = "gendercode", choice = { man = 1, woman = 2 }, clearable = true }
quiet    = { column = "donotemail" }
"#;

/// Days of date-times.
const DAYS: &str = r#"
[[stream]]
name      = "certifications"
table     = "hlf_certifications"
direction = "both"
key       = ["hlf_mentorcode"]
[stream.fields]
mentor_code = "hlf_mentorcode"
mentor      = { column = "hlf_contactid", lookup = "contacts", clearable = true }
valid_to    = { column = "hlf_validto", type = "date", clearable = true }
synced      = { column = "hlf_lastsyncedon", type = "date", clearable = true }
exam        = { column = "hlf_examon", type = "date", clearable = true }
"#;

/// The same columns with their time of day.
const TIMES: &str = r#"
[[stream]]
name      = "certifications"
table     = "hlf_certifications"
direction = "both"
key       = ["hlf_mentorcode"]
[stream.fields]
mentor_code = "hlf_mentorcode"
valid_to    = { column = "hlf_validto", clearable = true }
synced      = { column = "hlf_lastsyncedon", clearable = true }
exam        = { column = "hlf_examon", clearable = true }
"#;

const POSTINGS: &str = r#"
[[stream]]
name      = "postings"
table     = "hlf_postings"
direction = "both"
key       = ["hlf_reference"]
[stream.fields]
reference = "hlf_reference"
amount    = { column = "hlf_amount", clearable = true }
quantity  = { column = "hlf_quantity", clearable = true }
posted_on = { column = "hlf_postedon", type = "date", clearable = true }
"#;

/// A value as the app writes it, as Dynamics then has it, and as the app then sees it.
struct Sample {
    field: &'static str,
    property: &'static str,
    handed_in: &'static str,
    there: Json,
    seen: AttributeValue,
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(digits: &str) -> AttributeValue {
    AttributeValue::N(digits.to_owned())
}

/// What is the same on both sides and on the way.
fn plain(field: &'static str, property: &'static str, handed_in: &'static str) -> Sample {
    let there: Json = serde_json::from_str(handed_in).unwrap();
    let seen = match &there {
        Json::Bool(truth) => AttributeValue::Bool(*truth),
        Json::Number(digits) => number(&digits.to_string()),
        Json::String(of) => text(of),
        other => panic!("{other} is no value"),
    };
    Sample {
        field,
        property,
        handed_in,
        there,
        seen,
    }
}

/// Hands each in for the same row, one a run, and looks at both sides; then empties what may be emptied.
async fn go_out_and_come_back(
    world: &World,
    (stream, table, id): (&str, &str, &str),
    all: &[Sample],
) {
    world.complete("first").await;
    for sample in all {
        let Sample {
            field, property, ..
        } = sample;
        let change = hand_in(world, (stream, id), field, sample.handed_in).await;
        let at_once = world.sees(stream, id, field).await;
        assert_eq!(at_once, sample.seen, "{field} = {}", sample.handed_in);
        let report = world.complete("next").await;
        let what = format!("{field} = {}", sample.handed_in);
        world.assert_state(&change, ChangeState::Applied).await;
        assert_eq!(stream_of(&report, stream).returned, 0, "{what}");
        assert_eq!(world.row(table, id)[property], sample.there, "{what}");
        assert_eq!(world.sees(stream, id, field).await, sample.seen, "{what}");
        assert!(!world.item(stream, id).await.contains_key("pending"));
        let before = world.writes();
        let again = hand_in(world, (stream, id), field, sample.handed_in).await;
        world.complete("again").await;
        world.assert_state(&again, ChangeState::Applied).await;
        assert_eq!(world.writes(), before, "{what} was written again");
    }
    world.assert_at_rest().await;
    for sample in all.iter().filter(|sample| sample.there != json!(false)) {
        let change = hand_in(world, (stream, id), sample.field, "null").await;
        world.complete("next").await;
        world.assert_state(&change, ChangeState::Applied).await;
        assert!(world.row(table, id)[sample.property].is_null());
        let seen = world.sees(stream, id, sample.field).await;
        assert_eq!(seen, AttributeValue::Null(true), "{}", sample.field);
    }
    world.assert_at_rest().await;
}

async fn hand_in(world: &World, (stream, id): (&str, &str), field: &str, value: &str) -> String {
    let body = format!(
        r#"{{"stream": "{stream}", "operation": "update", "key": {{"id": "{id}"}},
            "fields": {{"{field}": {value}}}}}"#
    );
    world.post_text(&body).await
}

#[tokio::test]
async fn whole_numbers_truths_texts_choices_and_days_of_a_member() {
    let world = world(&[MEMBERS]).await;
    let id = world.member();
    let choice = Sample {
        there: json!(2),
        ..plain("gender", "gendercode", r#""woman""#)
    };
    let long = r#""Line one\nline \"two\" – æøå 👋, {braces} & <tags>""#;
    let samples = [
        plain("quiet", "donotemail", "false"),
        plain("children", "numberofchildren", "3"),
        plain("children", "numberofchildren", "-2147483648"),
        plain("about", "description", long),
        choice,
        plain("born", "birthdate", r#""1960-02-29""#),
    ];
    go_out_and_come_back(&world, ("members", "contacts", &id), &samples).await;
}

#[tokio::test]
async fn money_and_decimals_keep_every_digit() {
    let world = world(&[POSTINGS]).await;
    let row = columns(json!({"hlf_reference": "P-1", "hlf_postedon": "2026-11-20"}));
    let id = world
        .simulator
        .create("hlf_postings", row)
        .unwrap()
        .to_string();
    let exact = |field, property, handed_in, there: &str, seen: &str| Sample {
        field,
        property,
        handed_in,
        there: json!(there),
        seen: number(seen),
    };
    let samples = [
        exact("amount", "hlf_amount", "1250.5", "1250.5000", "1250.5"),
        exact("amount", "hlf_amount", "-0.0001", "-0.0001", "-0.0001"),
        exact(
            "amount",
            "hlf_amount",
            "922337203685477.5807",
            "922337203685477.5807",
            "922337203685477.5807",
        ),
        exact("amount", "hlf_amount", "0.10", "0.1000", "0.1"),
        exact("quantity", "hlf_quantity", "0.00125", "0.00125", "0.00125"),
        exact("quantity", "hlf_quantity", "1.5e2", "150.00000", "150"),
        plain("posted_on", "hlf_postedon", r#""2027-03-28""#),
    ];
    go_out_and_come_back(&world, ("postings", "hlf_postings", &id), &samples).await;
}

#[tokio::test]
async fn a_day_is_written_as_its_column_means_it() {
    let world = world(&[DAYS]).await;
    let id = world.certification("M-1", NEXT_YEAR);
    let day = |field, property, handed_in, there: &str| Sample {
        there: json!(there),
        ..plain(field, property, handed_in)
    };
    let samples = [
        day("valid_to", "hlf_validto", r#""2027-03-28""#, "2027-03-28"),
        // It begins in Oslo when it is still the day before in Greenwich, in winter and in summer.
        day(
            "synced",
            "hlf_lastsyncedon",
            r#""2027-01-16""#,
            "2027-01-15T23:00:00Z",
        ),
        day(
            "synced",
            "hlf_lastsyncedon",
            r#""2027-03-29""#,
            "2027-03-28T22:00:00Z",
        ),
        day(
            "exam",
            "hlf_examon",
            r#""2027-03-29""#,
            "2027-03-29T00:00:00Z",
        ),
    ];
    go_out_and_come_back(
        &world,
        ("certifications", "hlf_certifications", &id),
        &samples,
    )
    .await;
}

#[tokio::test]
async fn a_date_and_time_is_an_instant_or_what_the_clock_on_the_wall_says() {
    let world = world(&[TIMES]).await;
    let id = world.certification("M-1", NEXT_YEAR);
    let samples = [
        plain("synced", "hlf_lastsyncedon", r#""2027-03-28T01:30:00Z""#),
        Sample {
            there: json!("2027-03-28T02:30:00Z"),
            // An hour that daylight saving skips in Oslo.
            ..plain("exam", "hlf_examon", r#""2027-03-28T02:30:00""#)
        },
        plain("valid_to", "hlf_validto", r#""2027-12-31""#),
    ];
    go_out_and_come_back(
        &world,
        ("certifications", "hlf_certifications", &id),
        &samples,
    )
    .await;
}

#[tokio::test]
async fn a_lookup_is_set_to_another_row_and_let_go() {
    let world = world(&[DAYS]).await;
    let (kari, ola) = (world.member(), world.member());
    let id = world.certification_of(&kari, "M-1", NEXT_YEAR);
    world.complete("first").await;
    for wanted in [json!(ola), json!(kari.to_uppercase()), Json::Null] {
        let value = wanted.to_string();
        let change = hand_in(&world, ("certifications", &id), "mentor", &value).await;
        world.complete("next").await;
        world.assert_state(&change, ChangeState::Applied).await;
        let there = world.row("hlf_certifications", &id)["_hlf_contactid_value"].clone();
        let expected = wanted.as_str().map(str::to_lowercase);
        assert_eq!(there, json!(expected));
        world.assert_at_rest().await;
    }
}

#[tokio::test]
async fn the_same_instant_written_another_way_is_no_other_value() {
    let world = world(&[TIMES]).await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    for (value, there) in [
        (r#""2027-03-28T12:00:00+02:00""#, "2027-03-28T10:00:00Z"),
        (r#""2027-03-28T11:00:00.250Z""#, "2027-03-28T11:00:00Z"),
    ] {
        let change = hand_in(&world, ("certifications", &id), "synced", value).await;
        let report = world.complete("next").await;
        world.assert_state(&change, ChangeState::Applied).await;
        assert_eq!(
            world.row("hlf_certifications", &id)["hlf_lastsyncedon"],
            there
        );
        assert_eq!(stream_of(&report, "certifications").returned, 0, "{value}");
        let before = world.writes();
        hand_in(&world, ("certifications", &id), "synced", value).await;
        world.complete("again").await;
        assert_eq!(world.writes(), before, "{value} was written again");
        world.assert_at_rest().await;
    }
}

#[tokio::test]
async fn an_instant_that_the_app_wrote_another_way_before_is_no_edit_of_dynamics() {
    let held = TIMES.replace("[stream.fields]", "conflict = \"hold\"\n[stream.fields]");
    let world = world(&[&held]).await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let mut changes = Vec::new();
    for value in [
        r#""2027-03-28T12:00:00+02:00""#,
        r#""2027-03-28T13:00:00+02:00""#,
    ] {
        changes.push(hand_in(&world, ("certifications", &id), "synced", value).await);
    }
    world.complete("next").await;
    for change in &changes {
        world.assert_state(change, ChangeState::Applied).await;
    }
    let there = world.row("hlf_certifications", &id)["hlf_lastsyncedon"].clone();
    assert_eq!(there, "2027-03-28T11:00:00Z");
    world.assert_at_rest().await;
}
