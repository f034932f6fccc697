//! What a stream depends on in its table's metadata, remembered from run to run: people hear of a change in
//! Dynamics before it breaks the stream, or else what was changed and since when.
//!
//! Never in here: a value of a row. And nothing of it stops a stream: what cannot be remembered, asked for or
//! kept is logged, and done without.

mod ask;
mod compare;
mod mapping;
mod memory;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use dynamics_client::{Column, ColumnKind, KeyStatus, Labels, RequiredLevel, TableDescription};
use serde::{Deserialize, Serialize};
use streams::{Field, Owner, Stream};

pub(crate) use compare::{CHANGED, called};

/// What a stream depends on in its table's metadata. It is stored; what was asked for apart from the table's
/// definition is `None` while it was not.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Contract {
    /// The table's logical name.
    table: String,
    /// The column that holds a row's id.
    primary_id: String,
    change_tracking: bool,
    /// Asked for: the alternate keys of just the columns of the stream's key, by name.
    keys: Option<BTreeMap<String, KeyStatus>>,
    /// Those that are mapped, or named in `where`, by logical name.
    columns: BTreeMap<String, ColumnContract>,
}

/// The same of one column.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct ColumnContract {
    kind: ColumnKind,
    readable: bool,
    creatable: bool,
    updatable: bool,
    /// Dataverse refuses rows without a value.
    demanded: bool,
    secured: bool,
    /// What people call it, by language.
    labels: Texts,
    /// Asked for: the longest text, in UTF-16 code units.
    max_length: Option<u32>,
    /// Asked for.
    choices: Option<Choices>,
    /// Asked for: the entity sets that a lookup may refer to.
    targets: Option<BTreeSet<String>>,
}

/// Texts by locale id. The keys of a stored map are texts.
type Texts = BTreeMap<String, String>;

/// The choices of a column.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
struct Choices {
    /// Those that the stream file names, by number, with what people call them.
    named: BTreeMap<String, Texts>,
    /// The numbers of the others.
    others: BTreeSet<i32>,
}

impl Contract {
    /// What the table's definition tells of it.
    fn of(stream: &Stream, described: &TableDescription) -> Self {
        let table = &described.table;
        let columns = stream.columns().into_iter().filter_map(|name| {
            let labels = described.column_labels.get(name);
            let column = ColumnContract::of(table.columns.get(name)?, labels);
            Some((name.to_owned(), column))
        });
        Self {
            table: table.logical_name.clone(),
            primary_id: table.primary_id.clone(),
            change_tracking: table.change_tracking,
            keys: None,
            columns: columns.collect(),
        }
    }

    /// Takes over from an earlier look what the definition does not tell.
    fn carry(&mut self, before: &Self) {
        self.keys.clone_from(&before.keys);
        for (name, column) in &mut self.columns {
            let before = before.columns.get(name);
            if let Some(before) = before.filter(|before| before.kind == column.kind) {
                column.max_length = before.max_length;
                column.choices.clone_from(&before.choices);
                column.targets.clone_from(&before.targets);
            }
        }
    }
}

impl ColumnContract {
    fn of(column: &Column, labels: Option<&Labels>) -> Self {
        Self {
            kind: column.kind.clone(),
            readable: column.readable,
            creatable: column.creatable,
            updatable: column.updatable,
            demanded: column.required == Some(RequiredLevel::SystemRequired),
            secured: column.secured,
            labels: labels.map(texts).unwrap_or_default(),
            max_length: None,
            choices: None,
            targets: None,
        }
    }
}

fn texts(labels: &Labels) -> Texts {
    let texts = labels.iter();
    texts
        .map(|(language, text)| (language.to_string(), text.to_owned()))
        .collect()
}

/// Whether the sync writes a field.
fn is_written(stream: &Stream, field: &Field) -> bool {
    stream.direction.pushes() && field.owner != Owner::Dynamics
}
