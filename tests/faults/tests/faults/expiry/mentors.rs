//! An organisation with mentors: members, and their certifications, which end. Only rows that a test
//! creates are looked at, so that it knows what each of them should show.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use dynamics_simulator::Options;
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};
use sync_engine::{RunReport, RunRequest, RunStatus};

use crate::frozen::{Item, items_of};
use crate::world::World;

/// Contacts have no column that says who is shown; any that holds yes or no will do.
pub(crate) const MEMBERS: &str = r#"
[[stream]]
name   = "members"
table  = "contacts"
where  = { statecode = 0 }
fields = { first_name = "firstname", shown = "donotemail" }
"#;

pub(crate) const CERTIFICATIONS: &str = r#"
[[stream]]
name  = "certifications"
table = "hlf_certifications"
key   = ["hlf_mentorcode"]
[stream.fields]
mentor_code = "hlf_mentorcode"
mentor      = { column = "hlf_contactid", lookup = "contacts" }
status      = { column = "hlf_status", choice = { active = 1, expired = 2, suspended = 3 } }
valid_to    = { column = "hlf_validto", type = "date" }
visible     = "hlf_portalvisible"
comment     = "hlf_comment"
"#;

/// What belongs to the stream before it.
pub(crate) const EXPIRY: &str = r#"
[stream.expiry]
date = "valid_to"
from = { status = "active" }
set  = { status = "expired", visible = false }
"#;

/// The same, which also hides the mentor.
pub(crate) const EXPIRY_OF_MENTORS: &str = r#"
[stream.expiry]
date = "valid_to"
from = { status = "active" }
set  = { status = "expired", visible = false, "mentor.shown" = false }
"#;

/// The day that it is in Oslo when a world begins, and those around it.
pub(crate) const YESTERDAY: &str = "2026-11-20";
pub(crate) const TODAY: &str = "2026-11-21";
pub(crate) const NEXT_YEAR: &str = "2027-11-21";

/// A world whose certifications are those that the test creates.
pub(crate) async fn world(streams: &[&str]) -> World {
    World::of(few(), streams).await
}

/// Few rows, none of which is a certification.
pub(crate) fn few() -> Options {
    Options {
        contacts: 3,
        certifications: 0,
        accounts: 0,
        users: 0,
        page_size_max: 20,
        ..Options::default()
    }
}

pub(crate) fn columns(json: Json) -> Map<String, Json> {
    json.as_object().unwrap().clone()
}

impl World {
    /// A member who is shown in Dynamics.
    pub(crate) fn member(&self) -> String {
        let row = json!({"firstname": "Kari", "lastname": "Nordmann", "donotemail": true});
        let id = self.simulator.create("contacts", columns(row)).unwrap();
        id.to_string()
    }

    /// An active certification that is visible in Dynamics, with its last valid day.
    pub(crate) fn certification(&self, code: &str, valid_to: &str) -> String {
        let row = json!({
            "hlf_mentorcode": code, "hlf_status": 1, "hlf_validto": valid_to,
            "hlf_portalvisible": true
        });
        let created = self.simulator.create("hlf_certifications", columns(row));
        created.unwrap().to_string()
    }

    /// The same, of a member.
    pub(crate) fn certification_of(&self, mentor: &str, code: &str, valid_to: &str) -> String {
        let id = self.certification(code, valid_to);
        self.edit(&id, json!({"_hlf_contactid_value": mentor}));
        id
    }

    /// An edit of a certification in Dynamics.
    pub(crate) fn edit(&self, id: &str, change: Json) {
        let id = id.parse().unwrap();
        let there = self
            .simulator
            .update("hlf_certifications", id, columns(change));
        assert!(there.unwrap());
    }

    /// An edit of a member in Dynamics.
    pub(crate) fn edit_member(&self, id: &str, change: Json) {
        let id = id.parse().unwrap();
        let there = self.simulator.update("contacts", id, columns(change));
        assert!(there.unwrap());
    }

    /// It is that time now.
    pub(crate) fn at(&self, time: &str) {
        self.clock.set(time.parse().unwrap());
    }

