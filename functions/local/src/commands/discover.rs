//! `dynamics-sync discover`: which tables Dynamics has, and the columns of those that are named.

use anyhow::bail;
use comfy_table::CellAlignment;
use discover::{Choice, Column, Description, Head, Selection, TableLine};
use dynamics_client::{DynamicsClient, ErrorKind};
use serde_json::json;
use streams::Language;

use crate::Outcome;
use crate::arguments::{Common, Discover as Options};
use crate::connections;
use crate::progress::Line;
use crate::summary::print_table;
use crate::width;

/// Norwegian bokmål and English, by locale id.
const NORWEGIAN_FIRST: &[u32] = &[1044, 1033];
const ENGLISH_FIRST: &[u32] = &[1033, 1044];

pub(crate) async fn run(common: &Common, options: &Options) -> anyhow::Result<Outcome> {
    let client = connections::client(connections::dynamics_config().await?)?;
    let languages = languages(common);
    let line = Line::of("asking Dynamics", common.telling());
    if options.tables.is_empty() {
        let tables = discover::tables(&client, languages).await?;
        drop(line);
        if common.json {
            let tables = json!({"tables": tables});
            anstream::println!("{}", serde_json::to_string_pretty(&tables)?);
        } else {
            print_tables(&tables);
        }
        return Ok(Outcome::Good);
    }
    let mut described = Vec::new();
    for table in &options.tables {
        line.tell(table.clone());
        described.push(describe(&client, table, languages).await?);
    }
    drop(line);
    if options.toml {
        let file = discover::stream_file(&Head::default(), &described, Selection::Name);
        anstream::print!("{file}");
    } else if common.json {
        let tables = json!({"tables": described});
        anstream::println!("{}", serde_json::to_string_pretty(&tables)?);
    } else {
        described.iter().for_each(print);
    }
    Ok(Outcome::Good)
}

/// Those of the stream file, if there is one; nothing else of it matters here.
fn languages(common: &Common) -> &'static [u32] {
    let file = connections::stream_file(common).ok();
    preferring(file.map_or(Language::En, |file| file.language))
}

/// In which languages labels are wanted, the most wanted first.
pub(crate) fn preferring(language: Language) -> &'static [u32] {
    match language {
        Language::Nb => NORWEGIAN_FIRST,
        Language::En => ENGLISH_FIRST,
    }
}

async fn describe(
    client: &DynamicsClient,
    table: &str,
    languages: &[u32],
) -> anyhow::Result<Description> {
    match discover::describe(client, table, languages).await {
        Ok(described) => Ok(described),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let near = discover::nearest(client, table).await.ok().flatten();
            bail!(discover::no_such_table(table, near.as_deref()))
        }
        Err(error) => Err(error.into()),
    }
}

fn print_tables(tables: &[TableLine]) {
    let mut shown = width::fitting();
    shown.set_header(["table", "rows", "label", ""]);
    for table in tables {
        let rows = table
            .rows
            .map_or_else(|| "?".to_owned(), |rows| rows.to_string());
        let remark = match (table.syncable, table.change_tracking) {
            (false, _) => "cannot be synced",
            (true, false) => "changes not tracked",
            (true, true) => "",
        };
        let label = table.label.clone().unwrap_or_default();
        shown.add_row([table.table.clone(), rows, label, remark.to_owned()]);
    }
    if let Some(rows) = shown.column_mut(1) {
        rows.set_cell_alignment(CellAlignment::Right);
    }
    width::keep_whole(&mut shown, 0);
    print_table(&shown);
    width::print_text("`dynamics-sync discover TABLE` shows the columns of a table.");
}

fn print(table: &Description) {
    let label = table
        .label
        .as_ref()
        .map_or_else(String::new, |label| format!(" ({label})"));
    let tracking = if table.change_tracking {
        "tracked"
    } else {
        "not tracked"
    };
    let keys = table.keys.iter().map(|key| {
        let building = if key.active { "" } else { " (not in use yet)" };
        format!("; key {}{building}", key.columns.join(" + "))
    });
    let keys: String = keys.collect();
    let kind = if table.syncable {
        ""
    } else {
        "; of a kind that cannot be synced"
    };
    let head = format!("{}{label}: changes {tracking}{keys}{kind}", table.table);
    width::print_text(&head);
    let mut shown = width::fitting();
    shown.set_header(["column", "type", "label", "required", ""]);
    for column in &table.columns {
        shown.add_row([
            column.column.clone(),
            column.kind.to_owned(),
            column.label.clone().unwrap_or_default(),
            column.required.word().to_owned(),
            details(column),
        ]);
    }
    width::keep_whole(&mut shown, 0);
    print_table(&shown);
}

/// What only some columns have.
fn details(column: &Column) -> String {
    let mut details = Vec::new();
    details.extend(column.max_length.map(|length| format!("at most {length}")));
    if !column.lookup.is_empty() {
        details.push(format!("to {}", column.lookup.join(", ")));
    }
    let choice = |choice: &Choice| match &choice.label {
        Some(label) => format!("{} {label}", choice.value),
        None => choice.value.to_string(),
    };
    let choices: Vec<String> = column.choices.iter().map(choice).collect();
    if !choices.is_empty() {
        details.push(choices.join(", "));
    }
    if column.secured {
        details.push("secured".to_owned());
    }
    match (column.readable, column.writable) {
        (false, _) => details.push("cannot be read".to_owned()),
        (true, false) => details.push("kept by Dynamics".to_owned()),
        (true, true) => {}
    }
    details.join("; ")
}
