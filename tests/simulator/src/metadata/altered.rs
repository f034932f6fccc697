//! Definitions of columns that an administrator has changed, deleted or added.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::Object;
use super::attributes::cast;
use super::definitions::metadata_id;

/// The columns of a table after what was done to them, which is by logical name; `None`: deleted.
pub(super) fn apply(
    mut columns: Vec<Json>,
    altered: &BTreeMap<String, Option<Object>>,
) -> Vec<Json> {
    for (name, change) in altered {
        let is_it = |column: &Json| text(column, "LogicalName") == name;
        let Some(change) = change else {
            columns.retain(|column| !is_it(column));
            continue;
        };
        if !columns.iter().any(is_it) {
            let mut texts = columns.iter();
            let like = texts.find(|one| text(one, "AttributeType") == "String");
            columns.extend(like.map(|like| named(like.clone(), name)));
        }
        for column in columns.iter_mut().filter(|column| is_it(column)) {
            merge(column, Json::Object(change.clone()));
            retype(column, change);
        }
    }
    columns
}

fn text<'c>(column: &'c Json, member: &str) -> &'c str {
    let text = column.get(member).and_then(Json::as_str);
    text.unwrap_or_default()
}

/// A column like another one.
fn named(mut column: Json, name: &str) -> Json {
    let own = json!({
        "MetadataId": metadata_id(text(&column, "EntityLogicalName"), name),
        "LogicalName": name,
        "SchemaName": name,
        "IsPrimaryName": false,
        "AttributeOf": null,
    });
    merge(&mut column, own);
    column
}

/// Members of objects one by one; anything else as a whole.
fn merge(into: &mut Json, change: Json) {
    match (into, change) {
        (Json::Object(into), Json::Object(change)) => {
            for (name, value) in change {
                merge(into.entry(name).or_insert(Json::Null), value);
            }
        }
        (into, change) => *into = change,
    }
}

/// What follows from another type.
fn retype(column: &mut Json, change: &Object) {
    if let Some(kind) = change.get("AttributeType").and_then(Json::as_str) {
        let own = json!({
            "@odata.type": format!("#Microsoft.Dynamics.CRM.{}AttributeMetadata", cast(kind)),
            "AttributeTypeName": { "Value": format!("{kind}Type") },
        });
        merge(column, own);
    }
}
