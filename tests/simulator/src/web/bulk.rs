//! `CreateMultiple`, `UpdateMultiple`, `UpsertMultiple`: all rows or none.

use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::key::RowKey;
use super::payload::Body;
use super::rights::{self, Privilege};
use super::{Answer, Context, store};
use crate::refusal::Refusal;
use crate::switches::Switches;
use crate::world::schema::Table;
use crate::world::{Value, World, input};

/// The messages by which a table offers bulk actions.
pub(crate) const MESSAGES: [&str; 2] = ["CreateMultiple", "UpdateMultiple"];

#[derive(Deserialize)]
struct Sent {
    #[serde(rename = "Targets")]
    targets: Vec<Body>,
}

/// Whether a table has the bulk actions.
pub(crate) fn offered(switches: &Switches, table: &Table) -> bool {
    table.ownership == "UserOwned" && !switches.without_bulk.contains(table.name.entity_set())
}

/// `POST set/Microsoft.Dynamics.CRM.name`.
pub(crate) fn answer(
    context: &mut Context<'_>,
    world: &mut World,
    entity_set: &str,
    name: &str,
) -> Result<Answer, Refusal> {
    let privilege = match name {
        "CreateMultiple" | "UpsertMultiple" => Privilege::Create,
        "UpdateMultiple" => Privilege::Write,
        "DeleteMultiple" => {
            let message = "DeleteMultiple has not yet been implemented.";
            return Err(Refusal::new(501, "0x80040203", message));
        }
        _ => return Err(Refusal::unknown_segment(name)),
    };
    let table = rights::table(context, world, entity_set, privilege)?
        .table
        .clone();
    if !offered(&context.switches, &table) {
        return Err(Refusal::unknown_segment(&format!(
            "Microsoft.Dynamics.CRM.{name}"
        )));
    }
    let targets = targets(context, &table)?;
    let done = world.atomically(|world| match name {
        "CreateMultiple" => create(context, world, &table, &targets).map(Some),
        "UpdateMultiple" => update(context, world, &table, &targets).map(|()| None),
        _ => upsert(context, world, &table, &targets).map(|()| None),
    })?;
    let Some(ids) = done else {
        return Ok(Answer::empty(204).header("odata-version", "4.0".to_owned()));
    };
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    let body = json!({
        "@odata.context": format!(
            "{}/$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse",
            context.call.api()
        ),
        "Ids": ids,
    });
    Ok(Answer::odata(200, body.to_string().into_bytes()))
}

/// The rows as sent, each of which names its type.
fn targets(context: &Context<'_>, table: &Table) -> Result<Vec<Body>, Refusal> {
    let sent: Sent = serde_json::from_slice(&context.call.body)
        .map_err(|_| Refusal::bad_payload("Stream was not readable."))?;
    if sent.targets.is_empty() {
        let message = "The required parameter 'Targets' is missing or has no records.";
        return Err(Refusal::new(400, "0x80040203", message));
    }
    let wanted = format!("Microsoft.Dynamics.CRM.{}", table.name.logical());
    for target in &sent.targets {
        let named = text(target, "@odata.type").unwrap_or_default();
        if named.trim_start_matches('#') != wanted {
            return Err(Refusal::bad_payload(format!(
                "An error occurred while validating input parameters: a target's '@odata.type' is \
                 '{named}'; '{wanted}' is required in every target."
            )));
        }
    }
    let most = usize::try_from(context.switches.bulk_rows_max).unwrap_or(usize::MAX);
    if most > 0 && sent.targets.len() > most {
        let message = "SQL timeout expired.";
        return Err(Refusal::new(500, "0x80044151", message));
    }
    Ok(sent.targets)
}

fn create(
    context: &Context<'_>,
    world: &mut World,
    table: &Table,
    targets: &[Body],
) -> Result<Vec<Uuid>, Refusal> {
    let create = |target| store::create(context, world, table, target);
    targets.iter().map(create).collect()
}

fn update(
    context: &Context<'_>,
    world: &mut World,
    table: &Table,
    targets: &[Body],
) -> Result<(), Refusal> {
    let mut ids = Vec::new();
    for target in targets {
        ids.push(own_id(table, target)?.ok_or_else(|| no_key(table))?);
    }
    let rows = world.rows(table.name.entity_set());
    let gone: Vec<String> = ids
        .iter()
        .filter(|id| rows.is_none_or(|rows| rows.get(**id).is_none()))
        .map(Uuid::to_string)
        .collect();
    if !gone.is_empty() {
        let (label, ids) = (table.label, gone.join(", "));
        let message = format!("{label} With Ids = {ids} Do Not Exist");
        return Err(Refusal::new(404, "0x80040217", message));
    }
    for (id, target) in ids.into_iter().zip(targets) {
        store::change(context, world, table, id, target)?;
    }
    Ok(())
}

fn upsert(
    context: &Context<'_>,
    world: &mut World,
    table: &Table,
    targets: &[Body],
) -> Result<(), Refusal> {
    for target in targets {
        let key = match text(target, "@odata.id") {
            Some(address) => by_address(context, table, &address)?,
            None => RowKey::Id(own_id(table, target)?.ok_or_else(|| no_key(table))?),
        };
        let (_, created) = store::upsert(context, world, table, &key, target)?;
        if let RowKey::Alternate { key, .. } = &key
            && let Some(twice) = key
                .columns
                .iter()
                .filter_map(|name| table.by_name(name))
                .map(|(_, column)| column.property())
                .find(|property| created && target.contains_key(property))
        {
            return Err(Refusal::bad_payload(format!(
                "The column '{twice}' is both in the key of a target and in its body."
            )));
        }
    }
    Ok(())
}

/// `set(key)`, also with the Web API's address before it.
fn by_address(context: &Context<'_>, table: &Table, address: &str) -> Result<RowKey, Refusal> {
    let entity_set = table.name.entity_set();
    let api = context.call.api();
    address
        .trim_start_matches(&api)
        .trim_start_matches('/')
        .strip_prefix(entity_set)
        .and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')'))
        .ok_or_else(|| Refusal::bad_payload(format!("'{address}' names no row of '{entity_set}'.")))
        .and_then(|key| RowKey::parse(&context.switches, table, key))
}

/// The primary key among a target's properties.
fn own_id(table: &Table, target: &Body) -> Result<Option<Uuid>, Refusal> {
    let (Some(sent), Some((_, column))) = (target.get(table.key()), table.by_name(table.key()))
    else {
        return Ok(None);
    };
    Ok(match input::parse(table, column, sent)? {
        Value::Guid(id) => Some(id),
        _ => None,
    })
}

fn no_key(table: &Table) -> Refusal {
    Refusal::new(
        400,
        "0x80040203",
        format!("Every target must have its '{}'.", table.key()),
    )
}

fn text(target: &Body, name: &str) -> Option<String> {
    serde_json::from_str(target.get(name)?.get()).ok()
}
