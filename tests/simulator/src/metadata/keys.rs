//! Alternate keys as metadata.

use serde_json::{Value as Json, json};

use super::definitions::{label, metadata_id};
use crate::switches::Switches;
use crate::world::schema::Table;

/// A table's alternate keys, with where their indexes stand.
pub(super) fn of(table: &Table, switches: &Switches) -> Vec<Json> {
    let logical_name = table.name.logical();
    let keys = table.keys.iter().map(|key| {
        json!({
            "MetadataId": metadata_id(logical_name, key.name),
            "LogicalName": key.name,
            "SchemaName": key.schema_name,
            "EntityLogicalName": logical_name,
            "DisplayName": label(key.label),
            "KeyAttributes": key.columns,
            "EntityKeyIndexStatus": switches.key_status(key.name),
            "IsManaged": false,
            "IsCustomizable": {
                "Value": true, "CanBeChanged": true,
                "ManagedPropertyLogicalName": "iscustomizable",
            },
        })
    });
    keys.collect()
}
