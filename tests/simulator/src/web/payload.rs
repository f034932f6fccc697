//! What callers send for a row, held against the table.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use uuid::Uuid;

use super::key::RowKey;
use crate::refusal::Refusal;
use crate::switches::Switches;
use crate::world::schema::{Kind, Table};
use crate::world::{Changes, Value, World, input};

/// A row as sent: property by property, each value's text untouched.
pub(crate) type Body = BTreeMap<String, Box<RawValue>>;

/// Reads a row as sent.
pub(crate) fn body(sent: &[u8]) -> Result<Body, Refusal> {
    serde_json::from_slice(sent).map_err(|_| Refusal::bad_payload("Stream was not readable."))
}

/// Reads what was sent for a row: its key, if given, and the columns. `direct` allows a lookup to
/// be set as `_x_value`, which the service itself refuses.
pub(crate) fn read_changes(
    world: &World,
    switches: &Switches,
    table: &Table,
    body: &Body,
    direct: bool,
) -> Result<(Option<Uuid>, Changes), Refusal> {
    let mut key = None;
    let mut changes = Changes::new();
    for (property, sent) in body {
        if let Some(navigation) = property.strip_suffix("@odata.bind") {
            changes.push(bind(world, switches, table, navigation, sent)?);
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
    switches: &Switches,
    table: &Table,
    navigation: &str,
    sent: &RawValue,
) -> Result<(usize, Value), Refusal> {
    let (position, targets) = table
        .by_navigation(navigation)
        .ok_or_else(|| undeclared(table, navigation))?;
    let address: Option<String> = serde_json::from_str(sent.get())
        .map_err(|_| Refusal::bad_payload("A binding takes the address of a row, or null."))?;
    let Some(address) = address else {
        return Ok((position, Value::Null));
    };
    let sets: Vec<&str> = targets
        .iter()
        .map(|target| target.table.entity_set())
        .collect();
    let wrong = || {
        Refusal::bad_query(format!(
            "The address bound to '{navigation}' does not name a row of '{}'.",
            sets.join("' or '")
        ))
    };
    let (set, key) = address
        .rsplit('/')
        .next()
        .and_then(|segment| segment.strip_suffix(')')?.split_once('('))
        .ok_or_else(wrong)?;
    let rows = world.rows(set).filter(|_| sets.contains(&set));
    let rows = rows.ok_or_else(wrong)?;
    let key = RowKey::parse(switches, &rows.table, key)?;
    let row = key.find(rows).ok_or_else(|| key.missing(&rows.table))?;
    Ok((position, Value::Guid(row.id)))
}
