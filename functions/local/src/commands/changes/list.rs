//! `dynamics-sync changes list`: which changes there are, how they stand, and why.

use changes::{Changes, Filter, View};
use clock::{Clock, SystemClock};
use sync_store::Change;

use super::open;
use crate::arguments::{Common, ListChanges};
use crate::summary::{age, print_painted, table};
use crate::width;

/// As many are asked for at once.
const PAGE: usize = 100;
/// Before what is told of a change below its line.
const INDENT: &str = "   ";

pub(crate) async fn run(common: &Common, options: &ListChanges) -> anyhow::Result<()> {
    let (changes, _open) = open(common).await?;
    let filter = Filter {
        stream: options.stream.clone(),
        state: options.status,
        limit: PAGE,
        ..Filter::default()
    };
    if common.json {
        return print_json(&changes, filter).await;
    }
    let page = changes.list(&filter).await?;
    if page.changes.is_empty() {
        anstream::println!("{}", nothing(options));
        return Ok(());
    }
    print(&page.changes);
    if page.next.is_some() {
        common.telling().note(format_args!(
            "There are more than these {PAGE}. Narrow it down with --stream and --status, or take all of them with --json."
        ));
    }
    Ok(())
}

/// All of them, however many: page by page, a line each, and an array as a whole.
async fn print_json(changes: &Changes, mut filter: Filter) -> anyhow::Result<()> {
    let mut before = "[";
    loop {
        let page = changes.list(&filter).await?;
        for change in &page.changes {
            let line = serde_json::to_string(&View::of(change, false))?;
            anstream::println!("{before}{line}");
            before = ",";
        }
        filter.after = page.next;
        if filter.after.is_none() {
            break;
        }
    }
    // There may have been none.
    anstream::println!("{}]", before.trim_start_matches(','));
    Ok(())
}

/// A line each, and below it why it stands so.
pub(crate) fn print(changes: &[Change]) {
    let now = SystemClock.now();
    let age = |change: &Change| age(clock::elapsed(change.wanted.accepted_at, now).as_secs());
    let mut shown = table(&["change", "stream", "status", "handed in"], 0..0);
    for change in changes {
        let wanted = &change.wanted;
        shown.add_row([
            wanted.id.clone(),
            wanted.stream.clone(),
            change.state.name().to_owned(),
            age(change),
        ]);
    }
    if width::fits(&shown) {
        print_painted(&shown, changes, |line, change| {
            let why = change.reason.iter();
            let why = why.map(|why| format!("\n{}", width::wrapped(why, INDENT)));
            format!("{line}{}", why.collect::<String>())
        });
        return;
    }
    for change in changes {
        let wanted = &change.wanted;
        let (stream, state, age) = (&wanted.stream, change.state.name(), age(change));
        let why = change.reason.iter().map(|why| format!(": {why}"));
        let text = format!(
            "{stream}, {state}, handed in {age}{}",
            why.collect::<String>()
        );
        anstream::println!(" {}\n{}", wanted.id, width::wrapped(&text, INDENT));
    }
}

fn nothing(options: &ListChanges) -> String {
    let of = options.stream.as_ref();
    let of = of.map_or_else(String::new, |name| format!(" of stream `{name}`"));
    match options.status {
        Some(state) => format!("No change{of} is {}.", state.name()),
        None => format!("There are no changes{of}."),
    }
}
