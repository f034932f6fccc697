//! What may happen to a pull, drawn from a seed: people's edits, faults on the wire, processes that die or
//! run out of time, restores, lost cursors. The same seed draws the same.

use std::time::Duration;

use dynamics_simulator::{Class, Fault, FirstLoadToken, FutureToken, Snapshot};
use jiff::Timestamp;
use serde_json::json;
use sync_engine::{Engine, Limits, Mode, RunReport, RunRequest};
use uuid::Uuid;

use crate::menu;
use crate::random::Random;
use crate::wire::{Cut, Throttle, Wire};
use crate::world::World;

pub(crate) const CONTACTS: &str = "contacts";
pub(crate) const CERTIFICATIONS: &str = "hlf_certifications";

/// A world in which things happen, and what did.
pub(crate) struct Acts {
    pub(crate) world: World,
    pub(crate) random: Random,
    /// What happened, to be told if it ends badly.
    pub(crate) told: Vec<String>,
    /// Rows came to another state without a trace in change tracking: only a walk over all keys, or a
    /// read of the whole table, tells for certain.
    pub(crate) untold: bool,
    backup: Option<Snapshot>,
    runs: u32,
}

impl Acts {
    pub(crate) fn new(world: World, random: Random) -> Self {
        Self {
            world,
            random,
            told: Vec::new(),
            untold: false,
            backup: None,
            runs: 0,
        }
    }

    /// Something happens.
    pub(crate) async fn act(&mut self) {
        match self.random.below(20) {
            0..=3 => self.burst(),
            4 | 5 => self.toggle(),
            6..=8 => self.fault(),
            9 => self.throttle(),
            10..=14 => self.disturbed_run().await,
            15 => self.time_passes(),
            16 => match self.random.below(2) {
                0 => self.switch(),
                _ => self.track(),
            },
            17 => self.backup_or_restore(),
            18 => self.lose_track().await,
            _ => {
                self.told.push("the change tokens expire".into());
                self.world.simulator.expire_change_tokens();
            }
        }
    }

    fn burst(&mut self) {
        let table = self.random.one_of(&[CONTACTS, CERTIFICATIONS]);
        let [creates, updates, deletes] = [3, 6, 3].map(|most| self.random.small(most));
        self.told.push(format!(
            "{table}: {creates} created, {updates} updated, {deletes} deleted"
        ));
        let burst = self.world.simulator.burst(table, creates, updates, deletes);
        burst.unwrap();
    }

    /// Somebody leaves a stream or comes back to it; a certification is renewed or ends.
    fn toggle(&mut self) {
        let contact = self.some_row(CONTACTS);
        let state = self.random.below(2);
        self.write(CONTACTS, contact, &json!({"statecode": state}));
        let certification = self.some_row(CERTIFICATIONS);
        let last = self
            .random
            .one_of(&["2026-11-20", "2026-11-22", "2027-03-31"]);
        let columns =
            json!({"hlf_status": 1, "hlf_validto": last, "_hlf_contactid_value": contact});
        self.write(CERTIFICATIONS, certification, &columns);
        self.told.push(format!(
            "{contact:?} has statecode {state} and {certification:?} ends on {last}"
        ));
    }

    fn write(&self, table: &str, id: Option<Uuid>, columns: &serde_json::Value) {
        let columns = columns.as_object().unwrap().clone();
        if let Some(id) = id {
            self.world.simulator.update(table, id, columns).unwrap();
        }
    }

    fn some_row(&mut self, table: &str) -> Option<Uuid> {
        let ids = ids(&self.world, table);
        (!ids.is_empty()).then(|| self.random.one_of(&ids))
    }

    fn fault(&mut self) {
        let table = self.random.one_of(&[CONTACTS, CERTIFICATIONS]);
        let id = self.some_row(table).unwrap_or_default();
        let effect = menu::any(&mut self.random, table, id);
        let (skip, times) = (self.random.small(4), 1 + self.random.small(6));
        self.told
            .push(format!("{table}: {effect:?}, {times} times after {skip}"));
        let fault = Fault::on(Class::Read, effect).table(table);
        self.world.simulator.inject(fault.after(skip).times(times));
    }

    fn throttle(&mut self) {
        let (one_in, left) = (1 + self.random.below(4), self.random.below(200));
        self.told.push(format!(
            "DynamoDB takes one write in {one_in}, for {left} writes"
        ));
        self.world.throttle = Throttle::all_but_one_in(one_in, left);
    }

    /// A run that is killed, or has little time, or neither.
    async fn disturbed_run(&mut self) {
        let cut = match (self.random.below(3), 1 + self.random.below(250)) {
            (0, _) => Cut::Never,
            (1, call) => Cut::Before(call),
            (_, call) => Cut::After(call),
        };
        let seconds = self.random.one_of(&[0, 0, 1, 3, 10]);
        let mode = self.random.one_of(&[
            Mode::Delta,
            Mode::Delta,
            Mode::Delta,
            Mode::Full,
            Mode::Reconcile,
        ]);
        // Sometimes the run before is continued.
        self.runs += u32::from(self.random.below(3) > 0);
        let run_id = format!("run-{}", self.runs);
        let wire = Wire::new(cut);
        let clock = self.world.clock.clone();
        let each_takes = Duration::from_secs(seconds);
        let process = self.process(wire.clone(), move |_| clock.advance(each_takes));
        let deadline = match seconds {
            0 => Timestamp::MAX,
            _ => self.world.in_seconds(70),
        };
        let request = request(&run_id, mode);
        let ended = tokio::select! {
            report = process.run(&request, deadline, &|_| {}) => format!("{:?}", report.unwrap().status),
            () = wire.died() => "killed".into(),
        };
        self.told.push(format!(
            "{run_id}, {mode:?}, {cut:?}, {seconds} s a request: {ended}"
        ));
    }

