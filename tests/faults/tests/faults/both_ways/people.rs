//! What people do in Dynamics: they make rows, edit them, suspend, renew, deactivate and delete.

use clock::Clock;
use jiff::ToSpan;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::scene::Scene;
use super::streams::{ACTIVE, EXPIRED, Of, RowId, SUSPENDED};

impl Scene {
    pub(super) async fn person_acts(&mut self) {
        self.observe().await;
        match self.random.below(12) {
            0 => match self.random.below(3) {
                0 => self.create_member().await,
                _ => self.create_certification().await,
            },
            1 => self.delete_row().await,
            2 => self.leave_or_return().await,
            _ => self.edit_row().await,
        }
    }

    async fn edit_row(&mut self) {
        let of = self.some_stream();
        let Some(row) = self.some_row(of) else { return };
        let (mut columns, mut fields) = (Map::new(), Vec::new());
        for (field, property) in of.fields() {
            if *field != of.key() && self.random.below(3) == 0 {
                columns.insert((*property).to_owned(), self.some_value(field, "theirs"));
                fields.push((*field).to_owned());
            }
        }
        if !fields.is_empty() {
            self.tell(format!("a person changes {row:?}: {columns:?}"));
            self.edit(&row, columns, &fields).await;
        }
    }

    async fn edit(&mut self, (of, id): &RowId, columns: Map<String, Json>, fields: &[String]) {
        let there = self.world.simulator.update(of.table(), uuid(id), columns);
        assert!(there.unwrap());
        self.acted().await;
        let row = (*of, id.clone());
        let version = self.last.rows[&row].version;
        self.log.edit(&row, fields, version, self.world.clock.now());
    }

    pub(super) async fn create_member(&mut self) {
        let email = self.some_email();
        let name = self.some_value("first_name", "theirs");
        let row = json!({
            "emailaddress1": email, "firstname": name, "lastname": "Nordmann", "donotemail": true
        });
        self.create(Of::Members, &row).await;
    }

    pub(super) async fn create_certification(&mut self) {
        let code = self.some_code();
        // Dynamics keeps the codes unique.
        if !self.last.with_key(Of::Certifications, &code).is_empty() {
            return;
        }
        let mentor = self.some_value("mentor", "");
        let last_day = self.some_value("valid_to", "");
        let row = json!({
            "hlf_mentorcode": code, "hlf_status": 1, "hlf_validto": last_day,
            "hlf_portalvisible": true, "_hlf_contactid_value": mentor
        });
        self.create(Of::Certifications, &row).await;
    }

    async fn create(&mut self, of: Of, row: &Json) {
        let columns = row.as_object().unwrap().clone();
        let id = self.world.simulator.create(of.table(), columns).unwrap();
        self.tell(format!("a person makes {of:?} {id}: {row}"));
        self.acted().await;
        let row = (of, id.to_string());
        let fields: Vec<String> = of.fields().iter().map(|(name, _)| (*name).into()).collect();
        let version = self.last.rows[&row].version;
        self.log
            .edit(&row, &fields, version, self.world.clock.now());
    }

    async fn delete_row(&mut self) {
        let of = self.some_stream();
        let Some(row) = self.some_row(of) else { return };
        self.tell(format!("a person deletes {row:?}"));
        let deleted = self.world.simulator.delete(of.table(), uuid(&row.1));
        assert!(deleted.unwrap());
        self.log.gone.insert(row);
        self.acted().await;
    }

    /// A member leaves the stream's `where`, or comes back.
    async fn leave_or_return(&mut self) {
        let Some(row) = self.some_row(Of::Members) else {
            return;
        };
        let state = i64::from(self.last.rows[&row].active);
        self.tell(format!("a person gives {row:?} the statecode {state}"));
        let columns = json!({ "statecode": state }).as_object().unwrap().clone();
        self.edit(&row, columns, &[]).await;
    }

    pub(super) fn some_stream(&mut self) -> Of {
        self.random
            .one_of(&[Of::Members, Of::Certifications, Of::Certifications])
    }

    pub(super) fn some_row(&mut self, of: Of) -> Option<RowId> {
        let rows = self.last.rows.keys().filter(|row| row.0 == of);
        let rows: Vec<RowId> = rows.cloned().collect();
        (!rows.is_empty()).then(|| self.random.one_of(&rows))
    }

    pub(super) fn some_email(&mut self) -> String {
        format!("p{}@example.no", self.random.below(8))
    }

    pub(super) fn some_code(&mut self) -> String {
        format!("M-{}", self.random.below(8))
    }

    /// A value of a field as Dynamics has it; texts tell whose they are.
    pub(super) fn some_value(&mut self, field: &str, whose: &str) -> Json {
        match field {
            "shown" | "visible" => json!(self.random.below(2) == 0),
            "status" => json!(self.random.one_of(&[ACTIVE, ACTIVE, EXPIRED, SUSPENDED])),
            "valid_to" => {
                let days = self.random.one_of(&[-1, 0, 0, 1, 1, 7, 365, 365, -400]);
                match days {
                    -400 => Json::Null,
                    days => json!(self.today().checked_add(days.days()).unwrap().to_string()),
                }
            }
            "mentor" => match self.some_row(Of::Members) {
                Some((_, id)) if self.random.below(6) > 0 => json!(id),
                _ => Json::Null,
            },
            "comment" | "last_name" if self.random.below(6) == 0 => Json::Null,
            // Sometimes both sides say the same.
            _ if self.random.below(5) == 0 => json!("agreed"),
            _ => json!(format!("{whose} {}", self.number())),
        }
    }
}

fn uuid(id: &str) -> Uuid {
    id.parse().unwrap()
}
