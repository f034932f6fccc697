//! What the app does: it hands changes in through the real door, some twice, and sometimes the process that
//! takes them in dies; and what people decide about changes.

use changes::Changes;
use clock::Clock;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

use super::log::{Handed, Named, Sight};
use super::moment::Moment;
use super::scene::Scene;
use super::streams::{Of, in_dynamics};
use crate::wire::{Cut, Wire};

/// A change that the app may have to hand in again.
#[derive(Clone, Debug)]
pub(super) struct Owed {
    idempotency_key: String,
    body: Json,
    of: Of,
}

impl Scene {
    /// One change, or several of the same row.
    pub(super) async fn app_hands_in(&mut self) {
        let of = self.some_stream();
        let key = self.some_key(of);
        for _ in 0..self.random.one_of(&[1, 1, 1, 2, 3]) {
            let owed = Owed {
                idempotency_key: format!("key-{}", self.number()),
                body: self.some_body(of, &key),
                of,
            };
            self.hand_in(owed).await;
        }
    }

    /// The app never got an answer, or asks again although it did.
    pub(super) async fn app_hands_in_again(&mut self) {
        if self.owed.is_empty() {
            return;
        }
        let place = usize::try_from(self.random.below(self.owed.len() as u64)).unwrap();
        let owed = self.owed.remove(place);
        self.hand_in(owed).await;
    }

    async fn hand_in(&mut self, owed: Owed) {
        self.observe().await;
        let cut = self.some_cut(8);
        let wire = Wire::new(cut);
        let changes = self.changes(&wire);
        let body = owed.body.to_string();
        let accepting = changes.accept("app", &owed.idempotency_key, body.as_bytes());
        let answer = tokio::select! {
            answer = accepting => Some(answer),
            () = wire.died() => None,
        };
        let before = std::mem::take(&mut self.last);
        self.acted().await;
        assert_eq!(
            before.rows, self.last.rows,
            "taking a change in changed Dynamics"
        );
        let sight = sight(&owed, &before);
        let is_new = |id: &&String| !before.changes.contains_key(*id);
        let new: Vec<String> = self.last.changes.keys().filter(is_new).cloned().collect();
        assert!(new.len() <= 1, "one change became several: {new:?}");
        for id in new.iter().cloned() {
            let mut handed = self.handed(&owed);
            handed.sights.push(sight.clone());
            self.log.handed.insert(id, handed);
        }
        let told = match &answer {
            None => format!("its process dies ({cut:?}); stored: {new:?}"),
            Some(Err(problem)) => format!("{problem}; stored: {new:?}"),
            Some(Ok(change)) => format!("{} {}", change.wanted.id, change.sequence),
        };
        self.tell(format!(
            "the app hands in {}: {body}: {told}",
            owed.idempotency_key
        ));
        match answer {
            Some(Ok(change)) => {
                let id = &change.wanted.id;
                let handed = self.log.handed.get_mut(id).unwrap();
                if handed.acknowledged {
                    assert!(new.is_empty(), "the same change was taken in twice");
                }
                handed.acknowledged = true;
                // It may ask again.
                if self.random.below(8) == 0 {
                    self.owed.push(owed);
                }
            }
            Some(Err(problem)) if problem.kind().status().as_u16() != 503 => {
                panic!("a good change was not taken in: {problem:?} {body}")
            }
            _ => self.owed.push(owed),
        }
    }

    pub(super) fn changes(&self, wire: &Wire) -> Changes {
        let store = self.world.store_on(wire.clone());
        let clock = Arc::new(self.world.clock.clone());
        Changes::new(store, self.world.streams.clone(), clock)
    }

    fn handed(&self, owed: &Owed) -> Handed {
        let fields = owed.body["fields"].as_object();
        let fields = fields.into_iter().flatten();
        let of_field = |(name, value): (&String, &Json)| (name.clone(), in_dynamics(name, value));
        let now = self.world.clock.now();
        let changed_at = owed.body["changed_at"].as_str();
        Handed {
            operation: owed.body["operation"].as_str().unwrap().to_owned(),
            key: owed.named(),
            fields: fields.map(of_field).collect(),
            changed_at: changed_at.map_or(now, |at| at.parse().unwrap()),
            sights: Vec::new(),
            forced: false,
            acknowledged: false,
        }
    }

