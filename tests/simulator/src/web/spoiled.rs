//! What faults make of a single cell.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::faults::{Effect, Plan};
use crate::world::Value;

/// What stands in a cell's place.
pub(super) enum Spoiled {
    /// Nothing, not even the property's name.
    Absent,
    Json(Json),
}

/// What the first fault for this cell makes of it; `grows` is the cell's value when this is the text
/// that a fault may let grow. `None` when no fault strikes.
pub(super) fn cell(
    plan: &mut Plan,
    row: Uuid,
    property: &str,
    grows: Option<&Value>,
) -> Option<Spoiled> {
    for fault in &mut plan.content {
        let spoiled = match &fault.effect {
            Effect::ReplaceValue {
                id,
                property: named,
                value,
            } if *id == row && named == property => Spoiled::Json(value.clone()),
            Effect::MissingValue {
                id,
                property: named,
            } if *id == row && named == property => Spoiled::Absent,
            Effect::RowTooLarge { id, bytes } if *id == row => match grows {
                Some(value) => Spoiled::Json(grown(value, *bytes).into()),
                None => continue,
            },
            _ => continue,
        };
        fault.struck = true;
        return Some(spoiled);
    }
    None
}

/// The text, filled up to a length in bytes.
fn grown(value: &Value, bytes: usize) -> String {
    let mut text = match value {
        Value::Text(text) => text.clone().into_owned(),
        _ => String::new(),
    };
    let missing = bytes.saturating_sub(text.len());
    text.push_str(&"x".repeat(missing));
    text
}
