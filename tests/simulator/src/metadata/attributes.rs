//! Columns as metadata.

use serde_json::{Value as Json, json};

use super::casts::COMMON;
use super::definitions::{label, metadata_id};
use super::{Object, altered};
use crate::switches::Switches;
use crate::world::schema::{Access, Choice, Column, Kind, LookupKind, Table};

/// A table's columns, with the companions that carry labels and names.
pub(super) fn of(table: &Table, switches: &Switches) -> Vec<Json> {
    let mut found = Vec::new();
    for (number, column) in table.columns.iter().enumerate() {
        let mut object = attribute(table, column, number);
        let secured = switches.secures(table.name.entity_set(), column.name);
        object.insert("IsSecured".to_owned(), secured.into());
        found.push(Json::Object(object));
        if let Some(companion) = companion(table, column) {
            found.push(companion);
        }
    }
    match switches.altered_columns.get(table.name.entity_set()) {
        Some(altered) => altered::apply(found, altered),
        None => found,
    }
}

/// The two columns of a table that holds no rows here.
pub(super) fn of_foreign(logical_name: &str) -> Vec<Json> {
    [
        (format!("{logical_name}id"), "Uniqueidentifier"),
        ("hlf_name".to_owned(), "String"),
    ]
    .into_iter()
    .map(|(name, kind)| {
        json!({
            "@odata.type": format!("#Microsoft.Dynamics.CRM.{kind}AttributeMetadata"),
            "MetadataId": metadata_id(logical_name, &name),
            "LogicalName": name,
            "SchemaName": name,
            "EntityLogicalName": logical_name,
            "AttributeType": kind,
            "AttributeTypeName": { "Value": format!("{kind}Type") },
            "AttributeOf": null,
            "IsValidForRead": true,
            "IsSecured": false,
            "IsValidODataAttribute": true,
        })
    })
    .map(with_all_properties)
    .collect()
}

/// Adds the properties that a column does not say anything about.
fn with_all_properties(mut column: Json) -> Json {
    if let Some(column) = column.as_object_mut() {
        for name in COMMON {
            column.entry(name).or_insert(Json::Null);
        }
    }
    column
}

fn attribute(table: &Table, column: &Column, number: usize) -> Object {
    let (kind, type_name) = types(column.kind);
    let written = column.access == Access::Written;
    let is_key = matches!(column.kind, Kind::Key);
    let object = json!({
        "@odata.type": format!("#Microsoft.Dynamics.CRM.{}AttributeMetadata", cast(kind)),
        "MetadataId": metadata_id(table.name.logical(), column.name),
        "LogicalName": column.name,
        "SchemaName": column.schema_name,
        "EntityLogicalName": table.name.logical(),
        "DisplayName": label(column.label),
        "Description": label(""),
        "AttributeType": kind,
        "AttributeTypeName": { "Value": type_name },
        "AttributeOf": null,
        "ColumnNumber": number,
        "RequiredLevel": {
            "Value": format!("{:?}", column.level),
            "CanBeChanged": false,
            "ManagedPropertyLogicalName": "canmodifyrequirementlevelsettings",
        },
        "IsValidForCreate": written,
        "IsValidForRead": true,
        "IsValidForUpdate": written && !is_key,
        "IsPrimaryId": is_key,
        "IsPrimaryName": column.name == table.primary_name,
        "CanBeSecuredForCreate": written && !is_key,
        "CanBeSecuredForRead": !is_key,
        "CanBeSecuredForUpdate": written && !is_key,
        "IsLogical": false,
        "IsRetrievable": true,
        "IsValidODataAttribute": true,
        "IsCustomAttribute": column.name.starts_with("hlf_"),
        "SourceType": 0,
    });
    let mut object = match object {
        Json::Object(object) => object,
        _ => Object::new(),
    };
    if let Json::Object(more) = specific(table, column) {
        object.extend(more);
    }
    object
}

/// `AttributeType` and `AttributeTypeName`.
fn types(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Key => ("Uniqueidentifier", "UniqueidentifierType"),
        Kind::Text { .. } => ("String", "StringType"),
        Kind::Memo { .. } => ("Memo", "MemoType"),
        Kind::Integer => ("Integer", "IntegerType"),
        Kind::BigInteger => ("BigInt", "BigIntType"),
        Kind::Decimal { .. } => ("Decimal", "DecimalType"),
        Kind::Money { .. } => ("Money", "MoneyType"),
        Kind::Boolean { .. } => ("Boolean", "BooleanType"),
        Kind::DateTime { .. } => ("DateTime", "DateTimeType"),
        Kind::Lookup { kind, .. } => match kind {
            LookupKind::Lookup => ("Lookup", "LookupType"),
            LookupKind::Customer => ("Customer", "CustomerType"),
            LookupKind::Owner => ("Owner", "OwnerType"),
        },
        Kind::Picklist(_) => ("Picklist", "PicklistType"),
        Kind::State(_) => ("State", "StateType"),
        Kind::Status { .. } => ("Status", "StatusType"),
    }
}

/// The metadata type that a column's `AttributeType` belongs to.
pub(super) fn cast(kind: &str) -> &str {
    match kind {
        "Customer" | "Owner" => "Lookup",
        "Uniqueidentifier" => "UniqueIdentifier",
        other => other,
    }
}

