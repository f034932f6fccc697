//! One row by its key.

use super::key::RowKey;
use super::prefer::Preferences;
use super::read::with_applied;
use super::rights::{self, Privilege};
use super::selection::Selection;
use super::{Answer, Call, Context};
use crate::faults::Plan;
use crate::refusal::Refusal;
use crate::world::{Row, World};

/// `GET set(key)`.
pub(crate) fn answer(
    context: &mut Context<'_>,
    entity_set: &str,
    key: &str,
) -> Result<Answer, Refusal> {
    let world = context.simulator.world();
    let rows = rights::table(context, &world, entity_set, Privilege::Read)?;
    context.call.options.check()?;
    let key = RowKey::of_url(&context.switches, &rows.table, key)?;
    let selection = Selection::of(context, &world, &rows.table)?;
    let row = key.find(rows).ok_or_else(|| key.missing(&rows.table))?;
    let depth = context.switches.depth(entity_set);
    if !depth.is_some_and(|depth| depth.shows(row.id)) {
        return Err(rights::row_denied(&world, &rows.table, row.id));
    }
    let unchanged = context.call.header("if-none-match") == Some(row.etag().as_str());
    // What else is shown may have changed all the same.
    if unchanged && !selection.shows_more() {
        return Ok(Answer::empty(304).header("etag", row.etag()));
    }
    let body = single(
        context.call,
        (&world, entity_set),
        &row,
        &selection,
        context.plan,
    );
    let answer = Answer::odata(200, body).header("etag", row.etag());
    let preferences = Preferences::read(&context.call.headers, 1);
    // Of a single row there are no pages.
    let preferences = Preferences {
        max_page_size: None,
        track_changes: false,
        ..preferences
    };
    Ok(with_applied(context, answer, preferences))
}

/// A row as a body of its own.
pub(crate) fn single(
    call: &Call,
    (world, entity_set): (&World, &str),
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
    selection.write_members(world, row, plan, &mut body);
    body.push(b'}');
    body
}
