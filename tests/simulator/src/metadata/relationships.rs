//! Lookups as relationships, with the names that `@odata.bind` and `$expand` take.

use serde_json::{Value as Json, json};

use super::definitions::metadata_id;
use super::project::{filtered, projected};
use super::{collection, objects};
use crate::refusal::Refusal;
use crate::web::{Answer, Context};
use crate::world::TableName;
use crate::world::schema::{Kind, Table};

/// `GET RelationshipDefinitions`.
pub(crate) fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    let options = &context.call.options;
    let world = context.simulator.world();
    let all = objects(Some(Json::Array(world.tables().flat_map(of).collect())));
    let found = filtered(
        all,
        options.get("$filter"),
        options,
        "RelationshipMetadataBase",
    )?
    .into_iter()
    .map(|found| projected(found, options.list("$select"), "RelationshipMetadataBase"))
    .collect::<Result<Vec<_>, _>>()?;
    let url = format!("{}/$metadata#RelationshipDefinitions", context.call.api());
    Ok(collection(&url, found))
}

/// The relationships by which other tables point to `target`.
pub(super) fn to<'w>(target: TableName, tables: impl Iterator<Item = &'w Table>) -> Vec<Json> {
    let mut found: Vec<Json> = tables.flat_map(of).collect();
    found.retain(|one| one.get("ReferencedEntity") == Some(&Json::from(target.logical())));
    found
}

/// A table's lookups: one relationship for each table that each may point to.
pub(super) fn of(table: &Table) -> Vec<Json> {
    let mut found = Vec::new();
    for column in &table.columns {
        let Kind::Lookup { targets, .. } = column.kind else {
            continue;
        };
        for target in targets {
            let name = format!(
                "{}_{}_{}",
                target.table.logical(),
                table.name.logical(),
                column.name
            );
            found.push(json!({
                "@odata.type": "#Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
                "MetadataId": metadata_id(table.name.logical(), &name),
                "SchemaName": name,
                "RelationshipType": "OneToManyRelationship",
                "IsCustomRelationship": column.name.starts_with("hlf_"),
                "ReferencingEntity": table.name.logical(),
                "ReferencingAttribute": column.name,
                "ReferencingEntityNavigationPropertyName": target.navigation,
                "ReferencedEntity": target.table.logical(),
                "ReferencedAttribute": key_of(target.table),
                "ReferencedEntityNavigationPropertyName": name,
            }));
        }
    }
    found
}

/// Every primary key that lookups refer to here is called after its table.
fn key_of(table: TableName) -> String {
    format!("{}id", table.logical())
}
