//! Pages of a table without change tracking.

use uuid::Uuid;

use super::condition::{COUNT_CAP, Condition};
use super::cookie::{self, Cookie};
use super::links::{self, Link};
use super::order::{Order, Place};
use super::prefer::Preferences;
use super::rights::{self, Privilege};
use super::selection::Selection;
use super::{Answer, Context, delta};
use crate::refusal::Refusal;
use crate::world::{Row, Rows, World};

/// Definitions never change here.
const METADATA_VERSION: &str = "\"@Microsoft.Dynamics.CRM.globalmetadataversion\":\"1000001\",";

/// One page.
pub(crate) fn page(context: &mut Context<'_>, entity_set: &str) -> Result<Answer, Refusal> {
    let world = context.simulator.world();
    let rows = rights::table(context, &world, entity_set, Privilege::Read)?;
    let options = &context.call.options;
    options.check()?;
    let preferences = Preferences::read(&context.call.headers, context.simulator.page_size_max());
    if preferences.track_changes || options.has("$deltatoken") {
        return delta::page(context, &world, rows, preferences);
    }
    let selection = Selection::of(context, &world, &rows.table)?;
    let condition = Condition::of(context, &rows.table)?;
    let page_size = preferences
        .max_page_size
        .unwrap_or_else(|| context.largest_page());
    let cookie = skip_token(context, rows.table.key(), page_size)?;
    // A page size makes `$top` be ignored.
    let top = options
        .top()?
        .filter(|_| preferences.max_page_size.is_none());
    let size = page_size.min(top.unwrap_or(page_size));

    let order = options
        .get("$orderby")
        .map(|text| Order::parse(context, &rows.table, text))
        .transpose()?;
    let found = match &order {
        None => in_key_order(rows, &condition, cookie.as_ref(), size),
        Some(order) => in_order(rows, &condition, cookie.as_ref(), size, order)?,
    };
    let counted = options.count().then(|| condition.count(rows));
    let page_number = cookie.map_or(1, |cookie| cookie.page);
    let more = found.len() > size && top.is_none();
    let shown = found.get(..size).unwrap_or(&found);
    let next = cut(shown, context.overlap()).filter(|_| more).map(|last| {
        let cookie = Cookie::new(page_number.saturating_add(1), last.id, page_size);
        let cookie = match &order {
            Some(order) => Order::put_into(&order.place(last), cookie),
            None => cookie,
        };
        let first = shown.first().map_or(Uuid::nil(), |row| row.id);
        let cookie = cookie.print(rows.table.key(), first);
        links::next(context.call, entity_set, &cookie)
    });

    let mut body = format!(
        "{{\"@odata.context\":\"{}/$metadata#{entity_set}{}\",",
        context.call.api(),
        selection.context()
    );
    if let Some(count) = counted {
        body.push_str(&format!("\"@odata.count\":{count},"));
    }
    if preferences.annotations.counts {
        body.push_str(&counted_annotations(counted));
    }
    if preferences.annotations.metadata_version {
        body.push_str(METADATA_VERSION);
    }
    let body = finish(context, &world, body, shown, (&selection, next));
    Ok(with_applied(context, Answer::odata(200, body), preferences))
}

/// The number of rows, capped like every count.
pub(crate) fn count(context: &mut Context<'_>, entity_set: &str) -> Result<Answer, Refusal> {
    let world = context.simulator.world();
    let rows = rights::table(context, &world, entity_set, Privilege::Read)?;
    context.call.options.check()?;
    let count = if context.call.options.has("$deltatoken") {
        delta::count(context, &world, rows)?
    } else {
        Condition::of(context, &rows.table)?.count(rows)
    };
    Ok(Answer::empty(200)
        .header("content-type", "text/plain".to_owned())
        .header("odata-version", "4.0".to_owned())
        .with_body(count.to_string().into_bytes()))
}

