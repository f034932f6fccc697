//! DynamoDB items: how numbers and times are written, and what a refused condition tells.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::tables::{EXPIRES_AT, PARTITION_KEY, SORT_KEY};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The key of an item of the state or the changes table.
pub(crate) fn item_key(partition: &str, sort: &str) -> Item {
    HashMap::from([
        (PARTITION_KEY.to_owned(), text(partition)),
        (SORT_KEY.to_owned(), text(sort)),
    ])
}

pub(crate) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(crate) fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(crate) fn parsed<T: FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

pub(crate) fn parsed_text<T: FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name)?.as_s().ok()?.parse().ok()
}

/// Always three digits after the second, so that text order is time order.
pub(crate) fn instant_text(instant: Timestamp) -> String {
    format!("{instant:.3}")
}

pub(crate) fn instant(instant: Timestamp) -> AttributeValue {
    AttributeValue::S(instant_text(instant))
}

/// The attribute that lets DynamoDB remove an item, in seconds since 1970.
pub(crate) fn expiry(instant: Timestamp) -> (&'static str, AttributeValue) {
    (EXPIRES_AT, number(instant.as_second()))
}

/// The item that made a conditional update fail, where that is why it failed; empty if there is none.
pub(crate) fn refused_item(error: Option<&UpdateItemError>) -> Option<Item> {
    match error {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
            Some(failed.item.clone().unwrap_or_default())
        }
        _ => None,
    }
}
