//! What the environment says about itself beside its definitions: how many rows there are, in which
//! languages its labels are.

use serde_json::json;

use super::definitions;
use super::translations::LANGUAGE;
use crate::refusal::Refusal;
use crate::web::{Answer, Context, argument};

/// `GET RetrieveProvisionedLanguages`.
pub(crate) fn languages(context: &Context<'_>) -> Answer {
    let body = json!({
        "@odata.context": format!(
            "{}/$metadata#Microsoft.Dynamics.CRM.RetrieveProvisionedLanguagesResponse",
            context.call.api()
        ),
        "RetrieveProvisionedLanguages": [1_033, LANGUAGE],
    });
    Answer::odata(200, body.to_string().into_bytes())
}

/// `GET RetrieveTotalRecordCount(EntityNames=…)`: here as of now, not of last night.
pub(crate) fn row_counts(context: &Context<'_>, arguments: &str) -> Result<Answer, Refusal> {
    let names: Vec<String> = serde_json::from_str(argument(context, arguments, "EntityNames")?)
        .map_err(|_| Refusal::bad_query("EntityNames takes a JSON array of names."))?;
    let known = definitions::all(context);
    let world = context.simulator.world();
    let mut counts = Vec::new();
    for name in &names {
        let table = known
            .iter()
            .find(|table| table.get("LogicalName").is_some_and(|known| known == name))
            .ok_or_else(|| {
                let message = format!(
                    "The entity with a name = '{name}' with namemapping = 'Logical' was not found in the \
                     MetadataCache."
                );
                Refusal::new(400, "0x80041102", message)
            })?;
        let entity_set = table.get("EntitySetName").and_then(|set| set.as_str());
        let rows = entity_set.and_then(|set| world.rows(set)).ok_or_else(|| {
            let message = format!("Entity {name} is a virtual entity, which is not supported.");
            Refusal::new(400, "0x80040203", message)
        })?;
        counts.push(rows.live());
    }
    let body = json!({
        "@odata.context": format!(
            "{}/$metadata#Microsoft.Dynamics.CRM.RetrieveTotalRecordCountResponse",
            context.call.api()
        ),
        "EntityRecordCountCollection": {
            "Count": counts.len(), "IsReadOnly": false, "Keys": names, "Values": counts,
        },
    });
    Ok(Answer::odata(200, body.to_string().into_bytes()))
}
