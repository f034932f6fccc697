//! How a field's value becomes a column's: the way back of `convert`, by the column's type and behaviour
//! from metadata.
//!
//! Errors here say what was expected of which field; they never contain the value.

use dynamics_client::{ColumnKind, DynamicsClient, KeyValue, Navigation, Record, RowKey};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use streams::FieldKind;
use sync_store::{Fields, Value};
use uuid::Uuid;

use crate::Failure;
use crate::convert::Reading;
use crate::plan::{BoundField, Plan, start_of};

/// Writes the fields of one stream as columns of its table.
pub(crate) struct Writing<'a> {
    plan: &'a Plan,
    /// By which name each lookup field is bound.
    navigations: Vec<(String, String)>,
}

impl<'a> Writing<'a> {
    /// Asks for what is needed to write: the names of the lookups, if there are any. One request, and one
    /// more for each lookup to several tables.
    pub(crate) async fn prepare(plan: &'a Plan, client: &DynamicsClient) -> Result<Self, Failure> {
        let lookups: Vec<(&BoundField, &str)> = plan
            .fields
            .iter()
            .filter_map(|field| Some((field, target_of(field)?)))
            .collect();
        let mut navigations = Vec::new();
        if !lookups.is_empty() {
            let known = client.navigations(&plan.table).await?;
            for (field, target) in lookups {
                let of_column = known.iter().filter(|one| one.column == field.column());
                let found: Vec<&Navigation> = of_column.collect();
                let property = match found.as_slice() {
                    [] => continue,
                    [one] => &one.property,
                    several => {
                        let target = client.table(target, &[]).await?.logical_name;
                        match several.iter().find(|one| one.target == target) {
                            Some(one) => &one.property,
                            None => continue,
                        }
                    }
                };
                navigations.push((field.name().to_owned(), property.clone()));
            }
        }
        Ok(Self { plan, navigations })
    }

    /// What only looks rows up by their key, for which no lookup needs a name.
    pub(crate) fn of_keys(plan: &'a Plan) -> Self {
        Self {
            plan,
            navigations: Vec::new(),
        }
    }

    /// The columns that say what the fields do.
    ///
    /// # Errors
    /// Which field, and what was expected of it.
    pub(crate) fn record(&self, values: &Fields) -> Result<Record, String> {
        let mut record = Record::new();
        for (name, value) in values {
            let field = self
                .plan
                .field(name)
                .ok_or_else(|| format!("the stream has no field `{name}` any more"))?;
            record = self
                .put(record, field, value)
                .map_err(|expected| format!("field `{name}`: {expected}"))?;
        }
        Ok(record)
    }

    fn put(&self, record: Record, field: &BoundField, value: &Value) -> Result<Record, String> {
        let column = field.column();
        if let Some(target) = target_of(field) {
            let navigation = self
                .navigations
                .iter()
                .find(|(name, _)| name == field.name());
            let (_, navigation) = navigation.ok_or_else(|| {
                format!(
                    "column `{column}` does not refer to table `{target}`; correct its `lookup`"
                )
            })?;
            return Ok(match value {
                Value::Null => record.unbind(navigation),
                value => record.bind(navigation, target, guid(value)?),
            });
        }
        if *value == Value::Null {
            return Ok(record.null(column));
        }
        Ok(match &field.reading {
            Reading::Text => record.text(column, text(value)?),
            Reading::Number if field.kind == ColumnKind::Double => {
                let number = digits(value)?.parse().map_err(|_| NUMBER)?;
                record.double(column, number)
            }
            Reading::Number => record.decimal(column, digits(value)?),
            Reading::WholeNumber => record.integer(column, whole(value)?),
            Reading::Boolean => record.boolean(column, truth(value)?),
            Reading::Guid if field.kind == ColumnKind::Lookup => {
                return Err("which table it refers to is not told; give it a `lookup`".to_owned());
            }
            Reading::Guid => record.guid(column, guid(value)?),
            Reading::Label(_) => record.integer(column, number_of(&field.reading, value)?),
            Reading::Day => record.date(column, day(value)?),
            Reading::DayOfLocal | Reading::DayOfInstant(_) | Reading::Instant | Reading::Local => {
                record.time(column, instant(&field.reading, value)?)
            }
        })
    }

    /// What tells the row with these values of the stream's key.
    ///
    /// # Errors
    /// Which field, and what was expected of it.
    pub(crate) fn key(&self, values: &Fields) -> Result<RowKey, String> {
        let fields = self.plan.stream.key_fields();
        let columns = fields.iter().map(|field| {
            let bound = self.plan.field(&field.name).ok_or("unknown")?;
            let value = values.get(&field.name).unwrap_or(&Value::Null);
            let value = key_value(bound, value)
                .map_err(|expected| format!("key field `{}`: {expected}", field.name))?;
            Ok::<_, String>((field.column.clone(), value))
        });
        Ok(RowKey::Alternate(columns.collect::<Result<_, _>>()?))
    }

