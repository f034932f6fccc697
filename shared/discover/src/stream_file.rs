//! A stream file that reads tables as they are.
//!
//! Only what the organization added itself, and what people know a row by, is read at once; the rest stands
//! in comments. Data that nobody needs is not copied because a table has it.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::columns::{Column, Required};
use crate::describe::Description;

/// The longest name of a field or a stream.
const NAME_MAX: usize = 64;
/// The name of a stream that no stream may have.
const TAKEN: &str = "changes";

/// What a stream file needs beside its streams.
const HEAD: &str = "\
# Days begin and end in this time zone: name your own, such as \"Europe/Oslo\".
time_zone = \"UTC\"
language  = \"en\"                       # nb or en
";

/// A whole stream file with one stream a table. It can be used as it is.
pub fn stream_file(tables: &[Description]) -> String {
    let mut file = HEAD.to_owned();
    let mut names = BTreeSet::new();
    for table in tables {
        let name = unique(&stream_name(&table.table), &mut names);
        stream(&mut file, table, &name);
    }
    file
}

fn stream(file: &mut String, table: &Description, name: &str) {
    let (fields, comments) = fields(table);
    let mut lines = vec![
        "[[stream]]".to_owned(),
        format!("name      = {}", quoted(name)),
        format!("table     = {}", quoted(&table.table)),
    ];
    lines.extend(key(table, &fields));
    let has_state = table
        .columns
        .iter()
        .any(|column| column.column == "statecode");
    lines.extend(has_state.then(|| {
        "# where   = { statecode = 0 }          # only active rows; the others leave the copy"
            .to_owned()
    }));
    lines.push("[stream.fields]".to_owned());
    lines.extend(fields.iter().map(|field| line(field)));
    lines.extend(comments.iter().map(|field| format!("# {}", line(field))));
    // Writing to a text cannot fail.
    let _ = writeln!(file, "\n{}", lines.join("\n"));
}

/// A column with the name that the app is to see.
struct Field<'a> {
    name: String,
    column: &'a Column,
}

/// The fields that are read, and those that may be.
fn fields(table: &Description) -> (Vec<Field<'_>>, Vec<Field<'_>>) {
    let mut names = BTreeSet::from(["id".to_owned()]);
    let readable = table.columns.iter();
    let readable = readable.filter(|column| column.readable && column.column != table.primary_id);
    let all: Vec<Field<'_>> = readable
        .map(|column| Field {
            name: unique(&field_name(&column.column), &mut names),
            column,
        })
        .collect();
    let is_key = |column: &str| {
        let mut keys = table.keys.iter().filter(|key| key.active);
        keys.any(|key| key.columns.iter().any(|one| one == column))
    };
    let (mut read, mut not): (Vec<_>, Vec<_>) = all.into_iter().partition(|field| {
        let column = field.column;
        let known_by = table.primary_name.as_deref() == Some(column.column.as_str());
        let own = is_own(&column.column) || column.required == Required::OnForms;
        !column.secured && (known_by || own || is_key(&column.column))
    });
    if read.is_empty() && !not.is_empty() {
        read.push(not.remove(0));
    }
    (read, not)
}

/// The first key that is in use and read whole.
fn key(table: &Description, fields: &[Field<'_>]) -> Option<String> {
    let is_read = |column: &String| fields.iter().any(|field| field.column.column == *column);
    let mut keys = table.keys.iter();
    let key = keys.find(|key| key.active && key.columns.iter().all(is_read))?;
    let columns: Vec<String> = key.columns.iter().map(|column| quoted(column)).collect();
    Some(format!("key       = [{}]", columns.join(", ")))
}

fn line(field: &Field<'_>) -> String {
    let Field { name, column } = field;
    let of = quoted(&column.column);
    let value = match (column.kind, column.lookup.as_slice()) {
        ("lookup", [target]) => format!("{{ column = {of}, lookup = {} }}", quoted(target)),
        ("choice" | "state" | "status", _) if !column.choices.is_empty() => {
            format!("{{ column = {of}, choice = {{ {} }} }}", labels(column))
        }
        _ => of,
    };
    let label = column.label.as_deref().map(one_line);
    let secured = column.secured.then(|| "secured".to_owned());
    let note: Vec<String> = label.into_iter().chain(secured).collect();
    match note.as_slice() {
        [] => format!("{name} = {value}"),
        note => format!("{name} = {value}  # {}", note.join(", ")),
    }
}

/// `active = 1, expired = 2`: the labels that people see, as names.
fn labels(column: &Column) -> String {
    let mut names = BTreeSet::new();
    let choices = column.choices.iter().map(|choice| {
        let label = choice.label.as_deref().unwrap_or_default();
        let name = word(label);
        let name = if name.is_empty() {
            format!("choice_{}", choice.value)
        } else {
            name
        };
        format!("{} = {}", unique(&name, &mut names), choice.value)
    });
    choices.collect::<Vec<_>>().join(", ")
}

/// Whether the name begins with a prefix, as those of Microsoft's own columns do not, but for addresses.
fn is_own(column: &str) -> bool {
    column.contains('_') && !column.starts_with("address")
}

/// `hlf_mentorcode` is called `mentorcode`: the part before the first underscore says whose the column is.
fn field_name(column: &str) -> String {
    let own = column.split_once('_').filter(|_| is_own(column));
    let own = own.map_or(column, |(_, own)| own);
    let begins = own.starts_with(|c: char| c.is_ascii_alphabetic());
    shortened(if begins { own } else { column })
}

fn stream_name(table: &str) -> String {
    let own = table.split_once('_').map_or(table, |(_, own)| own);
    let begins = own.starts_with(|c: char| c.is_ascii_alphanumeric());
    let name = shortened(&(if begins { own } else { table }).to_ascii_lowercase());
    match name.as_str() {
        "" => "stream".to_owned(),
        TAKEN => format!("{TAKEN}_of_{}", shortened(&table.to_ascii_lowercase())),
        _ => name,
    }
}

/// A label as a name: letters and digits, with underscores between words.
fn word(label: &str) -> String {
    let words = label.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    shortened(&words.join("_"))
}

/// Room is left for a number.
fn shortened(name: &str) -> String {
    name.chars().take(NAME_MAX - 4).collect()
}

/// The name, or with a number that none has had so far.
fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut candidate = name.to_owned();
    let mut number = 2_u32;
    while !taken.insert(candidate.to_ascii_lowercase()) {
        candidate = format!("{name}_{number}");
        number = number.saturating_add(1);
    }
    candidate
}

/// A comment ends with its line.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// A text as TOML has it. Names hold nothing that would have to be escaped.
fn quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        one_line(text).replace('\\', "\\\\").replace('"', "\\\"")
    )
}
