//! Create, update, upsert, delete of single rows.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use uuid::Uuid;

use super::prefer::Preferences;
use super::rights::{self, Privilege};
use super::row::{parse_key, single};
use super::selection::Selection;
use super::{Answer, Context};
use crate::refusal::Refusal;
use crate::world::schema::{Kind, Table};
use crate::world::{Changes, Row, Value, World, input};

/// A row as sent: property by property, each value's text untouched.
pub(crate) type Body = BTreeMap<String, Box<RawValue>>;

/// `POST set`.
pub(crate) fn create(context: &mut Context<'_>, entity_set: &str) -> Result<Answer, Refusal> {
    let mut world = context.simulator.world_mut();
    let rows = rights::table(context, &world, entity_set, Privilege::Create)?;
    let table = rows.table.clone();
    let (key, changes) = read_changes(&world, &table, &body(context)?, false)?;
    let user = world.layout.application_user();
    let id = world
        .create(entity_set, key, changes, context.now, user)
        .ok_or_else(|| Refusal::new(412, "0x80040237", "Cannot insert duplicate key."))?;
    written(context, &world, &table, id, 201)
}

/// `PATCH set(key)`: an update, or an upsert, as the conditions say.
pub(crate) fn update(
    context: &mut Context<'_>,
    entity_set: &str,
    key: &str,
) -> Result<Answer, Refusal> {
    let mut world = context.simulator.world_mut();
    let rows = rights::table(context, &world, entity_set, Privilege::Write)?;
    let table = rows.table.clone();
    let id = parse_key(&table, key)?;
    let row = rows.get(id);
    let if_match = context.call.header("if-match");
    let refuse_existing = context.call.header("if-none-match") == Some("*");
    check_version(&table, id, row.as_ref(), if_match)?;
    if row.is_some() && refuse_existing {
        return Err(Refusal::new(
            412,
            "0x80040237",
            "A record with matching key values already exists.",
        ));
    }
    let exists = row.is_some();
    let (_, changes) = read_changes(&world, &table, &body(context)?, false)?;
    let user = world.layout.application_user();
    if exists {
        world.update(entity_set, id, changes, context.now, user);
        written(context, &world, &table, id, 200)
    } else {
        world.create(entity_set, Some(id), changes, context.now, user);
        written(context, &world, &table, id, 201)
    }
}

/// `DELETE set(key)`.
pub(crate) fn delete(
    context: &mut Context<'_>,
    entity_set: &str,
    key: &str,
) -> Result<Answer, Refusal> {
    let mut world = context.simulator.world_mut();
    let rows = rights::table(context, &world, entity_set, Privilege::Delete)?;
    let id = parse_key(&rows.table, key)?;
    let row = rows.get(id);
    let if_match = context.call.header("if-match").or(Some("*"));
    check_version(&rows.table, id, row.as_ref(), if_match)?;
    world.delete(entity_set, id);
    Ok(Answer::empty(204).header("odata-version", "4.0".to_owned()))
}

/// Holds the row against `If-Match`. A row that is gone is 404 whatever the tag (undocumented).
fn check_version(
    table: &Table,
    id: Uuid,
    row: Option<&Row<'_>>,
    if_match: Option<&str>,
) -> Result<(), Refusal> {
    match (row, if_match) {
        (_, None) | (Some(_), Some("*")) => Ok(()),
        (None, Some(_)) => Err(Refusal::unknown_row(table.name.logical(), id)),
        (Some(row), Some(tag)) if tag == row.etag() => Ok(()),
        (Some(_), Some(_)) => Err(Refusal::new(
            412,
            "0x80060882",
            "The version of the existing record doesn't match the RowVersion property provided.",
        )),
    }
}