    /// A run of one stream only.
    pub(crate) async fn run_only(&self, run_id: &str, stream: &str) -> RunReport {
        let request = RunRequest {
            streams: vec![stream.to_owned()],
            ..RunRequest::new(run_id)
        };
        let run = self.process().run(&request, Timestamp::MAX, &|_| {}).await;
        run.unwrap()
    }

    /// The same, which must leave the stream up to date.
    pub(crate) async fn complete_only(&self, run_id: &str, stream: &str) -> RunReport {
        let report = self.run_only(run_id, stream).await;
        assert_eq!(report.status, RunStatus::Complete, "{report:#?}");
        report
    }

    /// A record as it is stored.
    pub(crate) async fn item(&self, stream: &str, id: &str) -> Item {
        let records = self.records().await;
        let found = records.get(&(format!("{stream}#{}", &id[..1]), id.to_owned()));
        found.unwrap_or_else(|| panic!("no record {id}")).clone()
    }

    /// How often somebody has written a record since a pull wrote it whole.
    pub(crate) async fn revision(&self, stream: &str, id: &str) -> u64 {
        let item = self.item(stream, id).await;
        item["revision"].as_n().unwrap().parse().unwrap()
    }

    /// All records as they are stored, by partition and id, but not how fresh they are.
    pub(crate) async fn records(&self) -> BTreeMap<(String, String), Item> {
        let key = |item: &Item, name| item[name].as_s().unwrap().clone();
        let keyed = items_of(&self.dynamodb(), "records").await.into_iter();
        keyed
            .map(|item| ((key(&item, "pk"), key(&item, "id")), item))
            .filter(|((_, id), _)| id != "as_of")
            .collect()
    }

    /// A record loses what Dynamics said, which no sync ever does to one.
    pub(crate) async fn damage(&self, (pk, id): &(String, String)) {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let client = self.dynamodb();
        let update = client.update_item().table_name("records");
        let update = update.key("pk", text(pk)).key("id", text(id));
        update
            .update_expression("REMOVE dynamics")
            .send()
            .await
            .unwrap();
    }

    /// What the app sees of a certification.
    pub(crate) async fn certified(&self, id: &str) -> Seen {
        Seen::of(&self.item("certifications", id).await, "visible")
    }

    /// Whether the app sees a member, who must be marked as suppressed if not.
    pub(crate) async fn is_shown(&self, id: &str) -> bool {
        let seen = Seen::of(&self.item("members", id).await, "shown");
        assert_ne!(seen.visible, seen.suppressed, "{seen:?}");
        seen.visible
    }

    /// The copy is as it should be, and two sides at rest reach a fixpoint: a further run writes nothing.
    pub(crate) async fn assert_settled(&self) {
        self.assert_copy_equals_truth().await;
        let before = self.records().await;
        let report = self.complete("again").await;
        let written = |stream: &sync_engine::StreamReport| stream.stored + stream.deleted;
        assert_eq!(report.streams.iter().map(written).sum::<u64>(), 0);
        assert!(
            before == self.records().await,
            "a further run wrote records"
        );
    }
}

/// What the app sees of a record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Seen {
    pub(crate) visible: bool,
    pub(crate) status: Option<String>,
    pub(crate) suppressed: bool,
    pub(crate) suppress_from: Option<Timestamp>,
}

impl Seen {
    fn of(item: &Item, field: &str) -> Self {
        let fields = item["fields"].as_m().unwrap();
        let status = fields
            .get("status")
            .map(|text| text.as_s().unwrap().clone());
        let from = item.get("suppress_from");
        Self {
            visible: *fields[field].as_bool().unwrap(),
            status,
            suppressed: item.contains_key("suppressed"),
            suppress_from: from.map(|text| text.as_s().unwrap().parse().unwrap()),
        }
    }

    /// A certification that ran out, and says so.
    pub(crate) fn is_hidden(&self) -> bool {
        let status = self.status.as_deref();
        (self.visible, self.suppressed, status) == (false, true, Some("expired"))
    }

    /// A certification that is as it is in Dynamics.
    pub(crate) fn is_valid(&self) -> bool {
        let status = self.status.as_deref();
        (self.visible, self.suppressed, status) == (true, false, Some("active"))
    }
}
