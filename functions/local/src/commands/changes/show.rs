//! `dynamics-sync changes show`: everything about one change, values included. It is the terminal of
//! somebody who decides about it.

use std::collections::BTreeSet;

use changes::View;
use comfy_table::Table;
use sync_store::{Change, ChangeKey, Fields, Origin, Wanted};

use super::open;
use crate::arguments::Common;
use crate::summary::print_table;
use crate::{width, words};

pub(crate) async fn run(common: &Common, id: &str) -> anyhow::Result<()> {
    let (changes, _open) = open(common).await?;
    let change = changes.change(id).await?;
    if common.json {
        let view = View::of(&change, true);
        anstream::println!("{}", serde_json::to_string_pretty(&view)?);
        return Ok(());
    }
    print_table(&about(&change));
    if has_values(&change) {
        anstream::println!();
        print_table(&values(&change));
    }
    Ok(())
}

fn about(change: &Change) -> Table {
    let wanted = &change.wanted;
    let mut shown = width::fitting();
    let mut line = |name: &str, text: String| {
        shown.add_row([name.to_owned(), width::unbroken(&text)]);
    };
    line("change", wanted.id.clone());
    line("stream", wanted.stream.clone());
    line("status", change.state.name().to_owned());
    if let Some(reason) = &change.reason {
        line("why", reason.clone());
    }
    line("wants", wanted.operation.name().to_owned());
    line("of", key(&wanted.key));
    if let Some(row) = &change.row {
        line("row", row.clone());
    }
    line("wanted by", origin(&wanted.origin));
    line("made", format!("{:.0}", wanted.changed_at));
    line("handed in", format!("{:.0}", wanted.accepted_at));
    line("last moved", format!("{:.0}", change.updated_at));
    if !has_values(change) && !change.names.is_empty() {
        let names: Vec<&str> = change.names.iter().map(String::as_str).collect();
        line(
            "fields",
            format!("{}; their values are not kept", names.join(", ")),
        );
    }
    if change.attempts > 0 {
        line("tried in vain", format!("{} times", change.attempts));
    }
    if change.force {
        line("decided", "the app's values prevail".to_owned());
    }
    if !change.lost.is_empty() {
        line("did not prevail", change.lost.join(", "));
    }
    width::keep_whole(&mut shown, 0);
    shown
}

/// They are dropped with most changes that are over.
fn has_values(change: &Change) -> bool {
    !change.wanted.fields.is_empty() || !change.theirs.is_empty()
}

/// What the change wants of each field, what the app saw, and what Dynamics has where both sides changed it.
fn values(change: &Change) -> Table {
    let mut shown = width::fitting();
    shown.set_header(["field", "app wants", "app saw", "Dynamics has"]);
    let saw = change.base.as_ref().map(|base| &base.shown);
    let names: BTreeSet<&String> = change.names.iter().chain(change.theirs.keys()).collect();
    for name in names {
        let wants = match change.wanted.fields.get(name) {
            Some(Wanted::Value(value)) => words::shortened(value),
            Some(Wanted::Row(key)) => format!("the row with {}", pairs(key)),
            None => "(not kept)".to_owned(),
        };
        let of = |fields: Option<&Fields>| {
            let value = fields.and_then(|fields| fields.get(name));
            value.map_or_else(String::new, words::shortened)
        };
        shown.add_row([name.clone(), wants, of(saw), of(Some(&change.theirs))]);
    }
    width::keep_whole(&mut shown, 0);
    shown
}

fn key(key: &ChangeKey) -> String {
    match key {
        ChangeKey::Id(id) => format!("the row {id}"),
        ChangeKey::Fields(fields) => format!("the row with {}", pairs(fields)),
    }
}

fn pairs(fields: &Fields) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name} {}", words::shortened(value)))
        .collect();
    pairs.join(", ")
}

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::App { key } => format!("the app, with the key `{key}`"),
        Origin::Expiry { by } => format!("the expiry of stream `{by}`"),
        Origin::Renewal { by } => format!("the expiry of stream `{by}`, which is no longer so"),
        Origin::Assertion => "the app, which owns the field".to_owned(),
    }
}