    /// A key of a row that is there, or was, or never was.
    fn some_key(&mut self, of: Of) -> Json {
        let row = self.some_row(of);
        match (self.random.below(8), row) {
            (0, _) => json!({ "id": Uuid::from_u128(self.random.below(u64::MAX).into()) }),
            (1, _) if !self.log.gone.is_empty() => {
                let gone = self.log.gone.iter().filter(|row| row.0 == of);
                let gone: Vec<_> = gone.cloned().collect();
                match gone.is_empty() {
                    true => json!({ "id": Uuid::from_u128(1) }),
                    false => json!({ "id": self.random.one_of(&gone).1 }),
                }
            }
            (2 | 3, Some((_, id))) => json!({ "id": id }),
            (4 | 5, Some(row)) => {
                let key = self.last.rows[&row].values[of.key()]
                    .as_str()
                    .unwrap_or("M-0");
                let key = match self.random.below(2) {
                    0 => key.to_owned(),
                    _ => key.to_uppercase(),
                };
                json!({ of.key(): key })
            }
            (_, _) if of == Of::Members => json!({ "email": self.some_email() }),
            (_, _) => json!({ "mentor_code": self.some_code() }),
        }
    }

    fn some_body(&mut self, of: Of, key: &Json) -> Json {
        let operation = self.random.one_of(&[
            "upsert", "upsert", "upsert", "update", "update", "update", "update", "create",
            "delete",
        ]);
        let mut body = json!({ "stream": of.stream(), "operation": operation, "key": key });
        if self.random.below(4) == 0 {
            let before = Duration::from_secs(60 * self.random.below(3_000));
            let at = self.world.clock.now().checked_sub(before).unwrap();
            body["changed_at"] = json!(at.to_string());
        }
        if operation == "delete" {
            return body;
        }
        let mut fields = Map::new();
        while fields.is_empty() {
            for (name, _) in of.fields() {
                if *name != of.key() && self.random.below(3) == 0 {
                    fields.insert((*name).to_owned(), self.some_wish(name));
                }
            }
        }
        // A renewal.
        if of == Of::Certifications && self.random.below(4) == 0 {
            fields.insert("status".into(), json!("active"));
            fields.insert("valid_to".into(), json!("2028-03-31"));
        }
        // A row that is created by a GUID of its own has a key too.
        let id = key["id"].as_str().map(|id| (of, id.to_owned()));
        if operation != "update" && id.is_some_and(|row| !self.last.rows.contains_key(&row)) {
            let key = format!("new-{}", self.number());
            fields.insert(of.key().to_owned(), json!(key));
        }
        body["fields"] = Json::Object(fields);
        body
    }

    /// A value of a field as the app says it.
    fn some_wish(&mut self, field: &str) -> Json {
        match (field, self.some_value(field, "ours")) {
            ("mentor", Json::String(_)) if self.random.below(3) == 0 => {
                json!({ "email": self.some_email() })
            }
            ("comment", _) if self.random.below(25) == 0 => json!("too long ".repeat(200)),
            ("status", number) => match number.as_i64() {
                Some(1) => json!("active"),
                Some(2) => json!("expired"),
                _ => json!("suspended"),
            },
            (_, value) => value,
        }
    }

    pub(super) fn some_cut(&mut self, calls: u64) -> Cut {
        match (self.random.below(8), 1 + self.random.below(calls)) {
            (0, call) => Cut::Before(call),
            (1, call) => Cut::After(call),
            _ => Cut::Never,
        }
    }
}

impl Owed {
    fn named(&self) -> Named {
        let key = self.body["key"].as_object().unwrap();
        let (name, value) = key.iter().next().unwrap();
        let value = value.as_str().unwrap().to_owned();
        match name.as_str() {
            "id" => Named::Id(value),
            _ => Named::Key(value),
        }
    }
}

/// What the app sees of the row when it hands the change in.
fn sight(owed: &Owed, before: &Moment) -> Option<Sight> {
    match owed.named() {
        Named::Id(id) => before.sight(&(owed.of, id)),
        Named::Key(key) => before.sight(before.record_with_key(owed.of, &key)?),
    }
}

impl Moment {
    pub(super) fn sight(&self, row: &super::streams::RowId) -> Option<Sight> {
        let record = self.records.get(row)?;
        Some(Sight {
            version: record.version,
            dynamics: record.dynamics.clone(),
            shown: record.shown.clone(),
        })
    }
}
