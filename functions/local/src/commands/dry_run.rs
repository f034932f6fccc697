//! `dynamics-sync sync --dry-run`: what a run would write, row by row and field by field, with the values.
//! It is the terminal of somebody who decides whether it shall.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use changes::Shown;
use jiff::Timestamp;
use serde::Serialize;
use sync_engine::{Difference, Engine, RunReport, RunRequest, Side, What};
use sync_store::Value;

use crate::summary;
use crate::telling::Telling;
use crate::{width, words};

/// Tells it as it is found; nothing is kept.
pub(crate) async fn run(
    engine: &Engine,
    request: &RunRequest,
    as_json: bool,
    telling: Telling,
) -> anyhow::Result<RunReport> {
    let first = Mutex::new(true);
    let tell = |difference: Difference| {
        if as_json {
            // Members of an array that is still open.
            let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
            let before = if std::mem::take(&mut *first) { "" } else { "," };
            match serde_json::to_string(&Told::of(&difference)) {
                Ok(told) => anstream::println!("{before}{told}"),
                Err(error) => anstream::eprintln!("{error}"),
            }
        } else {
            print(&difference);
        }
    };
    if as_json {
        anstream::println!("{{\"differences\": [");
    }
    let report = engine.dry_run(request, Timestamp::MAX, &tell).await?;
    if as_json {
        anstream::println!(
            "], \"report\": {}}}",
            serde_json::to_string_pretty(&report)?
        );
    } else {
        summary::print(&report, telling);
    }
    Ok(report)
}

fn print(difference: &Difference) {
    let Difference {
        stream,
        row,
        side,
        what,
    } = difference;
    let place = match side {
        Side::Copy => "the copy",
        Side::Dynamics => "Dynamics",
    };
    let head = |outcome: &str| anstream::println!("{stream} {row}: {outcome} in {place}");
    match what {
        What::Created(fields) => {
            head("new");
            for (name, value) in fields.iter().filter(|(_, value)| **value != Value::Null) {
                anstream::println!("    {name}: {}", words::shortened(value));
            }
        }
        What::Changed(fields) => {
            head("changed");
            for (name, (from, to)) in fields {
                let (from, to) = (words::shortened(from), words::shortened(to));
                anstream::println!("    {name}: {from} -> {to}");
            }
        }
        What::Removed => head("removed"),
        What::Hidden => head("hidden, because its last valid day is over,"),
        What::Shown => head("shown again"),
        What::Left(why) => {
            head("nothing");
            anstream::println!("{}", width::wrapped(why, "    "));
        }
    }
}

/// A difference as JSON.
#[derive(Serialize)]
struct Told<'a> {
    stream: &'a str,
    row: &'a str,
    side: &'static str,
    what: Outcome<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome<'a> {
    Created(BTreeMap<&'a str, Shown<'a>>),
    Changed(BTreeMap<&'a str, FromTo<'a>>),
    Removed,
    Hidden,
    Shown,
    Left(&'a str),
}

#[derive(Serialize)]
struct FromTo<'a> {
    from: Shown<'a>,
    to: Shown<'a>,
}

impl<'a> Told<'a> {
    fn of(difference: &'a Difference) -> Self {
        let what = match &difference.what {
            What::Created(fields) => {
                let value = |(name, value): (&'a String, &'a Value)| (name.as_str(), Shown(value));
                Outcome::Created(fields.iter().map(value).collect())
            }
            What::Changed(fields) => {
                let change = |(name, (from, to)): (&'a String, &'a (Value, Value))| {
                    let (from, to) = (Shown(from), Shown(to));
                    (name.as_str(), FromTo { from, to })
                };
                Outcome::Changed(fields.iter().map(change).collect())
            }
            What::Removed => Outcome::Removed,
            What::Hidden => Outcome::Hidden,
            What::Shown => Outcome::Shown,
            What::Left(why) => Outcome::Left(why),
        };
        Self {
            stream: &difference.stream,
            row: &difference.row,
            side: match difference.side {
                Side::Copy => "copy",
                Side::Dynamics => "dynamics",
            },
            what,
        }
    }
}
