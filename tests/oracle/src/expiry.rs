//! What the stream file's expiries hide on a given day, worked out from Dynamics' values.
//!
//! It counts in calendar days of the organisation: a row is over on the day after its last valid one.

use std::collections::BTreeSet;

use jiff::civil::Date;
use streams::{ConditionValue, Expiry, FieldValue, Stream, StreamFile};
use sync_store::{Fields, Value};

use crate::rows::Rows;

/// Lays over `rows`, those of the stream `name`, what the expiries of all streams hide of them on the day
/// `today`. `rows_of` answers a stream's rows as Dynamics has them.
pub(crate) fn hide(
    rows: &mut Rows,
    name: &str,
    file: &StreamFile,
    today: Date,
    rows_of: impl Fn(&Stream) -> Rows,
) {
    for stream in &file.streams {
        let Some(expiry) = &stream.expiry else {
            continue;
        };
        if stream.name == name {
            for row in rows.values_mut() {
                if is_hidden(expiry, &row.fields, today) {
                    let set = expiry.set.iter();
                    let set = set.map(|set| (set.field.clone(), value(&set.value)));
                    row.fields.extend(set);
                }
            }
        }
        for set in expiry.targets.iter().filter(|set| set.stream == name) {
            let by = rows_of(stream);
            let hidden = referred(&by, &set.lookup, |row| is_hidden(expiry, row, today));
            let shown = referred(&by, &set.lookup, |row| {
                may_expire(expiry, row) && !is_over(expiry, row, today)
            });
            for id in hidden.difference(&shown) {
                if let Some(row) = rows.get_mut(id) {
                    row.fields.insert(set.field.clone(), value(&set.value));
                }
            }
        }
    }
}

/// What may be laid over rows of the stream `name`, or not, as `(id, field, value)`: to them refer only rows
/// that are neither valid nor over. Whom an expiry hid stays hidden then, in doubt, although the row that did
/// it says something else by now; whom none had hidden stays shown. Dynamics' values do not tell which.
pub(crate) fn undecided(
    name: &str,
    file: &StreamFile,
    today: Date,
    rows_of: impl Fn(&Stream) -> Rows,
) -> Vec<(String, String, Value)> {
    let mut undecided = Vec::new();
    for stream in &file.streams {
        let Some(expiry) = &stream.expiry else {
            continue;
        };
        for set in expiry.targets.iter().filter(|set| set.stream == name) {
            let by = rows_of(stream);
            let apart = |row: &Fields| {
                let valid = may_expire(expiry, row) && !is_over(expiry, row, today);
                !valid && !is_hidden(expiry, row, today)
            };
            let decided = referred(&by, &set.lookup, |row| !apart(row));
            let ids = referred(&by, &set.lookup, apart);
            let one = |id: &String| (id.clone(), set.field.clone(), value(&set.value));
            undecided.extend(ids.difference(&decided).map(one));
        }
    }
    undecided
}

/// The ids that a lookup field holds in some rows.
fn referred(rows: &Rows, lookup: &str, which: impl Fn(&Fields) -> bool) -> BTreeSet<String> {
    let fields = rows.values().map(|row| &row.fields);
    fields
        .filter(|row| which(row))
        .filter_map(|row| match row.get(lookup) {
            Some(Value::Text(id)) => Some(id.clone()),
            _ => None,
        })
        .collect()
}

/// Whether the row is past its last day, and says that it expires or that it has.
fn is_hidden(expiry: &Expiry, row: &Fields, today: Date) -> bool {
    let either = |from: &FieldValue| {
        let mut given = expiry.set.iter().filter(|set| set.field == from.field);
        let says = |of: &FieldValue| row.get(&of.field) == Some(&value(&of.value));
        says(from) || given.any(says)
    };
    expiry.from.iter().all(either) && is_over(expiry, row, today)
}

/// Whether the row is one of those that expire at all.
fn may_expire(expiry: &Expiry, row: &Fields) -> bool {
    let has = |from: &FieldValue| row.get(&from.field) == Some(&value(&from.value));
    expiry.from.iter().all(has)
}

fn is_over(expiry: &Expiry, row: &Fields, today: Date) -> bool {
    match row.get(&expiry.date) {
        Some(Value::Text(last)) => last.parse::<Date>().is_ok_and(|last| last < today),
        _ => false,
    }
}

fn value(of: &ConditionValue) -> Value {
    match of {
        ConditionValue::Text(text) => Value::Text(text.clone()),
        ConditionValue::Integer(number) => Value::Number(number.to_string()),
        ConditionValue::Boolean(truth) => Value::Boolean(*truth),
    }
}
