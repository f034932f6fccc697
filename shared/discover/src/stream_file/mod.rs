//! A stream file that reads tables as they are.
//!
//! It can be used as it is. Data that nobody needs is not copied because a table has it: what is read at once
//! is what the organization added itself, what people know a row by, and of standard tables what the catalogue
//! names, if that is wanted. Other columns stand in comments, or are counted.
//!
//! Never in here: a question to anybody, or to an environment.

use std::collections::BTreeSet;
use std::fmt::Write;

use jiff::civil::Date;
use streams::Language;

use crate::describe::Description;
use fields::Fields;
use names::quoted;

mod fields;
mod names;

/// The column that an anchor date is compared with.
const MODIFIED_ON: &str = "modifiedon";

/// What a stream file says beside its streams.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Head {
    /// What a reader should know before all else.
    pub remarks: Vec<String>,
    /// The time zone in which days begin and end, by its IANA name.
    pub time_zone: String,
    /// The language of what people read.
    pub language: Language,
    /// Rows last modified before this day are left out.
    pub anchor: Option<Date>,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            remarks: Vec::new(),
            time_zone: "UTC".to_owned(),
            language: Language::En,
            anchor: None,
        }
    }
}

/// Which of Microsoft's own columns are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Selection {
    /// What people know a row by; all others stand in comments.
    Name,
    /// Of a standard table those of the catalogue; how many others there are is said. Of another one as
    /// [`Selection::Name`].
    Useful,
}

/// A whole stream file with one stream a table. It can be used as it is.
pub fn stream_file(head: &Head, tables: &[Description], selection: Selection) -> String {
    let mut file = top(head);
    let mut names = BTreeSet::new();
    for table in tables {
        let name = names::unique(&names::stream(&table.table), &mut names);
        let lines = stream(head, table, &name, selection);
        // Writing to a text cannot fail.
        let _ = writeln!(file, "\n{}", lines.join("\n"));
    }
    file
}

fn top(head: &Head) -> String {
    let mut lines: Vec<String> = head
        .remarks
        .iter()
        .flat_map(|remark| names::wrapped(&names::one_line(remark)))
        .map(|line| format!("# {line}"))
        .collect();
    let name_yours = match head.time_zone.as_str() {
        "UTC" => ": name your own, such as \"Europe/Oslo\"",
        _ => "",
    };
    let language = match head.language {
        Language::Nb => "nb",
        Language::En => "en",
    };
    lines.push(format!(
        "# Days begin and end in this time zone{name_yours}."
    ));
    lines.push(format!("time_zone = {}", quoted(&head.time_zone)));
    lines.push(format!(
        "language  = \"{language}\"                       # nb or en\n"
    ));
    lines.join("\n")
}

fn stream(head: &Head, table: &Description, name: &str, selection: Selection) -> Vec<String> {
    let standard = match selection {
        Selection::Name => None,
        Selection::Useful => catalogue::table(&table.table),
    };
    let fields = Fields::of(table, standard);
    let has = |wanted: &str| table.columns.iter().any(|column| column.column == wanted);
    let mut lines = vec![
        "[[stream]]".to_owned(),
        format!("name      = {}", quoted(name)),
        format!("table     = {}", quoted(&table.table)),
    ];
    lines.extend(key(table, standard, &fields));
    lines.extend(head.anchor.map(|anchor| match has(MODIFIED_ON) {
        true => {
            format!("anchor    = {anchor}               # rows last modified before are left out")
        }
        false => format!(
            "# The table has no column {MODIFIED_ON}, so rows from before {anchor} are read too."
        ),
    }));
    lines.extend(has("statecode").then(|| {
        "# where   = { statecode = 0 }          # only active rows; the others leave the copy"
            .to_owned()
    }));
    lines.push("[stream.fields]".to_owned());
    lines.extend(fields.lines());
    lines
}

/// The first key that is in use and read whole; else, in a comment, what people tell the rows of a standard table
/// apart by.
fn key(
    table: &Description,
    standard: Option<&catalogue::Table>,
    fields: &Fields<'_>,
) -> Option<String> {
    let mut keys = table.keys.iter();
    let key = keys.find(|key| key.active && key.columns.iter().all(|column| fields.read(column)));
    if let Some(key) = key {
        let columns: Vec<String> = key.columns.iter().map(|column| quoted(column)).collect();
        return Some(format!("key       = [{}]", columns.join(", ")));
    }
    let usual = standard?.key.as_ref().filter(|key| fields.read(key))?;
    Some(format!(
        "# key     = [{}]  # records are then found by it, too",
        quoted(usual)
    ))
}
