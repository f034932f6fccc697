//! Single values of the file, and whether they fit the field that they are for.

use toml::de::{DeInteger, DeValue};

use crate::error::Problems;
use crate::model::{ConditionValue, Field, FieldKind};
use crate::names::{nearest, quoted};
use crate::section::{Entry, listed};

/// A text, a whole number or yes/no.
pub(crate) fn read(
    found: &Entry<&DeValue<'_>>,
    problems: &mut Problems<'_>,
) -> Option<ConditionValue> {
    match found.value {
        DeValue::String(text) => Some(ConditionValue::Text(text.clone().into_owned())),
        DeValue::Boolean(value) => Some(ConditionValue::Boolean(*value)),
        DeValue::Integer(number) => {
            let value = integer(number);
            if value.is_none() {
                problems.add(
                    found.at.clone(),
                    &found.place,
                    "this number is too large for a column",
                );
            }
            value.map(ConditionValue::Integer)
        }
        _ => {
            found.wrong_type("a string, an integer or a boolean", problems);
            None
        }
    }
}

/// A value as the app sees it in that field.
pub(crate) fn of_field(
    field: &Field,
    found: Entry<&DeValue<'_>>,
    problems: &mut Problems<'_>,
) -> Option<ConditionValue> {
    match &field.kind {
        FieldKind::Plain => read(&found, problems),
        FieldKind::Lookup { .. } => found
            .text("the GUID of a row", problems)
            .map(|guid| ConditionValue::Text(guid.value.to_owned())),
        FieldKind::Choice(labels) => {
            let names: Vec<&str> = labels.values().map(String::as_str).collect();
            let expected = format!("the label {}", listed(&names, '"'));
            let (shown, near) = match found.value {
                DeValue::String(label) if names.contains(&label.as_ref()) => {
                    return Some(ConditionValue::Text(label.clone().into_owned()));
                }
                DeValue::String(label) => (quoted(label), nearest(label, names)),
                // Dataverse's number in place of the app's word for it.
                DeValue::Integer(number) => (
                    number.to_string(),
                    integer(number)
                        .and_then(|number| labels.get(&number))
                        .map(String::as_str),
                ),
                _ => {
                    found.wrong_type(&expected, problems);
                    return None;
                }
            };
            let hint = near.map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
            let message = format!("expected {expected}, found {shown}{hint}");
            problems.add(found.at, &found.place, message);
            None
        }
        FieldKind::Date => {
            let message = format!(
                "field {} is a date, and an expiry neither compares nor sets one; remove it",
                quoted(&field.name)
            );
            problems.add(found.at, &found.place, message);
            None
        }
    }
}

/// A TOML integer, if 64 bits hold it.
pub(crate) fn integer(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}
