//! The text by which a record is found by its business key.

use crate::Value;

/// The longest business key, in bytes: DynamoDB's limit of a partition key of an index.
pub const BUSINESS_KEY_BYTES_MAX: usize = 2_048;

/// The stream's name and the values of its key's fields, in the order of the key, joined by `#`; in lower
/// case because Dataverse compares keys without regard to it. A `#` or `%` inside a value is written as in
/// a URL. `None` where there is no value, or one is empty.
pub fn business_key<'a>(
    stream: &str,
    values: impl IntoIterator<Item = &'a Value>,
) -> Option<String> {
    let mut key = stream.to_owned();
    for value in values {
        let part = match value {
            Value::Text(text) if !text.is_empty() => text.clone(),
            Value::Number(digits) => digits.clone(),
            Value::Boolean(value) => value.to_string(),
            Value::Text(_) | Value::Null => return None,
        };
        key.push('#');
        key.push_str(&part.to_lowercase().replace('%', "%25").replace('#', "%23"));
    }
    (key.len() > stream.len()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_looks_like_two_is_another_key_than_two_values() {
        let text = |text: &str| Value::Text(text.into());
        let one = business_key("s", [&text("A#b%23")]);
        assert_eq!(one.as_deref(), Some("s#a%23b%2523"));
        let two = business_key("s", [&text("a"), &text("b%23")]);
        assert_eq!(two.as_deref(), Some("s#a#b%2523"));
    }

    #[test]
    fn a_key_without_a_value_or_with_an_empty_one_finds_nothing() {
        let none: [&Value; 0] = [];
        assert_eq!(business_key("s", none), None);
        for empty in [Value::Null, Value::Text(String::new())] {
            assert_eq!(business_key("s", [&Value::Boolean(true), &empty]), None);
        }
    }
}
