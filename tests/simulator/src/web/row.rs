//! One row by its key.

use uuid::Uuid;

use super::rights::{self, Privilege};
use super::selection::Selection;
use super::{Answer, Call, Context};
use crate::faults::Plan;
use crate::refusal::Refusal;
use crate::world::schema::Table;
use crate::world::{Row, TableName};

/// `GET set(key)`.
pub(crate) fn answer(
    context: &mut Context<'_>,
    entity_set: &str,
    key: &str,
) -> Result<Answer, Refusal> {
    let world = context.simulator.world();
    let rows = rights::table(context, &world, entity_set, Privilege::Read)?;
    context.call.options.check()?;
    let id = parse_key(&rows.table, key)?;
    let selection = Selection::of(&rows.table, &context.call.options, &context.switches)?;
    let row = rows
        .get(id)
        .ok_or_else(|| Refusal::unknown_row(rows.table.name.logical(), id))?;
    let depth = context.switches.depth(entity_set);
    if !depth.is_some_and(|depth| depth.shows(id)) {
        return Err(rights::row_denied(&world, &rows.table, id));
    }
    if context.call.header("if-none-match") == Some(row.etag().as_str()) {
        return Ok(Answer::empty(304).header("etag", row.etag()));
    }
    let body = single(context.call, entity_set, &row, &selection, context.plan);
    Ok(Answer::odata(200, body).header("etag", row.etag()))
}

/// The key between the parentheses: a GUID, bare or named.
pub(crate) fn parse_key(table: &Table, key: &str) -> Result<Uuid, Refusal> {
    let bare = match key.split_once('=') {
        None => key,
        // The key of a user is inherited, so its name is not known.
        Some((name, value))
            if name.trim() == table.key() && table.name != TableName::SystemUser =>
        {
            value
        }
        Some(_) => return Err(no_such_key(table)),
    };
    Uuid::try_parse(bare.trim()).map_err(|_| no_such_key(table))
}

fn no_such_key(table: &Table) -> Refusal {
    Refusal::bad_query(format!(
        "The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.{}'. Ensure \
         that the names and number of key properties match the declared or alternate key \
         properties for the resource 'Microsoft.Dynamics.CRM.{}'.",
        table.name.logical(),
        table.name.logical()
    ))
}

/// A row as a body of its own.
pub(crate) fn single(
    call: &Call,
    entity_set: &str,
    row: &Row<'_>,
    selection: &Selection,
    plan: &mut Plan,
) -> Vec<u8> {
    let mut body = format!(
        "{{\"@odata.context\":\"{}/$metadata#{entity_set}{}/$entity\",",
        call.api(),
        selection.context()
    )
    .into_bytes();
    selection.write_members(row, plan, &mut body);
    body.push(b'}');
    body
}
