//! `EntityDefinitions`: tables, columns, keys and relationships as metadata.
//!
//! Definitions are built whole as JSON and then cut to what was asked for; there are few of them,
//! so that clarity wins over speed here.

mod altered;
mod attributes;
mod casts;
mod changes;
mod definitions;
mod environment;
mod keys;
mod messages;
mod project;
mod relationships;
mod translations;

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use crate::query::QueryOptions;
use crate::refusal::Refusal;
use crate::web::{Answer, Context};

pub(crate) use changes::answer as changes;
pub(crate) use definitions::metadata_id;
pub(crate) use environment::{languages, row_counts};
pub(crate) use messages::{MESSAGE_FILTERS, answer as messages};
use project::{expansions, filtered, projected};
pub(crate) use relationships::answer as relationships;

/// A JSON object.
type Object = Map<String, Json>;

/// Properties of one column type that hang on a navigation: shown only when expanded.
const OPTION_SETS: [&str; 2] = ["OptionSet", "GlobalOptionSet"];

/// The collections below a table: shown only when expanded, or by themselves.
const PARTS: [&str; 5] = [
    "Attributes",
    "Keys",
    "ManyToManyRelationships",
    "ManyToOneRelationships",
    "OneToManyRelationships",
];

/// Answers what follows `EntityDefinitions` in the address.
pub(crate) fn answer(context: &Context<'_>, rest: &str) -> Result<Answer, Refusal> {
    let options = &context.call.options;
    let tables = definitions::all(context);
    let api = context.call.api();
    if rest.is_empty() {
        let found = filtered(tables, options.get("$filter"), options, "EntityMetadata")?;
        let found = found
            .into_iter()
            .map(|table| table_view(table, options))
            .collect::<Result<Vec<_>, _>>()?;
        return Ok(collection(
            &format!("{api}/$metadata#EntityDefinitions"),
            found,
        ));
    }
    let (key, rest) = rest
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        .ok_or_else(|| Refusal::unknown_segment(rest))?;
    let table = tables
        .into_iter()
        .find(|table| is_named(table, key))
        .ok_or_else(|| {
            let name = key.split('\'').nth(1).unwrap_or(key);
            Refusal::new(
                404,
                "0x80060888",
                format!("Could not find an entity with specified entity name: '{name}'."),
            )
        })?;
    match rest.trim_start_matches('/') {
        "" => {
            let view = table_view(table, options)?;
            Ok(single(
                &format!("{api}/$metadata#EntityDefinitions/$entity"),
                view,
            ))
        }
        part => part_of(context, table, part),
    }
}

/// A collection below a table: its columns, keys or relationships.
fn part_of(context: &Context<'_>, mut table: Object, part: &str) -> Result<Answer, Refusal> {
    let options = &context.call.options;
    let logical_name = table
        .get("LogicalName")
        .and_then(Json::as_str)
        .unwrap_or_default()
        .to_owned();
    let (name, rest) = part.split_once('/').unwrap_or((part, ""));
    let (name, key) = name.split_once('(').unwrap_or((name, ""));
    if !PARTS.contains(&name) {
        return Err(Refusal::unknown_segment(name));
    }
    let mut members = objects(table.remove(name));
    let cast = rest.strip_prefix("Microsoft.Dynamics.CRM.");
    if let Some(cast) = cast {
        let properties = casts::of_cast(cast)
            .filter(|_| name == "Attributes")
            .ok_or_else(|| Refusal::unknown_segment(rest))?;
        // Also where no column is of this type.
        let selected = options.list("$select").unwrap_or_default();
        let expanded = expansions(options.get("$expand").unwrap_or_default());
        let expanded = expanded.iter().map(|(name, _)| name.as_str());
        for name in selected.into_iter().chain(expanded) {
            if !casts::is_common(name) && !properties.contains(&name) {
                return Err(Refusal::unknown_property(name, cast));
            }
        }
        let wanted = format!("#Microsoft.Dynamics.CRM.{cast}");
        members.retain(|member| cast == "AttributeMetadata" || member_type(member) == wanted);
    } else if !rest.is_empty() {
        return Err(Refusal::unknown_segment(rest));
    }
    let url = format!(
        "{}/$metadata#EntityDefinitions('{logical_name}')/{name}{}",
        context.call.api(),
        cast.map(|cast| format!("/Microsoft.Dynamics.CRM.{cast}"))
            .unwrap_or_default()
    );
    if key.is_empty() {
        let type_name = cast.unwrap_or("AttributeMetadata");
        let members = filtered(members, options.get("$filter"), options, type_name)?
            .into_iter()
            .map(|member| member_view(member, options, cast.is_some(), name))
            .collect::<Result<Vec<_>, _>>()?;
        return Ok(collection(&url, members));
    }
    let key = key.trim_end_matches(')');
    let member = members
        .into_iter()
        .find(|member| is_named(member, key))
        .ok_or_else(|| Refusal::unknown_segment(key))?;
    let view = member_view(member, options, cast.is_some(), name)?;
    Ok(single(&format!("{url}/$entity"), view))
}