/// The cookie of a follow-up page of the table with this primary key, unless follow-ups are refused.
/// Every page of a walk has the same size.
pub(crate) fn skip_token(
    context: &Context<'_>,
    key: &str,
    page_size: usize,
) -> Result<Option<Cookie>, Refusal> {
    let Some(text) = context.call.options.get("$skiptoken") else {
        return Ok(None);
    };
    if context.switches.refuse_next_links {
        return Err(cookie::invalid());
    }
    let cookie = Cookie::parse(text, key)?;
    if cookie.page_size != page_size {
        return Err(Refusal::new(
            400,
            "0x80041129",
            format!(
                "The page size of the paging cookie, {}, differs from that of the query, \
                 {page_size}.",
                cookie.page_size
            ),
        ));
    }
    Ok(Some(cookie))
}

/// The row after which the next page starts: the last one, or earlier when pages overlap. Every
/// page moves on by one row at least.
pub(crate) fn cut<T>(shown: &[T], overlap: usize) -> Option<&T> {
    let last = shown.len().checked_sub(1)?;
    shown.get(last.saturating_sub(overlap.min(last)))
}

pub(crate) fn with_applied(
    context: &Context<'_>,
    answer: Answer,
    preferences: Preferences,
) -> Answer {
    match preferences.applied_to_read(&context.call.headers) {
        Some(applied) => answer.header("preference-applied", applied),
        None => answer,
    }
}

/// Up to one row more than a page: its presence tells that there is a next page.
fn in_key_order<'r>(
    rows: &'r Rows,
    condition: &Condition,
    cookie: Option<&Cookie>,
    size: usize,
) -> Vec<Row<'r>> {
    rows.after(cookie.map(|cookie| cookie.last))
        .filter(|row| condition.holds(row))
        .take(size.saturating_add(1))
        .collect()
}

/// The same in another order: one pass over the table that holds two pages at most.
fn in_order<'r>(
    rows: &'r Rows,
    condition: &Condition,
    cookie: Option<&Cookie>,
    size: usize,
    order: &Order,
) -> Result<Vec<Row<'r>>, Refusal> {
    let after = cookie
        .map(|cookie| order.place_of(&rows.table, cookie))
        .transpose()?;
    let wanted = size.saturating_add(1);
    let mut best: Vec<(Place, Row<'r>)> = Vec::new();
    let sort = |best: &mut Vec<(Place, Row<'r>)>| {
        best.sort_by(|(left, _), (right, _)| order.compare(left, right));
        best.truncate(wanted);
    };
    for row in rows.after(None).filter(|row| condition.holds(row)) {
        let place = order.place(&row);
        let beyond = |after: &Place| order.compare(&place, after).is_gt();
        if after.as_ref().is_none_or(beyond) {
            best.push((place, row));
            if best.len() >= wanted.saturating_mul(2) {
                sort(&mut best);
            }
        }
    }
    sort(&mut best);
    Ok(best.into_iter().map(|(_, row)| row).collect())
}

/// The counts that annotations tell: -1 where none was asked for.
fn counted_annotations(counted: Option<usize>) -> String {
    const NAME: &str = "@Microsoft.Dynamics.CRM.totalrecordcount";
    let count = counted.map_or_else(|| "-1".to_owned(), |count| count.to_string());
    // A count that has reached the cap may stand for more.
    let exceeded = counted.is_some_and(|count| count >= COUNT_CAP);
    format!("\"{NAME}\":{count},\"{NAME}limitexceeded\":{exceeded},")
}

fn finish(
    context: &mut Context<'_>,
    world: &World,
    start: String,
    shown: &[Row<'_>],
    (selection, next): (&Selection, Option<Link>),
) -> Vec<u8> {
    let mut body = start.into_bytes();
    body.extend_from_slice(b"\"value\":[");
    for (index, row) in shown.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        selection.write_row(world, row, context.plan, &mut body);
    }
    body.push(b']');
    if let Some(link) = next {
        let (Link::Next(url) | Link::Delta(url)) = links::spoil(link, context.call, context.plan);
        body.extend_from_slice(format!(",\"@odata.nextLink\":\"{url}\"").as_bytes());
    }
    body.push(b'}');
    body
}

impl Context<'_> {
    /// The page size where the caller named none.
    pub(crate) fn largest_page(&self) -> usize {
        usize::try_from(self.simulator.page_size_max())
            .unwrap_or(usize::MAX)
            .max(1)
    }

    /// How many rows of a page come again with the next.
    pub(crate) fn overlap(&self) -> usize {
        usize::try_from(self.switches.page_overlap).unwrap_or(0)
    }
}
