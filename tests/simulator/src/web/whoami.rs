//! Who the caller is, and which tables there are.

use serde_json::json;

use super::{Answer, Context};
use crate::world::TableName;

/// `WhoAmI`.
pub(crate) fn answer(context: &Context<'_>) -> Answer {
    let world = context.simulator.world();
    let id = |table| world.layout.id(table, 0).unwrap_or_default().to_string();
    let body = json!({
        "@odata.context": format!(
            "{}/$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse",
            context.call.api()
        ),
        "BusinessUnitId": id(TableName::BusinessUnit),
        "UserId": id(TableName::SystemUser),
        "OrganizationId": world.organization_id().to_string(),
    });
    Answer::odata(200, body.to_string().into_bytes())
}

/// The entity sets.
pub(crate) fn service_document(context: &Context<'_>) -> Answer {
    let world = context.simulator.world();
    let value: Vec<_> = world
        .tables()
        .map(|table| table.name.entity_set())
        .filter(|name| !context.switches.absent.contains(*name))
        .map(|name| json!({ "name": name, "kind": "EntitySet", "url": name }))
        .collect();
    let body = json!({
        "@odata.context": format!("{}/$metadata", context.call.api()),
        "value": value,
    });
    Answer::odata(200, body.to_string().into_bytes())
}