    /// The time now, as the stamp field says it.
    pub(crate) fn stamp(field: &BoundField, now: Timestamp, zone: &TimeZone) -> Value {
        Value::Text(match &field.reading {
            Reading::Day | Reading::DayOfLocal | Reading::DayOfInstant(_) => {
                now.to_zoned(zone.clone()).date().to_string()
            }
            Reading::Local => now
                .to_zoned(zone.clone())
                .datetime()
                .with()
                .subsec_nanosecond(0)
                .build()
                .unwrap_or_default()
                .to_string(),
            _ => format!("{now:.0}"),
        })
    }
}

/// A value as its column keeps it: an instant in UTC, whole seconds of a date-time (rounded down, as they
/// go over the wire), a GUID in lower case. It is the only place that knows: everything else compares values
/// as they are. What the column would not take stays as it is, to be refused when it is written.
pub(crate) fn kept(reading: &Reading, value: &Value) -> Value {
    let kept = match reading {
        Reading::Instant | Reading::Local => instant(reading, value).ok().and_then(|instant| {
            let utc = instant.to_zoned(TimeZone::UTC).datetime();
            let utc = utc.with().subsec_nanosecond(0).build().ok()?;
            Some(match reading {
                Reading::Local => utc.to_string(),
                _ => format!("{utc}Z"),
            })
        }),
        Reading::Day | Reading::DayOfLocal | Reading::DayOfInstant(_) => {
            day(value).ok().map(|day| day.to_string())
        }
        Reading::Guid => guid(value).ok().map(|guid| guid.to_string()),
        Reading::Text
        | Reading::Number
        | Reading::WholeNumber
        | Reading::Boolean
        | Reading::Label(_) => None,
    };
    kept.map_or_else(|| value.clone(), Value::Text)
}

/// The table that a lookup field refers to.
fn target_of(field: &BoundField) -> Option<&str> {
    match &field.field.kind {
        FieldKind::Lookup { table } => Some(table),
        _ => None,
    }
}

fn key_value(field: &BoundField, value: &Value) -> Result<KeyValue, String> {
    Ok(match &field.reading {
        Reading::Text => KeyValue::Text(text(value)?.to_owned()),
        Reading::Number => KeyValue::Decimal(digits(value)?.to_owned()),
        Reading::WholeNumber => KeyValue::Integer(whole(value)?),
        Reading::Label(_) => KeyValue::Integer(number_of(&field.reading, value)?),
        Reading::Guid => KeyValue::Lookup(guid(value)?),
        Reading::Boolean => return Err("yes or no cannot be part of a key".to_owned()),
        Reading::Day
        | Reading::DayOfLocal
        | Reading::DayOfInstant(_)
        | Reading::Instant
        | Reading::Local => KeyValue::Time(instant(&field.reading, value)?),
    })
}

const NUMBER: &str = "expected a number";

fn text(value: &Value) -> Result<&str, &'static str> {
    match value {
        Value::Text(text) => Ok(text),
        _ => Err("expected a text"),
    }
}

fn digits(value: &Value) -> Result<&str, &'static str> {
    match value {
        Value::Number(digits) => Ok(digits),
        _ => Err(NUMBER),
    }
}

fn whole(value: &Value) -> Result<i64, &'static str> {
    digits(value)?
        .parse()
        .map_err(|_| "expected a whole number that its column can hold")
}

fn truth(value: &Value) -> Result<bool, &'static str> {
    match value {
        Value::Boolean(truth) => Ok(*truth),
        _ => Err("expected yes or no (true or false)"),
    }
}

fn guid(value: &Value) -> Result<Uuid, &'static str> {
    text(value)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or("expected the GUID of a row")
}

fn day(value: &Value) -> Result<Date, &'static str> {
    text(value)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or("expected a date such as 2027-03-31")
}

/// The number of a choice's label.
fn number_of(reading: &Reading, value: &Value) -> Result<i64, String> {
    let Reading::Label(labels) = reading else {
        return Err("expected a choice".to_owned());
    };
    let found = labels
        .iter()
        .find(|(_, label)| matches!(value, Value::Text(text) if text == *label));
    found.map(|(number, _)| *number).ok_or_else(|| {
        let labels: Vec<&str> = labels.values().map(String::as_str).collect();
        format!("expected one of {}", labels.join(", "))
    })
}

/// What goes over the wire for a date-time: Dataverse takes every one with a `Z`, whether it means UTC or
/// nothing.
fn instant(reading: &Reading, value: &Value) -> Result<Timestamp, &'static str> {
    const EXPECTED: &str = "expected a date and time such as 2027-03-31T12:00:00Z";
    let utc = |local: DateTime| local.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
    match reading {
        Reading::DayOfInstant(zone) => Ok(start_of(day(value)?, zone)),
        Reading::Day | Reading::DayOfLocal => utc(day(value)?.at(0, 0, 0, 0)).map_err(|_| EXPECTED),
        Reading::Local => {
            let local: DateTime = text(value)?.parse().map_err(|_| EXPECTED)?;
            utc(local).map_err(|_| EXPECTED)
        }
        _ => text(value)?.parse().map_err(|_| EXPECTED),
    }
}

#[cfg(test)]
#[path = "writing/tests.rs"]
mod tests;
