//! Definitions of all tables, also of those that hold no rows here.

use serde_json::json;
use uuid::Uuid;

use super::translations::{LANGUAGE, norwegian};
use super::{Object, attributes, keys, relationships};
use crate::switches::Switches;
use crate::web::Context;
use crate::world::schema::Table;
use crate::world::seeded::wide;

/// A table that exists as metadata only, to be refused by those who cannot sync it.
struct Foreign {
    logical_name: &'static str,
    schema_name: &'static str,
    entity_set: &'static str,
    label: &'static str,
    table_type: &'static str,
}

const FOREIGN: [Foreign; 2] = [
    Foreign {
        logical_name: "hlf_sensorreading",
        schema_name: "hlf_SensorReading",
        entity_set: "hlf_sensorreadings",
        label: "Sensor Reading",
        table_type: "Elastic",
    },
    Foreign {
        logical_name: "hlf_external",
        schema_name: "hlf_External",
        entity_set: "hlf_externals",
        label: "External Member",
        table_type: "Virtual",
    },
];

/// All definitions, columns included.
pub(super) fn all(context: &Context<'_>) -> Vec<Object> {
    let world = context.simulator.world();
    let mut found: Vec<Object> = world
        .tables()
        .filter(|table| !context.switches.absent.contains(table.name.entity_set()))
        .map(|table| {
            let pointing_here = relationships::to(table.name, world.tables());
            definition(table, pointing_here, &context.switches)
        })
        .collect();
    found.extend(FOREIGN.iter().map(foreign));
    found
}

/// An id that stays the same for the same thing.
pub(crate) fn metadata_id(table: &str, part: &str) -> String {
    let digest = |text: &str| {
        text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    Uuid::from_u128(wide(digest(table), digest(part))).to_string()
}

/// A label as metadata carries it: per language, and for the calling user.
pub(super) fn label(text: &str) -> serde_json::Value {
    let localized = json!({ "Label": text, "LanguageCode": 1033, "IsManaged": true });
    let mut labels = vec![localized.clone()];
    labels.extend(
        norwegian(text)
            .map(|text| json!({ "Label": text, "LanguageCode": LANGUAGE, "IsManaged": false })),
    );
    json!({ "LocalizedLabels": labels, "UserLocalizedLabel": localized })
}

fn managed(value: bool, name: &str) -> serde_json::Value {
    json!({ "Value": value, "CanBeChanged": false, "ManagedPropertyLogicalName": name })
}

fn definition(table: &Table, pointing_here: Vec<serde_json::Value>, switches: &Switches) -> Object {
    let logical_name = table.name.logical();
    let mut object = common(
        logical_name,
        table.schema_name,
        table.name.entity_set(),
        table.label,
        "Standard",
    );
    let custom = logical_name.starts_with("hlf_");
    let tracked = table.tracked && !switches.untracked.contains(table.name.entity_set());
    let columns = attributes::of(table, switches);
    let owned = matches!(table.ownership, "UserOwned" | "BusinessOwned");
    let privileges: Vec<_> = table
        .privileges()
        .map(|(kind, name)| {
            json!({
                "CanBeBasic": owned, "CanBeDeep": owned, "CanBeGlobal": true, "CanBeLocal": owned,
                "Name": name, "PrivilegeId": metadata_id(logical_name, &name),
                "PrivilegeType": kind,
            })
        })
        .collect();
    let more = json!({
        "PrimaryIdAttribute": table.key(),
        "PrimaryNameAttribute": table.primary_name,
        "OwnershipType": table.ownership,
        "ObjectTypeCode": table.object_type_code,
        "ChangeTrackingEnabled": tracked,
        "CanChangeTrackingBeEnabled": managed(table.tracked, "canchangetrackingbeenabled"),
        "IsOptimisticConcurrencyEnabled": true,
        "IsActivity": table.name.is_activity(),
        "IsCustomEntity": custom,
        "DataProviderId": null,
        "Privileges": privileges,
        "Attributes": columns,
        "Keys": keys::of(table, switches),
        "ManyToOneRelationships": relationships::of(table),
        "OneToManyRelationships": pointing_here,
        "ManyToManyRelationships": [],
    });
    extend(&mut object, more);
    object
}

fn foreign(table: &Foreign) -> Object {
    let mut object = common(
        table.logical_name,
        table.schema_name,
        table.entity_set,
        table.label,
        table.table_type,
    );
    let provider = (table.table_type == "Virtual").then(|| metadata_id("provider", "virtual"));
    let elastic = table.table_type == "Elastic";
    let more = json!({
        "PrimaryIdAttribute": format!("{}id", table.logical_name),
        "PrimaryNameAttribute": "hlf_name",
        "OwnershipType": "OrganizationOwned",
        "ObjectTypeCode": 10_099,
        "ChangeTrackingEnabled": false,
        "CanChangeTrackingBeEnabled": managed(elastic, "canchangetrackingbeenabled"),
        "IsOptimisticConcurrencyEnabled": elastic,
        "IsCustomEntity": true,
        "DataProviderId": provider,
        "Privileges": [],
        "Attributes": attributes::of_foreign(table.logical_name),
        "Keys": [],
        "ManyToOneRelationships": [],
        "OneToManyRelationships": [],
        "ManyToManyRelationships": [],
    });
    extend(&mut object, more);
    object
}

fn common(
    logical_name: &str,
    schema_name: &str,
    entity_set: &str,
    display_name: &str,
    table_type: &str,
) -> Object {
    let mut object = Object::new();
    extend(
        &mut object,
        json!({
            "MetadataId": metadata_id(logical_name, ""),
            "LogicalName": logical_name,
            "SchemaName": schema_name,
            "EntitySetName": entity_set,
            "LogicalCollectionName": entity_set,
            "DisplayName": label(display_name),
            "TableType": table_type,
            "IsActivity": false,
            "IsIntersect": false,
            "IsPrivate": false,
            "IsLogicalEntity": false,
        }),
    );
    object
}

fn extend(object: &mut Object, more: serde_json::Value) {
    if let serde_json::Value::Object(more) = more {
        object.extend(more);
    }
}
