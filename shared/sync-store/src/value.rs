//! A field's value as the records table holds it.

use std::collections::BTreeMap;
use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;

/// A record's fields by the app's names. A field that is not in the map is unknown, which is not the
/// same as [`Value::Null`].
pub type Fields = BTreeMap<String, Value>;

/// The value of one field. `Debug` names its type only: values are personal data.
#[derive(Clone, Eq, PartialEq)]
pub enum Value {
    /// Empty in Dynamics.
    Null,
    /// Yes or no.
    Boolean(bool),
    /// A number in decimal notation, as text: money never passes through a floating-point type.
    Number(String),
    /// Everything else: text, dates and times in ISO 8601, identifiers, labels of choices.
    Text(String),
}

impl Value {
    pub(crate) fn to_attribute(&self) -> AttributeValue {
        match self {
            Self::Null => AttributeValue::Null(true),
            Self::Boolean(value) => AttributeValue::Bool(*value),
            Self::Number(digits) => AttributeValue::N(digits.clone()),
            Self::Text(text) => AttributeValue::S(text.clone()),
        }
    }

    pub(crate) fn from_attribute(attribute: &AttributeValue) -> Option<Self> {
        match attribute {
            AttributeValue::Null(_) => Some(Self::Null),
            AttributeValue::Bool(value) => Some(Self::Boolean(*value)),
            AttributeValue::N(digits) => Some(Self::Number(digits.clone())),
            AttributeValue::S(text) => Some(Self::Text(text.clone())),
            _ => None,
        }
    }

    /// As DynamoDB gives it back: `2.50` becomes `2.5`. A value that does not come from there is compared
    /// in this form.
    pub(crate) fn as_stored(&self) -> Self {
        match self {
            Self::Number(digits) if digits.contains('.') && !digits.contains(['e', 'E']) => {
                let digits = digits.trim_end_matches('0').trim_end_matches('.');
                Self::Number(digits.to_owned())
            }
            other => other.clone(),
        }
    }

    /// Bytes this value counts for in DynamoDB's item size, rounded up.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Null | Self::Boolean(_) => 1,
            Self::Number(_) => 21,
            Self::Text(text) => text.len(),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Boolean(_) => "Boolean(..)",
            Self::Number(_) => "Number(..)",
            Self::Text(_) => "Text(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_survives_the_way_into_dynamodb_and_back() {
        for value in [
            Value::Null,
            Value::Boolean(true),
            Value::Number("9007199254740993.0001".into()),
            Value::Text(String::new()),
        ] {
            assert!(Value::from_attribute(&value.to_attribute()) == Some(value));
        }
    }

    #[test]
    fn a_debug_print_shows_no_personal_data() {
        assert_eq!(format!("{:?}", Value::Text("Kari".into())), "Text(..)");
    }
}
