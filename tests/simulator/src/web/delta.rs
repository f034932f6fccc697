//! Change tracking: the first load with its token, and what changed since a token.
//!
//! Nothing is kept between pages: the first page's upper bound and the place reached ride in the
//! `$skiptoken`.

use uuid::Uuid;

use super::cookie::{self, Cookie};
use super::delta_token::{Home, Token};
use super::links::{self, Link};
use super::prefer::Preferences;
use super::read::{cut, skip_token, with_applied};
use super::selection::Selection;
use super::{Answer, Context, rights};
use crate::refusal::Refusal;
use crate::switches::FirstLoadToken;
use crate::world::{Row, Rows, World};

/// A change as the page lists it.
enum Change<'a> {
    Row(Row<'a>),
    Deleted { version: u64, id: Uuid },
}

/// A page of a first load, or of a delta.
pub(crate) fn page(
    context: &mut Context<'_>,
    world: &World,
    rows: &Rows,
    preferences: Preferences,
) -> Result<Answer, Refusal> {
    for name in ["$filter", "$orderby", "$expand", "$top"] {
        if context.call.options.has(name) {
            return Err(Refusal::bad_query(format!(
                "The \"{name}\" query parameter isn't supported when Change Tracking is enabled."
            )));
        }
    }
    rights::tracking(context, world, &rows.table)?;
    let selection = Selection::of(context, world, &rows.table)?;
    let size = preferences
        .max_page_size
        .unwrap_or_else(|| context.largest_page());
    let body = if context.call.options.has("$deltatoken") {
        changes(context, world, rows, &selection, size)?
    } else {
        first_load(context, world, rows, &selection, size)?
    };
    Ok(with_applied(context, Answer::odata(200, body), preferences))
}

/// How many changes there are since a token.
pub(crate) fn count(context: &Context<'_>, world: &World, rows: &Rows) -> Result<usize, Refusal> {
    rights::tracking(context, world, &rows.table)?;
    let from = Token::asked(context, world, Home::of(world, &rows.table))?.version;
    let changed = rows.changed_between(from, world.version()).count();
    let deleted = rows.deleted_between(from, world.version()).count();
    Ok(changed.saturating_add(deleted))
}

fn first_load(
    context: &mut Context<'_>,
    world: &World,
    rows: &Rows,
    selection: &Selection,
    size: usize,
) -> Result<Vec<u8>, Refusal> {
    let entity_set = rows.table.name.entity_set();
    let home = Home::of(world, &rows.table);
    let cookie = skip_token(context, rows.table.key(), size)?;
    let now = Token::now(context, world);
    let start = match &cookie {
        None => now,
        Some(cookie) => Token::carried(cookie, home)?,
    };
    let found: Vec<Row<'_>> = rows
        .after(cookie.as_ref().map(|cookie| cookie.last))
        .take(size.saturating_add(1))
        .collect();
    let shown = found.get(..size).unwrap_or(&found);
    let link = match cut(shown, context.overlap()).filter(|_| found.len() > size) {
        Some(last) => {
            let page = cookie.map_or(1, |cookie| cookie.page);
            let next =
                Cookie::new(page.saturating_add(1), last.id, size).with("token", start.print(home));
            let first = shown.first().map_or(Uuid::nil(), |row| row.id);
            links::next(
                context.call,
                entity_set,
                &next.print(rows.table.key(), first),
            )
        }
        None => {
            let token = match context.switches.first_load_token {
                FirstLoadToken::Start => start,
                FirstLoadToken::End => now,
            };
            links::delta(
                context.call,
                entity_set,
                &context.call.options,
                &token.print(home),
            )
        }
    };
    let mut body = head(context, rows, selection, "", Some(link));
    for (index, row) in shown.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        selection.write_row(world, row, context.plan, &mut body);
    }
    body.extend_from_slice(b"]}");
    Ok(body)
}