fn written(
    context: &mut Context<'_>,
    world: &World,
    table: &Table,
    id: Uuid,
    status: u16,
) -> Result<Answer, Refusal> {
    let entity_set = table.name.entity_set();
    let representation = Preferences::read(&context.call.headers, 1).representation;
    let row = world.rows(entity_set).and_then(|rows| rows.get(id));
    let Some(row) = row.filter(|_| representation) else {
        let url = format!("{}/{entity_set}({id})", context.call.api());
        return Ok(Answer::empty(204)
            .header("odata-version", "4.0".to_owned())
            .header("odata-entityid", url));
    };
    let selection = Selection::of(table, &context.call.options, &context.switches)?;
    let body = single(context.call, entity_set, &row, &selection, context.plan);
    Ok(
        Answer::odata(status, body)
            .header("preference-applied", "return=representation".to_owned()),
    )
}

fn body(context: &Context<'_>) -> Result<Body, Refusal> {
    serde_json::from_slice(&context.call.body)
        .map_err(|_| Refusal::bad_payload("Stream was not readable."))
}

/// Reads what was sent for a row: its key, if given, and the columns. `direct` allows a lookup to
/// be set as `_x_value`, which the service itself refuses.
pub(crate) fn read_changes(
    world: &World,
    table: &Table,
    body: &Body,
    direct: bool,
) -> Result<(Option<Uuid>, Changes), Refusal> {
    let mut key = None;
    let mut changes = Changes::new();
    for (property, sent) in body {
        if let Some(navigation) = property.strip_suffix("@odata.bind") {
            changes.push(bind(world, table, navigation, sent)?);
            continue;
        }
        if property.starts_with('@') {
            continue;
        }
        let Some((position, column)) = table.by_property(property) else {
            return Err(unknown(table, property));
        };
        match (column.kind, input::read(table, column, sent)?) {
            (Kind::Key, Some(Value::Guid(id))) => key = Some(id),
            (Kind::Lookup { .. }, _) if !direct => {
                return Err(Refusal::bad_payload(
                    "CRM do not support direct update of Entity Reference properties, Use \
                     Navigation properties instead.",
                ));
            }
            (_, Some(value)) => changes.push((position, value)),
            (_, None) => {}
        }
    }
    Ok((key, changes))
}

fn unknown(table: &Table, property: &str) -> Refusal {
    if table.by_name(property).is_some() || property.contains('@') {
        let name = property.split('@').next().unwrap_or_default();
        return undeclared(table, name);
    }
    Refusal::bad_payload(format!(
        "Error identified in Payload provided by the user for Entity :'{}': Invalid property \
         '{property}' was found in entity 'Microsoft.Dynamics.CRM.{}'.",
        table.name.entity_set(),
        table.name.logical()
    ))
}

fn undeclared(table: &Table, name: &str) -> Refusal {
    Refusal::bad_payload(format!(
        "Error identified in Payload provided by the user for Entity :'{}': An undeclared \
         property '{name}' which only has property annotations in the payload but no property \
         value was found in the payload.",
        table.name.entity_set()
    ))
}

/// `"hlf_ContactId@odata.bind": "/contacts(…)"`, or null to clear.
fn bind(
    world: &World,
    table: &Table,
    navigation: &str,
    sent: &RawValue,
) -> Result<(usize, Value), Refusal> {
    let (position, target) = table
        .by_navigation(navigation)
        .ok_or_else(|| undeclared(table, navigation))?;
    let address: Option<String> = serde_json::from_str(sent.get())
        .map_err(|_| Refusal::bad_payload("A binding takes the address of a row, or null."))?;
    let Some(address) = address else {
        return Ok((position, Value::Null));
    };
    let entity_set = target.table.entity_set();
    let wrong = || {
        Refusal::bad_query(format!(
            "The address bound to '{navigation}' does not name a row of '{entity_set}'."
        ))
    };
    let (set, key) = address
        .rsplit('/')
        .next()
        .and_then(|segment| segment.strip_suffix(')')?.split_once('('))
        .ok_or_else(wrong)?;
    let rows = world.rows(set).filter(|_| set == entity_set);
    let rows = rows.ok_or_else(wrong)?;
    let id = parse_key(&rows.table, key)?;
    rows.get(id)
        .ok_or_else(|| Refusal::unknown_row(target.table.logical(), id))?;
    Ok((position, Value::Guid(id)))
}
