//! Create, update, upsert, delete of single rows.

use super::key::RowKey;
use super::payload::body;
use super::prefer::Preferences;
use super::rights::{self, Privilege};
use super::row::single;
use super::selection::Selection;
use super::{Answer, Context, store};
use crate::refusal::Refusal;
use crate::switches::Switches;
use crate::world::schema::Table;
use crate::world::{Row, World};

/// `POST set`.
pub(crate) fn create(
    context: &mut Context<'_>,
    world: &mut World,
    entity_set: &str,
) -> Result<Answer, Refusal> {
    let table = rights::table(context, world, entity_set, Privilege::Create)?
        .table
        .clone();
    let sent = body(&context.call.body)?;
    let id = world.atomically(|world| store::create(context, world, &table, &sent))?;
    written(context, world, &table, &RowKey::Id(id), 201)
}

/// `PATCH set(key)`: an update, or an upsert, as the conditions say.
pub(crate) fn update(
    context: &mut Context<'_>,
    world: &mut World,
    entity_set: &str,
    key: &str,
) -> Result<Answer, Refusal> {
    let rows = rights::table(context, world, entity_set, Privilege::Write)?;
    let key = RowKey::of_url(&context.switches, &rows.table, key)?;
    let row = key.find(rows);
    let if_match = context.call.header("if-match");
    check_version(&context.switches, &rows.table, &key, row.as_ref(), if_match)?;
    if row.is_some() && context.call.header("if-none-match") == Some("*") {
        return Err(Refusal::new(
            412,
            "0x80040237",
            "A record with matching key values already exists.",
        ));
    }
    let table = rows.table.clone();
    let sent = body(&context.call.body)?;
    let (id, created) =
        world.atomically(|world| store::upsert(context, world, &table, &key, &sent))?;
    let key = match key {
        RowKey::Id(_) => RowKey::Id(id),
        alternate @ RowKey::Alternate { .. } => alternate,
    };
    written(
        context,
        world,
        &table,
        &key,
        if created { 201 } else { 200 },
    )
}

/// `DELETE set(key)`.
pub(crate) fn delete(
    context: &mut Context<'_>,
    world: &mut World,
    entity_set: &str,
    key: &str,
) -> Result<Answer, Refusal> {
    let rows = rights::table(context, world, entity_set, Privilege::Delete)?;
    let key = RowKey::of_url(&context.switches, &rows.table, key)?;
    let row = key.find(rows);
    let if_match = context.call.header("if-match").or(Some("*"));
    check_version(&context.switches, &rows.table, &key, row.as_ref(), if_match)?;
    if let Some(id) = row.map(|row| row.id) {
        world.delete(entity_set, id);
    }
    Ok(Answer::empty(204).header("odata-version", "4.0".to_owned()))
}

/// Holds the row against `If-Match`.
pub(crate) fn check_version(
    switches: &Switches,
    table: &Table,
    key: &RowKey,
    row: Option<&Row<'_>>,
    if_match: Option<&str>,
) -> Result<(), Refusal> {
    match (row, if_match) {
        (_, None) | (Some(_), Some("*")) => Ok(()),
        (None, Some(tag)) if tag == "*" || switches.tag_of_gone_row_status != 412 => {
            Err(key.missing(table))
        }
        (Some(row), Some(tag)) if tag == row.etag() => Ok(()),
        (_, Some(_)) => Err(Refusal::new(
            412,
            "0x80060882",
            "The version of the existing record doesn't match the RowVersion property provided.",
        )),
    }
}

/// The answer to a write: the row where that was asked for, else its address. A row that was addressed
/// by an alternate key is named by it again, its GUID stays unsaid.
pub(crate) fn written(
    context: &mut Context<'_>,
    world: &World,
    table: &Table,
    key: &RowKey,
    status: u16,
) -> Result<Answer, Refusal> {
    let entity_set = table.name.entity_set();
    let representation = Preferences::read(&context.call.headers, 1).representation;
    let row = world.rows(entity_set).and_then(|rows| key.find(rows));
    let Some(row) = row.filter(|_| representation) else {
        let url = match key {
            RowKey::Id(id) => format!("{}/{entity_set}({id})", context.call.api()),
            RowKey::Alternate { .. } => context.call.own_address(),
        };
        return Ok(Answer::empty(204)
            .header("odata-version", "4.0".to_owned())
            .header("odata-entityid", url));
    };
    let selection = Selection::of(context, world, table)?;
    let body = single(
        context.call,
        (world, entity_set),
        &row,
        &selection,
        context.plan,
    );
    Ok(
        Answer::odata(status, body)
            .header("preference-applied", "return=representation".to_owned()),
    )
}