/// A table cut to `$select`, with its parts where `$expand` asks for them.
fn table_view(mut table: Object, options: &QueryOptions) -> Result<Object, Refusal> {
    let mut expanded = Object::new();
    for (name, inner) in expansions(options.get("$expand").unwrap_or_default()) {
        let part = table
            .get(&name)
            .filter(|part| part.is_array() && name != "Privileges")
            .cloned()
            .ok_or_else(|| Refusal::unknown_property(&name, "EntityMetadata"))?;
        let members = filtered(
            objects(Some(part)),
            inner.get("$filter"),
            &inner,
            "AttributeMetadata",
        )?
        .into_iter()
        .map(|member| member_view(member, &inner, false, &name).map(Json::Object))
        .collect::<Result<Vec<_>, _>>()?;
        expanded.insert(name, Json::Array(members));
    }
    for part in PARTS {
        table.remove(part);
    }
    let mut view = projected(table, options.list("$select"), "EntityMetadata")?;
    view.extend(expanded);
    Ok(view)
}

/// A column (or key, or relationship) cut to `$select`. Without a cast only what all columns have
/// in common can be selected.
fn member_view(
    mut member: Object,
    options: &QueryOptions,
    cast: bool,
    part: &str,
) -> Result<Object, Refusal> {
    let mut expanded = Object::new();
    for (name, inner) in expansions(options.get("$expand").unwrap_or_default()) {
        let option_set = member
            .get(&name)
            .filter(|_| cast && OPTION_SETS.contains(&name.as_str()))
            .cloned()
            .ok_or_else(|| Refusal::unknown_property(&name, "AttributeMetadata"))?;
        let option_set = match option_set {
            Json::Object(object) => Json::Object(projected(
                object,
                inner.list("$select"),
                "OptionSetMetadata",
            )?),
            other => other,
        };
        expanded.insert(name, option_set);
    }
    for name in OPTION_SETS {
        member.remove(name);
    }
    let selected = options.list("$select");
    if selected.is_some() && !cast && part == "Attributes" {
        member.retain(|name, _| casts::is_common(name));
    }
    let mut view = projected(member, selected, "AttributeMetadata")?;
    if cast {
        view.remove("@odata.type");
    }
    view.extend(expanded);
    Ok(view)
}

/// Whether a key such as `LogicalName='x'`, `SchemaName='x'` or a bare GUID names this object.
fn is_named(object: &Object, key: &str) -> bool {
    let (name, value) = key.split_once('=').unwrap_or(("MetadataId", key));
    object.get(name.trim()).and_then(Json::as_str) == Some(value.trim().trim_matches('\''))
}

fn member_type(member: &Object) -> Cow<'_, str> {
    member
        .get("@odata.type")
        .and_then(Json::as_str)
        .map_or(Cow::Borrowed(""), Cow::Borrowed)
}

fn objects(part: Option<Json>) -> Vec<Object> {
    match part {
        Some(Json::Array(members)) => members
            .into_iter()
            .filter_map(|member| match member {
                Json::Object(object) => Some(object),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn collection(context: &str, value: Vec<Object>) -> Answer {
    let body = serde_json::json!({ "@odata.context": context, "value": value });
    Answer::odata(200, body.to_string().into_bytes())
}

fn single(context: &str, object: Object) -> Answer {
    let mut body = Object::new();
    body.insert("@odata.context".to_owned(), context.into());
    body.extend(object);
    Answer::odata(200, Json::Object(body).to_string().into_bytes())
}