    fn process(&self, wire: Wire, after_each: impl Fn(u64) + Send + Sync + 'static) -> Engine {
        Engine {
            limits: Limits {
                streams: 1,
                writes: 1,
            },
            ..self.world.process_on(wire, self.world.config(), after_each)
        }
    }

    fn time_passes(&mut self) {
        let hours = self.random.one_of(&[1, 24, 24, 60]);
        self.told.push(format!("{hours} hours pass"));
        self.world
            .clock
            .advance(Duration::from_secs(hours * 60 * 60));
    }

    fn switch(&mut self) {
        let token = self
            .random
            .one_of(&[FirstLoadToken::Start, FirstLoadToken::End]);
        let future = self
            .random
            .one_of(&[FutureToken::EmptyDelta, FutureToken::Expired]);
        let status = self.random.one_of(&[400, 410]);
        let overlap = self.random.small(3);
        let without_link = self.random.below(2) == 0;
        self.world.simulator.switch(|switches| {
            switches.first_load_token = token;
            switches.future_token = future;
            switches.expired_token_status = status;
            switches.page_overlap = overlap;
            switches.omit_link_of_empty_delta = without_link;
        });
        self.told.push(format!(
            "{:?}",
            (token, future, status, overlap, without_link)
        ));
    }

    /// Change tracking goes on or off.
    fn track(&mut self) {
        let table = self.random.one_of(&[CONTACTS, CERTIFICATIONS]);
        let off = self.random.below(2) == 0;
        self.told
            .push(format!("{table}: change tracking is off: {off}"));
        self.world.simulator.switch(|switches| match off {
            true => drop(switches.untracked.insert(table.into())),
            false => drop(switches.untracked.remove(table)),
        });
    }

    /// Deletes of a table without change tracking are told by a walk over all keys, once a night.
    pub(crate) fn only_keys_tell(&self) -> bool {
        self.untold || !self.world.simulator.switches().untracked.is_empty()
    }

    fn backup_or_restore(&mut self) {
        let simulator = &self.world.simulator;
        match self.backup.take() {
            None => {
                self.told.push("a backup is made".into());
                self.backup = Some(simulator.snapshot());
            }
            Some(backup) => {
                self.told.push("the backup is restored".into());
                simulator.restore(backup);
                self.untold = true;
            }
        }
    }

    /// The cursor is lost, or the environment becomes a copy with another id.
    async fn lose_track(&mut self) {
        if self.random.below(2) == 0 {
            let stream = self.random.one_of(&["members", "certifications"]);
            self.told.push(format!("the cursor of {stream} is lost"));
            self.world.forget_cursor(stream).await;
        } else {
            self.told
                .push("the environment is a copy with another id".into());
            let id = Uuid::from_u128(self.random.below(u64::MAX).into());
            self.world.simulator.set_organization_id(id);
        }
    }

    /// Faults end, and what was held is free again. The switches stay: they are no faults.
    pub(crate) fn calm(&mut self) {
        self.world.simulator.clear_faults();
        self.world.throttle = Throttle::default();
        self.world.clock.advance(Duration::from_secs(91));
    }

    /// A run that nothing disturbs.
    pub(crate) async fn quiet_run(&mut self, mode: Mode) -> RunReport {
        self.runs += 1;
        let request = request(&format!("run-{}", self.runs), mode);
        let process = self.process(Wire::new(Cut::Never), |_| {});
        let report = process
            .run(&request, Timestamp::MAX, &|_| {})
            .await
            .unwrap();
        let told = report.streams.iter().map(|stream| {
            let (status, reason, notes) = (stream.status, &stream.reason, &stream.notes);
            format!("{} {status:?} {reason:?} {notes:?}", stream.name)
        });
        let told: Vec<_> = told.collect();
        self.told.push(format!(
            "{}, {mode:?}, undisturbed: {}",
            report.run_id,
            told.join("; ")
        ));
        report
    }

    /// A person looks at what the guard stopped, and lets it happen.
    pub(crate) async fn release(&mut self, stream: &str) {
        let guarded = self
            .world
            .store
            .release_guard(stream, sync_store::Guard::Vanishing)
            .await
            .unwrap();
        self.told.push(format!("{stream} is released: {guarded:?}"));
    }
}

fn request(run_id: &str, mode: Mode) -> RunRequest {
    RunRequest {
        mode,
        ..RunRequest::new(run_id)
    }
}

fn ids(world: &World, table: &str) -> Vec<Uuid> {
    let key = match table {
        CONTACTS => "contactid",
        _ => "hlf_certificationid",
    };
    let rows = world.simulator.truth(table).unwrap();
    rows.map(|row| row[key].as_str().unwrap().parse().unwrap())
        .collect()
}
