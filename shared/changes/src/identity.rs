//! What makes a change the same as one that was handed in before.

use serde_json::json;
use sha2::{Digest, Sha256};
use sync_store::{ChangeKey, Fields, Value, Wanted};
use uuid::Uuid;

use crate::body::Body;

/// The namespace of the ids of changes, of our own making.
const NAMESPACE: Uuid = Uuid::from_u128(0x8d1c_7a52_41be_4e0b_9f36_2c5d_70aa_1be4);

/// The id of the change that was handed in with the key of this name, under this `Idempotency-Key`. It
/// follows from both, so that nothing must be stored to tell that they came before.
pub(crate) fn change_id(key_name: &str, idempotency_key: &str) -> String {
    // No header has a line end in it, so that no two pairs make the same name.
    let name = format!("{key_name}\n{idempotency_key}");
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
}

/// SHA-256 of what a change says, in hex: the same for the same change, however its JSON was written. A
/// time that was filled in does not count, or no change could be handed in again.
pub(crate) fn digest(body: &Body<'_>) -> String {
    let key = match &body.key {
        ChangeKey::Id(id) => json!({ "id": id }),
        ChangeKey::Fields(fields) => fields_json(fields),
    };
    let fields: serde_json::Map<_, _> = body
        .fields
        .iter()
        .map(|(name, wanted)| (name.clone(), wanted_json(wanted)))
        .collect();
    let all = json!([
        body.stream.name,
        body.operation.name(),
        key,
        fields,
        body.base_version,
        body.changed_at,
    ]);
    let hash = Sha256::digest(all.to_string());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn wanted_json(wanted: &Wanted) -> serde_json::Value {
    match wanted {
        Wanted::Value(value) => value_json(value),
        Wanted::Row(key) => fields_json(key),
    }
}

fn fields_json(fields: &Fields) -> serde_json::Value {
    let fields = fields.iter();
    fields
        .map(|(name, value)| (name.clone(), value_json(value)))
        .collect()
}

fn value_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Boolean(truth) => json!(truth),
        // As a JSON number it would lose digits, and as a text it would be one.
        Value::Number(digits) => json!([digits]),
        Value::Text(text) => json!(text),
    }
}
