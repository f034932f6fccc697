//! What people do in the simulated Dynamics.
//!
//! Never in here: the copy.

use anyhow::{Context, ensure};
use clock::{Clock, SystemClock};
use dynamics_simulator::TruthRow;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::app::{HandedIn, Rows};
use super::stage::Stage;
use crate::arguments::Population;

const CERTIFICATIONS: &str = "hlf_certifications";
/// So many certifications run out, where there are enough.
const RUN_OUT_MAX: u64 = 25;
const ACTIVE: i64 = 1;
const EXPIRED: i64 = 2;

pub(super) struct Office<'a> {
    stage: &'a Stage,
    contacts: u64,
    certifications: u64,
    pub(super) today: Date,
}

impl<'a> Office<'a> {
    /// The office at the beginning: a third of the certifications is valid, whatever the day, and those that
    /// ran out long ago are known to have.
    pub(super) fn open(stage: &'a Stage, population: &Population) -> anyhow::Result<Self> {
        let zone = stage.engine.streams.time_zone.clone();
        let office = Self {
            stage,
            contacts: population.contacts,
            certifications: population.certifications,
            today: SystemClock.now().to_zoned(zone).date(),
        };
        let next_year = office.next_year()?;
        let rows: Vec<TruthRow> = stage.simulator.truth(CERTIFICATIONS)?.collect();
        for (number, row) in rows.iter().enumerate() {
            let values = if number % 3 == 0 {
                json!({"hlf_status": ACTIVE, "hlf_validto": next_year, "hlf_portalvisible": true})
            } else if office.is_over(row) && row.get("hlf_status") != Some(&json!(3)) {
                json!({"hlf_status": EXPIRED, "hlf_portalvisible": false})
            } else {
                continue;
            };
            office.edit(CERTIFICATIONS, text(row, "hlf_certificationid")?, values)?;
        }
        Ok(office)
    }

    /// A night's worth of changes, and how many per table.
    pub(super) fn burst(&self) -> anyhow::Result<(u32, u32)> {
        let burst = |table, of: u64, [created, updated, deleted]: [u64; 3]| {
            let part = |one_in: u64| u32::try_from((of / one_in).max(1)).unwrap_or(u32::MAX);
            let simulator = &self.stage.simulator;
            simulator.burst(table, part(created), part(updated), part(deleted))
        };
        let contacts = burst("contacts", self.contacts, [160, 65, 500])?;
        let certifications = burst(CERTIFICATIONS, self.certifications, [100, 33, 200])?;
        let sum = |b: dynamics_simulator::BurstSummary| b.created + b.updated + b.deleted;
        Ok((sum(contacts), sum(certifications)))
    }

    /// Makes yesterday the last valid day of some certifications, and tells which.
    pub(super) fn run_out(&self) -> anyhow::Result<Vec<String>> {
        let yesterday = self.today.yesterday()?.to_string();
        let count = (self.certifications / 80).clamp(4, RUN_OUT_MAX);
        let valid = self.valid()?;
        let over: Vec<String> = valid.into_iter().take(usize::try_from(count)?).collect();
        for id in &over {
            self.edit(CERTIFICATIONS, id, json!({"hlf_validto": yesterday}))?;
        }
        Ok(over)
    }

    /// Half of these.
    pub(super) fn half(&self, of: &[String]) -> Vec<String> {
        of.iter().take(of.len().div_ceil(2)).cloned().collect()
    }

    /// Rows for the app to change, none of them among those that ran out.
    pub(super) fn for_the_app(&self, over: &[String]) -> anyhow::Result<Rows> {
        let mut valid = self.valid()?.into_iter();
        let mut next = || {
            valid
                .find(|id| !over.contains(id))
                .context("too few are valid")
        };
        let is_member = |row: &TruthRow| {
            row.get("statecode") == Some(&json!(0))
                && row.get("emailaddress1").is_some_and(Value::is_string)
        };
        let mut members = self.stage.simulator.truth("contacts")?.filter(is_member);
        let mut member = || {
            let row = members.next().context("too few have an e-mail address")?;
            text(&row, "contactid").map(str::to_owned)
        };
        Ok(Rows {
            suspended: next()?,
            refused: next()?,
            held: next()?,
            newer_in_app: member()?,
            newer_in_dynamics: member()?,
        })
    }

    /// New telephone numbers in Dynamics, before the app enters its own.
    pub(super) fn change_telephones(&self, rows: &Rows) -> anyhow::Result<()> {
        for id in [&rows.newer_in_app, &rows.newer_in_dynamics] {
            self.edit("contacts", id, json!({"telephone1": IN_DYNAMICS}))?;
        }
        Ok(())
    }

    /// Comments on some that were renewed, and on one that the app comments on too. Tells on how many of
    /// the former.
    pub(super) fn comment_on(&self, changes: &HandedIn) -> anyhow::Result<usize> {
        let commented = changes.commented();
        for id in commented.iter().chain([&changes.held.row]) {
            self.edit(CERTIFICATIONS, id, json!({"hlf_comment": COMMENT}))?;
        }
        Ok(commented.len())
    }

    pub(super) fn certification(&self, id: &str) -> anyhow::Result<TruthRow> {
        self.stage.row(CERTIFICATIONS, id)
    }

    pub(super) fn next_year(&self) -> anyhow::Result<String> {
        Ok(self.today.checked_add(1.year())?.to_string())
    }

    /// Certifications that are active, visible, and not over for long.
    fn valid(&self) -> anyhow::Result<Vec<String>> {
        let next_year = json!(self.next_year()?);
        let is_valid = |row: &TruthRow| {
            row.get("hlf_status") == Some(&json!(ACTIVE))
                && row.get("hlf_validto") == Some(&next_year)
                && row.get("hlf_portalvisible") == Some(&json!(true))
        };
        let rows = self.stage.simulator.truth(CERTIFICATIONS)?.filter(is_valid);
        rows.map(|row| text(&row, "hlf_certificationid").map(str::to_owned))
            .collect()
    }

    fn is_over(&self, row: &TruthRow) -> bool {
        let last = row.get("hlf_validto").and_then(Value::as_str);
        last.and_then(|last| last.parse::<Date>().ok())
            .is_some_and(|last| last < self.today)
    }

    fn edit(&self, table: &str, id: &str, values: Value) -> anyhow::Result<()> {
        let values: Map<String, Value> = serde_json::from_value(values)?;
        let found = self.stage.simulator.update(table, id.parse()?, values)?;
        ensure!(found, "row {id} is gone from Dynamics");
        Ok(())
    }
}

/// What is written in Dynamics.
pub(super) const COMMENT: &str = "Has moved to Bergen.";
pub(super) const IN_DYNAMICS: &str = "+47 55 00 00 01";

/// The text in a column that has one.
pub(super) fn text<'r>(row: &'r TruthRow, column: &str) -> anyhow::Result<&'r str> {
    let text = row.get(column).and_then(Value::as_str);
    text.with_context(|| format!("a row without {column}"))
}
