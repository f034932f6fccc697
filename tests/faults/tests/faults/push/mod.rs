//! Both ways: what the app hands in reaches Dynamics, once, in order, and over nothing newer.

mod app;
mod changes;
mod conflicts;
mod deletes;
mod dry_run;
mod expiries;
mod keys;
mod keys_together;
mod kinds;
mod lost_replies;
mod mismatches;
mod narrow;
mod order;
mod ours;
mod owner_teams;
mod refusals;
mod renewals;
mod samples;
mod strategies;
mod upcoming;

use std::collections::BTreeMap;

use clock::Clock;
use dynamics_simulator::{Effect, RetryAfter};
use serde_json::{Value as Json, json};
use sync_store::{
    Accepted, Change, ChangeKey, ChangeState, Fields, Hiding, NewChange, Operation, Origin, Value,
    Wanted, business_key,
};
use uuid::Uuid;

use crate::expiry::mentors::{EXPIRY, world};
use crate::world::World;

pub(crate) const MEMBERS: &str = r#"
[[stream]]
name      = "members"
table     = "contacts"
direction = "both"
key       = "emailaddress1"
conflict  = "newest-wins"
where     = { statecode = 0 }
[stream.fields]
email      = "emailaddress1"
first_name = "firstname"
last_name  = "lastname"
shown      = "donotemail"
"#;

pub(crate) const CERTIFICATIONS: &str = r#"
[[stream]]
name      = "certifications"
table     = "hlf_certifications"
direction = "both"
key       = ["hlf_mentorcode"]
conflict  = "hold"
deletes   = { to_dynamics = "delete" }
[stream.fields]
mentor_code = "hlf_mentorcode"
mentor      = { column = "hlf_contactid", lookup = "contacts" }
status      = { column = "hlf_status", choice = { active = 1, expired = 2, suspended = 3 } }
valid_to    = { column = "hlf_validto", type = "date" }
visible     = "hlf_portalvisible"
comment     = { column = "hlf_comment", clearable = true }
"#;

/// A world with both streams and an expiry of the certifications.
pub(crate) async fn both_ways() -> World {
    world(&[MEMBERS, CERTIFICATIONS, EXPIRY]).await
}

/// A key by the fields of the stream's key.
pub(crate) fn by(field: &str, value: &str) -> ChangeKey {
    ChangeKey::Fields(Fields::from([(field.to_owned(), text(value))]))
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Boolean(*truth),
        Json::Number(number) => Value::Number(number.to_string()),
        Json::String(text) => Value::Text(text.clone()),
        other => panic!("{other} is no value of a field"),
    }
}

impl World {
    /// The app hands a change in, whose id is answered.
    pub(crate) async fn hand_in(
        &self,
        stream: &str,
        operation: Operation,
        key: ChangeKey,
        fields: Json,
    ) -> String {
        let fields: BTreeMap<String, Wanted> = fields
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, json)| {
                let wanted = match json.as_object() {
                    Some(key) => {
                        let key = key.iter().map(|(name, json)| (name.clone(), value(json)));
                        Wanted::Row(key.collect())
                    }
                    None => Wanted::Value(value(json)),
                };
                (name.clone(), wanted)
            })
            .collect();
        let change = NewChange {
            id: Uuid::new_v4().to_string(),
            stream: stream.to_owned(),
            operation,
            key,
            fields,
            base_version: None,
            changed_at: self.clock.now(),
            accepted_at: self.clock.now(),
            origin: Origin::App { key: "app".into() },
            digest: "digest".into(),
        };
        self.accept(&change).await;
        change.id
    }

    pub(crate) async fn accept(&self, change: &NewChange) {
        let stream = self.streams.streams.iter();
        let stream = stream
            .clone()
            .find(|one| one.name == change.stream)
            .unwrap();
        let key = match &change.key {
            ChangeKey::Fields(fields) => business_key(&stream.name, fields.values()),
            ChangeKey::Id(_) => None,
        };
        let never = |_: &Fields, _| Hiding::default();
        let pulls = stream.direction.pulls();
        let accepted = self
            .store
            .accept(change, key.as_deref(), &never, pulls)
            .await;
        assert!(matches!(accepted.unwrap(), Accepted::New(_)));
    }

    /// What became of a change.
    pub(crate) async fn change(&self, id: &str) -> Change {
        self.store.change(id).await.unwrap().unwrap()
    }

    pub(crate) async fn assert_state(&self, id: &str, state: ChangeState) {
        let change = self.change(id).await;
        assert_eq!(change.state, state, "{:?}", change.reason);
    }

    /// A row as Dynamics has it.
    pub(crate) fn row(&self, table: &str, id: &str) -> Json {
        let truth = self.simulator.truth(table).unwrap();
        let key = format!("{}id", table.trim_end_matches('s'));
        let mut rows = truth;
        let row = rows.find(|row| row[key.as_str()] == json!(id));
        row.map_or(Json::Null, |row| Json::Object(row.into_iter().collect()))
    }

    /// Two sides at rest: a further run writes nothing, on either.
    pub(crate) async fn assert_at_rest(&self) {
        self.assert_copy_equals_truth().await;
        let (records, writes) = (self.records().await, self.writes());
        let report = self.complete("at-rest").await;
        let written = |stream: &sync_engine::StreamReport| {
            stream.stored + stream.deleted + stream.pushed + stream.push_requests
        };
        assert_eq!(
            report.streams.iter().map(written).sum::<u64>(),
            0,
            "{report:#?}"
        );
        assert!(
            records == self.records().await,
            "a further run wrote records"
        );
        assert_eq!(self.writes(), writes, "a further run wrote to Dynamics");
    }

    /// Requests that wrote to Dynamics so far.
    pub(crate) fn writes(&self) -> u64 {
        use dynamics_simulator::Class;
        let requests = self.simulator.requests();
        [Class::Write, Class::Batch]
            .map(|class| requests.of(class))
            .iter()
            .sum()
    }
}

/// Dynamics answers, and cannot.
pub(crate) fn unavailable() -> Effect {
    of_status(503, "")
}

/// Every nth part of a batch is refused for good.
pub(crate) fn refused_parts(every: u32) -> Effect {
    Effect::FailParts {
        every,
        status: 400,
        code: "0x80040265".to_owned(),
        message: String::new(),
    }
}

/// Dynamics refuses it for good.
pub(crate) fn refused() -> Effect {
    of_status(400, "0x80040265")
}

/// The application user may not.
pub(crate) fn forbidden() -> Effect {
    of_status(403, "0x80040220")
}

fn of_status(status: u16, code: &str) -> Effect {
    Effect::Status {
        status,
        code: code.to_owned(),
        message: String::new(),
        retry_after: RetryAfter::default(),
        html: false,
    }
}

/// A stream of which nothing expires.
pub(crate) fn never(_: &Fields, _: bool) -> Hiding {
    Hiding::default()
}
