//! Four runs in which everything happens that a run can be interrupted in: a first load with its overlap,
//! a delta, an expired token with the sweep after it, and a walk over all keys; and a row that cannot be
//! read from the second run to the last.

use aws_sdk_dynamodb::types::AttributeValue;
use dynamics_simulator::{Class, Effect, Fault, Options};
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use sync_engine::{Engine, Limits, Mode, RunReport, RunRequest, RunStatus};
use uuid::Uuid;

use crate::wire::Wire;
use crate::world::World;

const STREAM: &str = r#"
[[stream]]
name  = "certifications"
table = "hlf_certifications"
key   = ["hlf_mentorcode"]
where = { hlf_portalvisible = true }
[stream.fields]
mentor_code = "hlf_mentorcode"
status      = { column = "hlf_status", choice = { active = 1, expired = 2, suspended = 3 } }
valid_to    = { column = "hlf_validto", type = "date" }
comment     = "hlf_comment"
[stream.expiry]
date = "valid_to"
from = { status = "active" }
set  = { status = "expired" }
"#;

const TABLE: &str = "hlf_certifications";

/// One run of the scenario.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    Load,
    Delta,
    /// The change token expires, and with it what happened before the whole table is read again.
    Again,
    /// The keys are walked, and the row that could not be read becomes readable.
    Keys,
}

pub(crate) const STEPS: [Step; 4] = [Step::Load, Step::Delta, Step::Again, Step::Keys];

/// So many rows in so many pages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) rows: u64,
    pub(crate) page: u32,
}

pub(crate) async fn world(size: Size) -> World {
    let options = Options {
        contacts: 1,
        certifications: size.rows,
        accounts: 0,
        users: 3,
        page_size_max: size.page,
        ..Options::default()
    };
    World::of(options, &[STREAM]).await
}

impl Step {
    pub(crate) fn run_id(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// One invocation, one write at a time, so that the same invocation always makes the same calls.
    pub(crate) async fn run(self, world: &World, wire: &Wire, run_id: &str) -> RunReport {
        let limits = Limits {
            streams: 1,
            writes: 1,
        };
        let process = Engine {
            limits,
            ..world.process_on(wire.clone(), world.config(), |_| {})
        };
        let mode = match self {
            Self::Keys => Mode::Reconcile,
            _ => Mode::Delta,
        };
        let request = RunRequest {
            mode,
            ..RunRequest::new(run_id)
        };
        process
            .run(&request, Timestamp::MAX, &|_| {})
            .await
            .unwrap()
    }

    /// One invocation that must leave the stream up to date.
    pub(crate) async fn complete(self, world: &World, wire: &Wire, run_id: &str) -> RunReport {
        let report = self.run(world, wire, run_id).await;
        assert_eq!(report.status, RunStatus::Complete, "{report:#?}");
        report
    }

    /// What people do in Dynamics before the run, and what befalls the copy.
    pub(crate) async fn prepare(self, world: &World) {
        let rows = Rows::of(world);
        match self {
            Self::Load => rows.change(0, json!({"hlf_comment": "just before the load"})),
            Self::Delta => {
                world.next_night();
                rows.change(1, json!({"hlf_comment": "changed"}));
                rows.change(2, json!({"hlf_status": 1, "hlf_validto": "2026-11-20"}));
                rows.change(3, json!({"hlf_portalvisible": false}));
                rows.change(SPOILED, json!({"hlf_comment": "cannot be read"}));
                rows.delete(5);
                rows.delete(6);
                world.simulator.burst(TABLE, 2, 0, 0).unwrap();
            }
            Self::Again => {
                world.next_night();
                rows.delete(1);
                rows.change(2, json!({"hlf_validto": "2027-11-20"}));
                world.simulator.expire_change_tokens();
            }
            Self::Keys => {
                world.next_night();
                rows.change_all(&json!({"hlf_portalvisible": true}));
                lose_record(world, rows.ids[0]).await;
            }
        }
    }

    /// What people do in Dynamics after the run died: also a row that it may have stored is deleted.
    pub(crate) fn meanwhile(self, world: &World) {
        let rows = Rows::of(world);
        rows.change(2, json!({"hlf_comment": "meanwhile"}));
        rows.delete(match self {
            Self::Load | Self::Keys => 1,
            Self::Delta | Self::Again => 0,
        });
    }

    /// The faults of the run, which no snapshot holds.
    pub(crate) fn spoil(self, world: &World) {
        world.simulator.clear_faults();
        if let Some(id) = self.spoiled(world) {
            let effect = Effect::ReplaceValue {
                id,
                property: "hlf_status".into(),
                value: json!(99),
            };
            let fault = Fault::on(Class::Read, effect).table(TABLE);
            world.simulator.inject(fault.times(u32::MAX));
        }
    }

    /// The row that cannot be read in this run.
    pub(crate) fn spoiled(self, world: &World) -> Option<Uuid> {
        matches!(self, Self::Delta | Self::Again).then(|| Rows::of(world).spoiled())
    }
}

/// Whose row cannot be read for a while, by its place among the rows of the first load.
const SPOILED: usize = 4;
/// By this comment its row is known later.
const SPOILED_COMMENT: &str = "cannot be read";

/// The table's rows that belong to the stream, in the order of their keys.
struct Rows<'a> {
    world: &'a World,
    all: Vec<Json>,
    ids: Vec<Uuid>,
}

impl<'a> Rows<'a> {
    fn of(world: &'a World) -> Self {
        let rows = world.simulator.truth(TABLE).unwrap().map(Json::Object);
        let all: Vec<Json> = rows.collect();
        let members = all.iter().filter(|row| row["hlf_portalvisible"] == true);
        let ids = members.map(id).collect();
        Self { world, all, ids }
    }

    fn change(&self, place: usize, columns: Json) {
        self.write(self.ids[place], &columns);
    }

    /// Every row comes back to the stream.
    fn change_all(&self, columns: &Json) {
        for row in self.all.iter().filter(|row| !self.ids.contains(&id(row))) {
            self.write(id(row), columns);
        }
    }

    fn write(&self, id: Uuid, columns: &Json) {
        let columns = columns.as_object().unwrap().clone();
        assert!(self.world.simulator.update(TABLE, id, columns).unwrap());
    }

    fn delete(&self, place: usize) {
        assert!(self.world.simulator.delete(TABLE, self.ids[place]).unwrap());
    }

    fn spoiled(&self) -> Uuid {
        let is_spoiled = |row: &&Json| row["hlf_comment"] == SPOILED_COMMENT;
        id(self.all.iter().find(is_spoiled).unwrap())
    }
}

fn id(row: &Json) -> Uuid {
    row["hlf_certificationid"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

/// A record is gone from the copy, and neither Dynamics nor the cursor knows.
async fn lose_record(world: &World, id: Uuid) {
    let id = id.to_string();
    let lost = world
        .dynamodb()
        .delete_item()
        .table_name("records")
        .key(
            "pk",
            AttributeValue::S(format!("certifications#{}", &id[..1])),
        )
        .key("id", AttributeValue::S(id))
        .return_values(aws_sdk_dynamodb::types::ReturnValue::AllOld)
        .send();
    assert!(lost.await.unwrap().attributes.is_some(), "it was not there");
}