/// What only this type of column has.
fn specific(table: &Table, column: &Column) -> Json {
    match column.kind {
        Kind::Key | Kind::BigInteger => json!({}),
        Kind::Text { max_length, format } => json!({
            "MaxLength": max_length, "Format": format, "FormatName": { "Value": format },
            "DatabaseLength": max_length.saturating_mul(2),
        }),
        Kind::Memo { max_length } => json!({ "MaxLength": max_length, "Format": "TextArea" }),
        Kind::Integer => json!({ "MinValue": i32::MIN, "MaxValue": i32::MAX, "Format": "None" }),
        Kind::Decimal { precision } => json!({
            "MinValue": -100_000_000_000_i64, "MaxValue": 100_000_000_000_i64,
            "Precision": precision,
        }),
        Kind::Money { precision } => json!({
            "MinValue": -922_337_203_685_477_i64, "MaxValue": 922_337_203_685_477_i64,
            "Precision": precision, "PrecisionSource": 0,
        }),
        Kind::Boolean { labels } => json!({
            "DefaultValue": false,
            "OptionSet": {
                "TrueOption": { "Value": 1, "Label": label(labels.0) },
                "FalseOption": { "Value": 0, "Label": label(labels.1) },
                "OptionSetType": "Boolean",
            },
            "GlobalOptionSet": null,
        }),
        Kind::DateTime { behavior, format } => json!({
            "Format": format,
            "DateTimeBehavior": { "Value": format!("{behavior:?}") },
            "CanChangeDateTimeBehavior": {
                "Value": false, "CanBeChanged": false,
                "ManagedPropertyLogicalName": "canchangedatetimebehavior",
            },
        }),
        Kind::Lookup { targets, .. } => {
            let targets: Vec<_> = targets
                .iter()
                .map(|target| target.table.logical())
                .collect();
            json!({ "Targets": targets })
        }
        Kind::Picklist(choices) => option_set(table, column, choices, ("Picklist", &[])),
        Kind::State(choices) => option_set(table, column, choices, ("State", &[])),
        Kind::Status { choices, states } => option_set(table, column, choices, ("Status", states)),
    }
}

/// `states` are those that reasons of a status belong to, in the order of the choices.
fn option_set(
    table: &Table,
    column: &Column,
    choices: &[Choice],
    (kind, states): (&str, &[i64]),
) -> Json {
    let options: Vec<_> = choices
        .iter()
        .enumerate()
        .map(|(place, (value, text))| {
            let mut option = json!({
                "Value": value, "Label": label(text), "Description": label(""),
                "Color": null, "IsManaged": true, "ExternalValue": "",
            });
            if let Some(state) = states.get(place)
                && let Some(option) = option.as_object_mut()
            {
                option.insert("State".to_owned(), (*state).into());
            }
            option
        })
        .collect();
    let own_name = format!("{}_{}", table.name.logical(), column.name);
    let global = column.global_choices;
    let set = json!({
        "MetadataId": global.map_or_else(
            || metadata_id(table.name.logical(), &own_name),
            |name| metadata_id("global", name),
        ),
        "Name": global.unwrap_or(&own_name), "IsGlobal": global.is_some(), "OptionSetType": kind,
        "Options": options,
    });
    json!({
        "DefaultFormValue": -1,
        "GlobalOptionSet": global.map(|_| set.clone()),
        "OptionSet": set,
    })
}

/// The shadow that shows a choice's label or a lookup's name; no sync should ask for it.
fn companion(table: &Table, column: &Column) -> Option<Json> {
    let (kind, type_name) = match column.kind {
        Kind::Lookup { .. } => ("String", "StringType"),
        Kind::Picklist(_) | Kind::State(_) | Kind::Status { .. } | Kind::Boolean { .. } => {
            ("Virtual", "VirtualType")
        }
        _ => return None,
    };
    let name = format!("{}name", column.name);
    let metadata_type = if kind == "Virtual" { "" } else { kind };
    // Metadata leaves flags open on shadows that nobody can use.
    let flag = if kind == "Virtual" {
        Json::Bool(false)
    } else {
        Json::Null
    };
    Some(json!({
        "@odata.type": format!("#Microsoft.Dynamics.CRM.{metadata_type}AttributeMetadata"),
        "MetadataId": metadata_id(table.name.logical(), &name),
        "LogicalName": name,
        "SchemaName": format!("{}Name", column.schema_name),
        "EntityLogicalName": table.name.logical(),
        "DisplayName": label(""),
        "Description": label(""),
        "AttributeType": kind,
        "AttributeTypeName": { "Value": type_name },
        "AttributeOf": column.name,
        "ColumnNumber": -1,
        "RequiredLevel": { "Value": "None", "CanBeChanged": false },
        "IsValidForCreate": false,
        "IsValidForRead": true,
        "IsValidForUpdate": false,
        "IsPrimaryId": false,
        "IsPrimaryName": false,
        "IsSecured": flag,
        "CanBeSecuredForCreate": false,
        "CanBeSecuredForRead": false,
        "CanBeSecuredForUpdate": false,
        "IsLogical": true,
        "IsRetrievable": false,
        "IsValidODataAttribute": flag,
        "IsCustomAttribute": column.name.starts_with("hlf_"),
        "SourceType": null,
    }))
}
