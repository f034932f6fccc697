//! Items as DynamoDB's own JSON has them: `{"version": {"N": "7"}}`.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};

use crate::support::Item;

pub(super) fn of(item: &Item) -> Json {
    let attributes = item.iter();
    let attributes: Map<_, _> = attributes
        .map(|(name, value)| (name.clone(), one(value)))
        .collect();
    attributes.into()
}

fn one(value: &AttributeValue) -> Json {
    match value {
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::N(digits) => json!({"N": digits}),
        AttributeValue::Bool(value) => json!({"BOOL": value}),
        AttributeValue::Null(value) => json!({"NULL": value}),
        AttributeValue::B(bytes) => json!({"B": STANDARD.encode(bytes)}),
        AttributeValue::L(values) => json!({"L": values.iter().map(one).collect::<Vec<_>>()}),
        AttributeValue::M(map) => json!({"M": of(map)}),
        AttributeValue::Ss(texts) => {
            // A set has no order.
            let mut texts = texts.clone();
            texts.sort_unstable();
            json!({"SS": texts})
        }
        other => panic!("nothing of this kind is stored: {other:?}"),
    }
}

pub(super) fn read(item: &Json) -> Item {
    let attributes = item.as_object().unwrap().iter();
    attributes
        .map(|(name, value)| (name.clone(), read_one(value)))
        .collect()
}

fn read_one(value: &Json) -> AttributeValue {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    let text = || value.as_str().unwrap().to_owned();
    let list = || value.as_array().unwrap().iter();
    match kind.as_str() {
        "S" => AttributeValue::S(text()),
        "N" => AttributeValue::N(text()),
        "BOOL" => AttributeValue::Bool(value.as_bool().unwrap()),
        "NULL" => AttributeValue::Null(value.as_bool().unwrap()),
        "B" => AttributeValue::B(Blob::new(STANDARD.decode(text()).unwrap())),
        "L" => AttributeValue::L(list().map(read_one).collect()),
        "M" => AttributeValue::M(read(value)),
        "SS" => AttributeValue::Ss(list().map(|one| one.as_str().unwrap().to_owned()).collect()),
        other => panic!("unknown kind {other}"),
    }
}