fn changes(
    context: &mut Context<'_>,
    world: &World,
    rows: &Rows,
    selection: &Selection,
    size: usize,
) -> Result<Vec<u8>, Refusal> {
    let entity_set = rows.table.name.entity_set();
    let home = Home::of(world, &rows.table);
    let from = Token::asked(context, world, home)?;
    let cookie = skip_token(context, rows.table.key(), size)?;
    let upto = match &cookie {
        None => Token::now(context, world),
        Some(cookie) => Token::carried(cookie, home)?,
    };
    let place = |name| {
        cookie
            .as_ref()
            .and_then(|cookie| cookie.get(name)?.parse().ok())
    };
    let (changed, deleted): (Option<u64>, Option<u64>) = (place("changed"), place("deleted"));
    if cookie.is_some() && changed.is_none() && deleted.is_none() {
        return Err(cookie::invalid());
    }
    // Once among the deletes, no changed row is left.
    let changed = if deleted.is_some() {
        upto.version
    } else {
        changed.unwrap_or(from.version)
    };
    let found: Vec<Change<'_>> = rows
        .changed_between(changed, upto.version)
        .map(Change::Row)
        .chain(
            rows.deleted_between(deleted.unwrap_or(from.version), upto.version)
                .map(|(version, id)| Change::Deleted { version, id }),
        )
        .take(size.saturating_add(1))
        .collect();
    let shown = found.get(..size).unwrap_or(&found);
    let link = match cut(shown, context.overlap()).filter(|_| found.len() > size) {
        Some(last) => {
            let page = cookie.map_or(1, |cookie| cookie.page).saturating_add(1);
            let next = match last {
                Change::Row(row) => {
                    Cookie::new(page, row.id, size).with("changed", row.version.to_string())
                }
                Change::Deleted { version, id } => {
                    Cookie::new(page, *id, size).with("deleted", version.to_string())
                }
            };
            let next = next.with("token", upto.print(home));
            let text = next.print(rows.table.key(), Uuid::nil());
            Some(links::next(context.call, entity_set, &text))
        }
        None if shown.is_empty() && context.switches.omit_link_of_empty_delta => None,
        None => Some(links::delta(
            context.call,
            entity_set,
            &context.call.options,
            &upto.print(home),
        )),
    };
    let mut body = head(context, rows, selection, "/$delta", link);
    write_changes(context, (world, rows), shown, selection, &mut body);
    body.extend_from_slice(b"]}");
    Ok(body)
}

fn write_changes(
    context: &mut Context<'_>,
    (world, rows): (&World, &Rows),
    shown: &[Change<'_>],
    selection: &Selection,
    body: &mut Vec<u8>,
) {
    let deleted_context = format!(
        "{}/$metadata#{}/$deletedEntity",
        context.call.api(),
        rows.table.name.entity_set()
    );
    for (index, change) in shown.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        match change {
            Change::Row(row) => selection.write_row(world, row, context.plan, body),
            Change::Deleted { id, .. } => body.extend_from_slice(
                format!(
                    "{{\"@odata.context\":\"{deleted_context}\",\"id\":\"{id}\",\
                     \"reason\":\"deleted\"}}"
                )
                .as_bytes(),
            ),
        }
    }
}

/// All up to the opening bracket of the rows; links come before them, as the service prints it.
fn head(
    context: &mut Context<'_>,
    rows: &Rows,
    selection: &Selection,
    suffix: &str,
    link: Option<Link>,
) -> Vec<u8> {
    let mut body = format!(
        "{{\"@odata.context\":\"{}/$metadata#{}{}{suffix}\",",
        context.call.api(),
        rows.table.name.entity_set(),
        selection.context()
    );
    if let Some(link) = link {
        let (name, url) = match links::spoil(link, context.call, context.plan) {
            Link::Next(url) => ("nextLink", url),
            Link::Delta(url) => ("deltaLink", url),
        };
        body.push_str(&format!("\"@odata.{name}\":\"{url}\","));
    }
    body.push_str("\"value\":[");
    body.into_bytes()
}
