//! Pages of a table without change tracking.

use std::borrow::Cow;

use uuid::Uuid;

use super::cookie::{self, Cookie};
use super::links::{self, Link};
use super::order::{Order, Place};
use super::prefer::Preferences;
use super::rights::{self, Privilege};
use super::selection::Selection;
use super::{Answer, Context, delta};
use crate::query::{Expression, Operand, parse_filter};
use crate::refusal::Refusal;
use crate::world::schema::Table;
use crate::world::{Row, Rows};

/// A count never goes beyond this.
const COUNT_CAP: usize = 5_000;

type Filter = Expression<usize>;

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
    for name in ["$expand", "$apply"] {
        if options.has(name) {
            return Err(Refusal::new(
                501,
                "0x80060888",
                format!("The simulator does not know {name}."),
            ));
        }
    }
    let selection = Selection::of(&rows.table, options)?;
    let filter = filter(context, &rows.table)?;
    let cookie = skip_token(context)?;
    let size = preferences
        .max_page_size
        .unwrap_or_else(|| context.largest_page());
    // A page size makes `$top` be ignored.
    let top = options
        .top()?
        .filter(|_| preferences.max_page_size.is_none());
    let size = size.min(top.unwrap_or(size));

    let order = options
        .get("$orderby")
        .map(|text| Order::parse(&rows.table, text))
        .transpose()?;
    let found = match &order {
        None => in_key_order(rows, filter.as_ref(), cookie.as_ref(), size),
        Some(order) => in_order(rows, filter.as_ref(), cookie.as_ref(), size, order)?,
    };
    let counted = options.count().then(|| counted(rows, filter.as_ref()));
    let page_number = cookie.map_or(1, |cookie| cookie.page);
    let more = found.len() > size && top.is_none();
    let shown = found.get(..size).unwrap_or(&found);
    let next = cut(shown, context.overlap()).filter(|_| more).map(|last| {
        let cookie = Cookie::new(page_number.saturating_add(1), last.id);
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
    let body = finish(context, body, shown, &selection, next);
    Ok(with_applied(Answer::odata(200, body), preferences))
}

/// The number of rows, capped like every count.
pub(crate) fn count(context: &mut Context<'_>, entity_set: &str) -> Result<Answer, Refusal> {
    let world = context.simulator.world();
    let rows = rights::table(context, &world, entity_set, Privilege::Read)?;
    context.call.options.check()?;
    let count = if context.call.options.has("$deltatoken") {
        delta::count(context, &world, rows)?
    } else {
        let filter = filter(context, &rows.table)?;
        counted(rows, filter.as_ref())
    };
    Ok(Answer::empty(200)
        .header("content-type", "text/plain".to_owned())
        .header("odata-version", "4.0".to_owned())
        .with_body(count.to_string().into_bytes()))
}

/// The cookie of a follow-up page, unless follow-ups are refused.
pub(crate) fn skip_token(context: &Context<'_>) -> Result<Option<Cookie>, Refusal> {
    match context.call.options.get("$skiptoken") {
        None => Ok(None),
        Some(_) if context.switches.refuse_next_links => Err(cookie::invalid()),
        Some(text) => Cookie::parse(text).map(Some),
    }
}

/// The row after which the next page starts: the last one, or earlier when pages overlap. Every
/// page moves on by one row at least.
pub(crate) fn cut<T>(shown: &[T], overlap: usize) -> Option<&T> {
    let last = shown.len().checked_sub(1)?;
    shown.get(last.saturating_sub(overlap.min(last)))
}

pub(crate) fn with_applied(answer: Answer, preferences: Preferences) -> Answer {
    match preferences.applied_to_read() {
        Some(applied) => answer.header("preference-applied", applied),
        None => answer,
    }
}

fn filter(context: &Context<'_>, table: &Table) -> Result<Option<Filter>, Refusal> {
    let Some(text) = context.call.options.get("$filter") else {
        return Ok(None);
    };
    let filter = parse_filter(text, &context.call.options)?.bind(&mut |name: String| {
        table
            .by_property(&name)
            .map(|(position, _)| position)
            .ok_or_else(|| Refusal::unknown_property(&name, table.name.logical()))
    })?;
    filter.check(&mut |left, comparison, right| {
        let ((Operand::Property(position), Operand::Literal(value))
        | (Operand::Literal(value), Operand::Property(position))) = (left, right)
        else {
            return Ok(());
        };
        match table.columns.get(*position) {
            Some(column) if !column.kind.comparable(value) => Err(Refusal::bad_query(format!(
                "A binary operator with incompatible types was detected. The operand '{}' of type \
                 '{}' cannot be compared so for operator kind '{}'.",
                column.property(),
                column.kind.edm(),
                comparison.kind()
            ))),
            _ => Ok(()),
        }
    })?;
    Ok(Some(filter))
}

fn passes(filter: Option<&Filter>, row: &Row<'_>) -> bool {
    filter.is_none_or(|filter| {
        filter.holds(&|position: &usize| -> Cow<'_, _> { row.value(*position) })
    })
}

fn counted(rows: &Rows, filter: Option<&Filter>) -> usize {
    match filter {
        None => usize::try_from(rows.live())
            .unwrap_or(COUNT_CAP)
            .min(COUNT_CAP),
        Some(_) => rows
            .after(None)
            .filter(|row| passes(filter, row))
            .take(COUNT_CAP)
            .count(),
    }
}

/// Up to one row more than a page: its presence tells that there is a next page.
fn in_key_order<'r>(
    rows: &'r Rows,
    filter: Option<&Filter>,
    cookie: Option<&Cookie>,
    size: usize,
) -> Vec<Row<'r>> {
    rows.after(cookie.map(|cookie| cookie.last))
        .filter(|row| passes(filter, row))
        .take(size.saturating_add(1))
        .collect()
}

/// The same in another order: one pass over the table that holds two pages at most.
fn in_order<'r>(
    rows: &'r Rows,
    filter: Option<&Filter>,
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
    for row in rows.after(None).filter(|row| passes(filter, row)) {
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

fn finish(
    context: &mut Context<'_>,
    start: String,
    shown: &[Row<'_>],
    selection: &Selection,
    next: Option<Link>,
) -> Vec<u8> {
    let mut body = start.into_bytes();
    body.extend_from_slice(b"\"value\":[");
    for (index, row) in shown.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        selection.write_row(row, context.plan, &mut body);
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
