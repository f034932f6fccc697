//! Judges a copy by the ground truth.
//!
//! It reads the simulator's own rows and works out from the stream file what the app should see at a
//! given time: Dynamics' values, overlaid by what the expiries hide. It shares no code with the sync's
//! reading of rows and its rule of expiry: a mistake there must not be able to hide here.

mod expiry;
mod rows;

use std::fmt;

use dynamics_simulator::Simulator;
use futures::TryStreamExt;
use jiff::Timestamp;
use streams::{Stream, StreamFile};
use sync_store::{Error, Store, Value};

use crate::rows::Rows;

/// How a copy differs from the truth.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Verdict {
    /// Rows that belong to the stream.
    pub expected: usize,
    /// Records that are not tombstones.
    pub found: usize,
    /// Ids of rows without a record.
    pub missing: Vec<String>,
    /// Ids of records without a row.
    pub unexpected: Vec<String>,
    /// Ids and fields that differ.
    pub different: Vec<(String, String)>,
}

impl Verdict {
    /// Whether the copy equals the truth.
    pub fn is_equal(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty() && self.different.is_empty()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_equal() {
            return write!(f, "{} records, all equal to Dynamics", self.found);
        }
        write!(
            f,
            "{} records for {} rows: {} missing, {} too many, {} fields differ",
            self.found,
            self.expected,
            self.missing.len(),
            self.unexpected.len(),
            self.different.len()
        )?;
        let examples = self.missing.iter().chain(&self.unexpected).take(3);
        for id in examples {
            write!(f, "; {id}")?;
        }
        for (id, field) in self.different.iter().take(3) {
            write!(f, "; {id} {field}")?;
        }
        Ok(())
    }
}

/// Compares a stream's records with the simulator's rows as the app should see them at `now`: the time of
/// the run that is judged.
///
/// # Errors
/// When the records cannot be read.
pub async fn judge(
    simulator: &Simulator,
    store: &Store,
    file: &StreamFile,
    stream: &Stream,
    now: Timestamp,
) -> Result<Verdict, Error> {
    let mut truth = shown(simulator, file, stream, now);
    let today = now.to_zoned(file.time_zone.clone()).date();
    let undecided = expiry::undecided(&stream.name, file, today, |by| {
        rows::of(simulator, by, &file.time_zone)
    });
    let may_be = |id: &str, field: &str, found: Option<&Value>| {
        let mut all = undecided.iter();
        all.any(|(of, name, value)| of == id && name == field && found == Some(value))
    };
    let mut verdict = Verdict {
        expected: truth.len(),
        ..Verdict::default()
    };
    let mut records = std::pin::pin!(store.records(&stream.name));
    while let Some(record) = records.try_next().await? {
        verdict.found += 1;
        match truth.remove(&record.id) {
            None => verdict.unexpected.push(record.id),
            Some(row) => {
                let names = row.fields.keys().chain(record.fields.keys());
                let mut different: Vec<_> = names
                    .filter(|name| {
                        let found = record.fields.get(*name);
                        !same(row.fields.get(*name), found) && !may_be(&record.id, name, found)
                    })
                    .map(|name| (record.id.clone(), name.clone()))
                    .collect();
                different.sort();
                different.dedup();
                if row.version != Some(record.version) {
                    different.push((record.id.clone(), "(version)".to_owned()));
                }
                verdict.different.extend(different);
            }
        }
    }
    verdict.missing = truth.into_keys().collect();
    Ok(verdict)
}

/// The rows of a stream as the app should see them at `now`.
fn shown(simulator: &Simulator, file: &StreamFile, stream: &Stream, now: Timestamp) -> Rows {
    let today = now.to_zoned(file.time_zone.clone()).date();
    let mut shown = rows::of(simulator, stream, &file.time_zone);
    expiry::hide(&mut shown, &stream.name, file, today, |by| {
        rows::of(simulator, by, &file.time_zone)
    });
    shown
}

fn same(expected: Option<&Value>, found: Option<&Value>) -> bool {
    match (expected, found) {
        (Some(Value::Number(a)), Some(Value::Number(b))) => digits(a) == digits(b),
        (a, b) => a == b,
    }
}

/// A number without the zeros that change nothing: DynamoDB drops them.
fn digits(number: &str) -> &str {
    if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    }
}
