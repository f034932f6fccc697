//! The fields of a stream: which columns are read at once, under which names, and what is said of the others.

use std::collections::BTreeSet;

use catalogue::Kind;

use super::names::{self, one_line, quoted, unique};
use crate::columns::{Column, Required};
use crate::describe::Description;

/// Names up to this width stand in a column.
const WIDTH_MAX: usize = 24;

/// The fields of one stream.
pub(super) struct Fields<'a> {
    read: Vec<Field<'a>>,
    /// Those that stand in comments.
    not_read: Vec<Field<'a>>,
    /// Names and columns of the catalogue that the table does not have.
    missing: Vec<catalogue::Field<'static>>,
    /// How many columns are not mentioned, and of which table.
    unmentioned: Option<(usize, &'a str)>,
}

/// A column with the name that the app is to see.
struct Field<'a> {
    name: String,
    column: &'a Column,
    /// It is a day without a time.
    is_date: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn of(table: &'a Description, standard: Option<&'static catalogue::Table>) -> Self {
        let of_standard = standard.map(|standard| Self::of_standard(table, standard));
        // Whatever a table of that name is that has nothing of the catalogue, something of it is read.
        let of_standard = of_standard.filter(|fields| !fields.read.is_empty());
        of_standard.unwrap_or_else(|| Self::of_any(table))
    }

    /// What the catalogue names, then what the organization added and what its keys need.
    fn of_standard(table: &'a Description, standard: &'static catalogue::Table) -> Self {
        let (mut read, mut not_read, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        let mut names = BTreeSet::from(["id".to_owned()]);
        let mut mentioned = BTreeSet::new();
        for useful in standard.fields() {
            let mut columns = readable(table);
            let Some(column) = columns.find(|column| column.column == useful.column) else {
                missing.push(useful);
                continue;
            };
            mentioned.insert(useful.column);
            let field = Field {
                name: unique(useful.name, &mut names),
                column,
                is_date: useful.kind == Kind::Date && column.kind.starts_with("date"),
            };
            let fields = match column.secured {
                true => &mut not_read,
                false => &mut read,
            };
            fields.push(field);
        }
        let others = readable(table).filter(|column| !mentioned.contains(column.column.as_str()));
        let (wanted, others): (Vec<_>, Vec<_>) =
            others.partition(|column| column.own || is_of_key(table, column));
        for column in wanted {
            let field = Field::named_after(column, &mut names);
            let fields = match column.secured {
                true => &mut not_read,
                false => &mut read,
            };
            fields.push(field);
        }
        Self {
            read,
            not_read,
            missing,
            unmentioned: (!others.is_empty()).then_some((others.len(), table.table.as_str())),
        }
    }

    /// What the organization added, what people know a row by, and what its keys need.
    fn of_any(table: &'a Description) -> Self {
        let mut names = BTreeSet::from(["id".to_owned()]);
        let all = readable(table).map(|column| Field::named_after(column, &mut names));
        let (read, not_read) = all.partition(|field: &Field<'_>| {
            let column = field.column;
            let known_by = table.primary_name.as_deref() == Some(column.column.as_str());
            let own = column.own || column.required == Required::OnForms;
            !column.secured && (known_by || own || is_of_key(table, column))
        });
        Self {
            read,
            not_read,
            missing: Vec::new(),
            unmentioned: None,
        }
        .with_one()
    }

    /// A stream without a field is none.
    fn with_one(mut self) -> Self {
        if self.read.is_empty() && !self.not_read.is_empty() {
            let mut fields = self.not_read.iter();
            let open = fields.position(|field| !field.column.secured);
            self.read
                .push(self.not_read.remove(open.unwrap_or_default()));
        }
        self
    }

    /// Whether a column is read.
    pub(super) fn read(&self, column: &str) -> bool {
        self.read.iter().any(|field| field.column.column == column)
    }

    /// As they stand in a stream file.
    pub(super) fn lines(&self) -> Vec<String> {
        let widest = self.read.iter().map(|field| field.name.len()).max();
        let width = widest.unwrap_or_default().min(WIDTH_MAX);
        let read = self.read.iter().map(|field| field.line(width));
        let not_read = self
            .not_read
            .iter()
            .map(|field| format!("# {}", field.line(0)));
        let missing = self.missing.iter().map(|field| {
            let of = quoted(field.column);
            format!("# {} = {of}  # the table does not have it here", field.name)
        });
        let unmentioned = self.unmentioned.map(|(columns, table)| {
            let are = if columns == 1 {
                "column is"
            } else {
                "columns are"
            };
            format!("# {columns} more {are} shown by `dynamics-sync discover {table}`.")
        });
        read.chain(not_read)
            .chain(missing)
            .chain(unmentioned)
            .collect()
    }
}

fn readable(table: &Description) -> impl Iterator<Item = &Column> {
    let columns = table.columns.iter();
    columns.filter(|column| column.readable && column.column != table.primary_id)
}

fn is_of_key(table: &Description, column: &Column) -> bool {
    let mut keys = table.keys.iter().filter(|key| key.active);
    keys.any(|key| key.columns.contains(&column.column))
}

impl<'a> Field<'a> {
    fn named_after(column: &'a Column, names: &mut BTreeSet<String>) -> Self {
        Self {
            name: unique(&names::field(column), names),
            column,
            is_date: false,
        }
    }

    /// With its name as wide as others.
    fn line(&self, width: usize) -> String {
        let Self {
            name,
            column,
            is_date,
        } = self;
        let of = quoted(&column.column);
        let value = match (column.kind, column.lookup.as_slice()) {
            _ if *is_date => format!("{{ column = {of}, type = \"date\" }}"),
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
            [] => format!("{name:width$} = {value}"),
            note => format!("{name:width$} = {value}  # {}", note.join(", ")),
        }
    }
}

/// `active = 1, expired = 2`: the labels that people see, as names.
fn labels(column: &Column) -> String {
    let mut names = BTreeSet::new();
    let choices = column.choices.iter().map(|choice| {
        let label = choice.label.as_deref().unwrap_or_default();
        let name = names::word(label);
        let name = if name.is_empty() {
            format!("choice_{}", choice.value)
        } else {
            name
        };
        format!("{} = {}", unique(&name, &mut names), choice.value)
    });
    choices.collect::<Vec<_>>().join(", ")
}
