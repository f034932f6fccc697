//! `RetrieveMetadataChanges`: definitions by a query in JSON, each column with the properties of its own
//! type. Everything counts as changed.

use serde_json::{Value as Json, json};

use super::{Object, definitions, objects};
use crate::refusal::Refusal;
use crate::web::{Answer, Context};

/// What always comes along.
const ALWAYS: [&str; 2] = ["@odata.type", "MetadataId"];

/// `GET RetrieveMetadataChanges(Query=…)`.
pub(crate) fn answer(context: &Context<'_>, arguments: &str) -> Result<Answer, Refusal> {
    let sent = match arguments.trim().strip_prefix("Query=") {
        Some(alias) if alias.starts_with('@') => context.call.options.get(alias),
        other => other,
    };
    let query: Json = sent
        .and_then(|text| serde_json::from_str(text).ok())
        .ok_or_else(|| {
            Refusal::bad_query("The parameter 'Query' takes an EntityQueryExpression.")
        })?;
    let mut found = Vec::new();
    for mut table in definitions::all(context) {
        if !meets(&table, &query) {
            continue;
        }
        let parts = [("Attributes", "AttributeQuery"), ("Keys", "KeyQuery")];
        let members = parts.map(|(name, inner)| {
            let inner = query.get(inner).unwrap_or(&Json::Null);
            let members: Vec<Object> = objects(table.remove(name))
                .into_iter()
                .filter(|member| meets(member, inner))
                .map(|member| cut(member, inner))
                .collect();
            (name, members)
        });
        let asked = names(&query);
        let mut view = cut(table, &query);
        for (name, members) in members {
            if asked.as_ref().is_none_or(|asked| asked.contains(&name)) {
                view.insert(name.to_owned(), json!(members));
            }
        }
        found.push(view);
    }
    let body = json!({
        "@odata.context": format!(
            "{}/$metadata#Microsoft.Dynamics.CRM.RetrieveMetadataChangesResponse",
            context.call.api()
        ),
        "EntityMetadata": found,
        "ServerVersionStamp": "1!11/01/2026 00:00:00",
        "DeletedMetadata": null,
    });
    Ok(Answer::odata(200, body.to_string().into_bytes()))
}

/// The properties asked for; `None` is all of them.
fn names(query: &Json) -> Option<Vec<&str>> {
    let properties = query.get("Properties")?;
    if properties.get("AllProperties").and_then(Json::as_bool) == Some(true) {
        return None;
    }
    let names = properties.get("PropertyNames")?.as_array()?;
    Some(names.iter().filter_map(Json::as_str).collect())
}

/// An object cut to what was asked for; what it does not have is left out without a word.
fn cut(mut object: Object, query: &Json) -> Object {
    if let Some(names) = names(query) {
        object.retain(|name, _| ALWAYS.contains(&name.as_str()) || names.contains(&name.as_str()));
    }
    object.insert("HasChanged".to_owned(), Json::Null);
    object
}

/// Whether an object meets all conditions of a query.
fn meets(object: &Object, query: &Json) -> bool {
    let conditions = query
        .pointer("/Criteria/Conditions")
        .and_then(Json::as_array);
    conditions.into_iter().flatten().all(|condition| {
        let part = |name: &str| condition.get(name).and_then(Json::as_str);
        let held = part("PropertyName").and_then(|name| object.get(name));
        let wanted = condition.pointer("/Value/Value");
        match part("ConditionOperator") {
            Some("NotEquals") => held != wanted,
            Some("In") => wanted
                .and_then(Json::as_array)
                .is_some_and(|wanted| held.is_some_and(|held| wanted.contains(held))),
            _ => held == wanted,
        }
    })
}
