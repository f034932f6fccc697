//! One column of a row: set, cleared, or a lookup let go.

use axum::http::Method;
use serde_json::value::RawValue;

use super::key::RowKey;
use super::payload::{Body, body};
use super::rights::{self, Privilege};
use super::write::check_version;
use super::{Answer, Context, store};
use crate::refusal::Refusal;
use crate::world::World;
use crate::world::schema::Kind;

/// `PUT set(key)/column`, `DELETE set(key)/column`, `PUT` or `DELETE set(key)/navigation/$ref`.
pub(crate) fn change(
    context: &mut Context<'_>,
    world: &mut World,
    entity_set: &str,
    key: &str,
    property: &str,
) -> Result<Answer, Refusal> {
    let rows = rights::table(context, world, entity_set, Privilege::Write)?;
    let key = RowKey::of_url(&context.switches, &rows.table, key)?;
    let row = key.find(rows);
    let if_match = context.call.header("if-match").or(Some("*"));
    check_version(&context.switches, &rows.table, &key, row.as_ref(), if_match)?;
    let id = row.map(|row| row.id).unwrap_or_default();
    let table = rows.table.clone();
    let put = context.call.method == Method::PUT;
    let (name, member) = match property.strip_suffix("/$ref") {
        Some(navigation) => (format!("{navigation}@odata.bind"), "@odata.id"),
        None => (property.to_owned(), "value"),
    };
    let is_lookup = table
        .by_property(property)
        .is_some_and(|(_, column)| matches!(column.kind, Kind::Lookup { .. }));
    if is_lookup || (!property.ends_with("/$ref") && table.by_property(property).is_none()) {
        return Err(Refusal::unknown_segment(property));
    }
    let value = if put {
        body(&context.call.body)?
            .remove(member)
            .ok_or_else(|| Refusal::bad_payload(format!("The body has no '{member}'.")))?
    } else {
        RawValue::from_string("null".to_owned())
            .map_err(|error| Refusal::bad_payload(error.to_string()))?
    };
    let sent = Body::from([(name, value)]);
    world.atomically(|world| store::change(context, world, &table, id, &sent))?;
    Ok(Answer::empty(204).header("odata-version", "4.0".to_owned()))
}
