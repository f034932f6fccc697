//! `BulkDelete`: an asynchronous job that deletes what a query finds. Here it is done at once, and the
//! only query it knows is a list of keys.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::rights::{self, Privilege};
use super::{Answer, Context};
use crate::refusal::Refusal;
use crate::world::World;

/// `POST BulkDelete`.
pub(crate) fn answer(context: &mut Context<'_>, world: &mut World) -> Result<Answer, Refusal> {
    let sent: Json = serde_json::from_slice(&context.call.body)
        .map_err(|_| Refusal::bad_payload("Stream was not readable."))?;
    let query = sent.pointer("/QuerySet/0").unwrap_or(&Json::Null);
    let name = query.get("EntityName").and_then(Json::as_str);
    let table = world
        .tables()
        .find(|table| Some(table.name.logical()) == name)
        .ok_or_else(|| Refusal::new(400, "0x80041102", "The query names no known entity."))?
        .clone();
    let entity_set = table.name.entity_set();
    rights::table(context, world, entity_set, Privilege::Delete)?;
    let condition = query.pointer("/Criteria/Conditions/0");
    let part = |name: &str| condition.and_then(|condition| condition.get(name));
    let keys = part("Values").and_then(Json::as_array);
    let by_key = part("AttributeName").and_then(Json::as_str) == Some(table.key())
        && part("Operator").and_then(Json::as_str) == Some("In");
    let Some(keys) = keys.filter(|_| by_key) else {
        let message = "The simulator deletes in bulk by a list of primary keys only.";
        return Err(Refusal::new(501, "0x80040203", message));
    };
    for key in keys {
        let id = key.get("Value").unwrap_or(key).as_str();
        let id = id.and_then(|id| Uuid::try_parse(id).ok());
        let id = id.ok_or_else(|| Refusal::bad_payload("A primary key is a GUID."))?;
        world.delete(entity_set, id);
    }
    let body = json!({
        "@odata.context": format!(
            "{}/$metadata#Microsoft.Dynamics.CRM.BulkDeleteResponse",
            context.call.api()
        ),
        "JobId": context.simulator.service_request_id(),
    });
    Ok(Answer::odata(200, body.to_string().into_bytes()))
}
