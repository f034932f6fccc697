//! The table is changed in Dynamics behind the stream's back: what is told, how long, and at what cost.

mod damaged;
mod lasting;
mod quiet;
mod told;

use std::collections::BTreeMap;

use dynamics_simulator::{Class, Switches};
use serde_json::{Value as Json, json};
use sync_engine::{RunReport, StreamReport};

use crate::world::{World, small, stream_of};

const TABLE: &str = "hlf_certifications";

/// A stream that depends on something of every kind.
const CERTIFICATIONS: &str = r#"
[[stream]]
name      = "certifications"
table     = "hlf_certifications"
direction = "both"
key       = ["hlf_mentorcode"]
where     = { statecode = 0 }
[stream.fields]
mentor_code = "hlf_mentorcode"
mentor      = { column = "hlf_contactid", lookup = "contacts" }
status      = { column = "hlf_status", choice = { active = 1, expired = 2, suspended = 3 } }
valid_to    = { column = "hlf_validto", type = "date" }
exam        = "hlf_examon"
comment     = { column = "hlf_comment", clearable = true }
"#;

/// How a text begins that tells of changes since the run of [`loaded`].
const SINCE: &str = "the table was changed in Dynamics since the run of 2026-11-20T23:10:00Z: ";
/// And how it ends.
const ADVICE: &str = ". Change it back, or fit the stream file to it; what does not stop the stream is taken as meant after 14 days";

/// The stream was loaded yesterday.
async fn loaded() -> World {
    let world = World::of(small(), &[CERTIFICATIONS]).await;
    world.complete("first").await;
    world.next_night();
    world
}

fn certifications(report: &RunReport) -> &StreamReport {
    stream_of(report, "certifications")
}

/// An administrator changes the definition of a column: see [`Switches::altered_columns`].
fn alter(world: &World, column: &str, definition: Json) {
    world.simulator.switch(|switches| {
        let altered = switches.altered_columns.entry(TABLE.into()).or_default();
        altered.insert(column.into(), definition.as_object().cloned());
    });
}

/// Everything is as it was.
fn change_back(world: &World) {
    world.simulator.switch(|switches| {
        *switches = Switches::default();
    });
}

/// The options of a choice: numbers and what people call them in English.
fn options(options: &[(i32, &str)]) -> Json {
    let one = |(value, label): &(i32, &str)| {
        json!({
            "Value": value,
            "Label": { "LocalizedLabels": [{ "Label": label, "LanguageCode": 1033 }] },
        })
    };
    let options: Vec<Json> = options.iter().map(one).collect();
    json!({ "OptionSet": { "Options": options } })
}

/// So many requests were made since they were last counted for what a table's definition does not tell.
fn asked(world: &World) -> usize {
    let log = world.simulator.requests();
    let metadata = log.last.iter().filter(|one| one.class == Class::Metadata);
    let definition = |target: &str| {
        target.contains("DateTimeAttributeMetadata") || target.contains("expand=Attributes")
    };
    let asked = metadata.filter(|one| !definition(&one.target)).count();
    world.simulator.reset_requests();
    asked
}

/// What the stream's item of the state table says.
async fn remembered(world: &World) -> Option<BTreeMap<String, String>> {
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let answer = world.dynamodb().get_item().table_name("state");
    let answer = answer
        .key("pk", text("stream#certifications"))
        .key("sk", text("contract"));
    let item = answer.send().await.unwrap().item?;
    let item = item.into_iter();
    // Maps of an item have no order.
    Some(
        item.map(|(name, value)| (name, sorted(&value)))
            .collect::<BTreeMap<_, _>>(),
    )
}

fn sorted(value: &aws_sdk_dynamodb::types::AttributeValue) -> String {
    match value.as_m() {
        Ok(map) => {
            let map: BTreeMap<_, _> = map.iter().map(|(key, one)| (key, sorted(one))).collect();
            format!("{map:?}")
        }
        Err(_) => format!("{value:?}"),
    }
}
