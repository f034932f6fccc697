//! Columns in the words of a stream file.

use std::collections::BTreeMap;

use dynamics_client::{
    ColumnKind, DateTimeBehavior, Limits, LookupTarget, RequiredLevel, TableDescription,
};
use serde::Serialize;

use crate::tables::text;

/// What the names of columns that Microsoft's apps add begin with, as the table reference shows them.
const MICROSOFT: [&str; 5] = ["adx_", "msa_", "msdyn", "mspcat_", "mspp_"];

/// A column.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Column {
    /// Its logical name.
    pub column: String,
    /// What its values are, in a word or two.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What people call it.
    pub label: Option<String>,
    /// Whether it must have a value.
    pub required: Required,
    /// Of a text, how long it may be, in UTF-16 code units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// Of a choice, a state or a yes or no, what there is to choose from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// Of a lookup, the entity sets that it may refer to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lookup: Vec<String>,
    /// Whether the organization added it: it came neither with the table nor with an app of Microsoft's.
    pub own: bool,
    /// Whether column security is on.
    pub secured: bool,
    /// Whether it can be read through the Web API, and by this software.
    pub readable: bool,
    /// Whether it can be written.
    pub writable: bool,
}

/// What there is to choose from.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Choice {
    /// The number that rows hold.
    pub value: i32,
    /// What people see.
    pub label: Option<String>,
}

/// Whether a column must have a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Required {
    /// It need not.
    No,
    /// Forms recommend it.
    Recommended,
    /// Forms demand it; the Web API does not.
    OnForms,
    /// Dynamics demands it.
    Always,
}

/// What was asked about all columns of a table, each by logical name.
pub(crate) struct Known<'a> {
    pub(crate) described: &'a TableDescription,
    pub(crate) choices: BTreeMap<String, Vec<dynamics_client::Choice>>,
    pub(crate) targets: BTreeMap<String, Vec<LookupTarget>>,
    pub(crate) limits: BTreeMap<String, Limits>,
}

impl Known<'_> {
    /// The columns, by name.
    pub(crate) fn columns(&self, languages: &[u32]) -> Vec<Column> {
        let columns = self.described.table.columns.iter();
        columns
            .map(|(name, column)| Column {
                column: name.clone(),
                kind: kind(&column.kind),
                label: self
                    .described
                    .column_labels
                    .get(name)
                    .and_then(|labels| text(labels, languages)),
                required: Required::of(column.required),
                max_length: match self.limits.get(name) {
                    Some(Limits::Text { max_length, .. }) => Some(*max_length),
                    _ => None,
                },
                choices: self.choices_of(name, languages),
                lookup: self.lookup_of(name),
                own: self.described.added.contains(name) && !is_microsofts(name),
                secured: column.secured,
                readable: column.readable && !matches!(column.kind, ColumnKind::Other(_)),
                writable: column.updatable || column.creatable,
            })
            .collect()
    }

    fn choices_of(&self, name: &str, languages: &[u32]) -> Vec<Choice> {
        let choices = self.choices.get(name).into_iter().flatten();
        choices
            .map(|choice| Choice {
                value: choice.value,
                label: text(&choice.labels, languages),
            })
            .collect()
    }

    fn lookup_of(&self, name: &str) -> Vec<String> {
        let targets = self.targets.get(name).into_iter().flatten();
        let name_of = |target: &LookupTarget| match &target.entity_set {
            Some(set) => set.clone(),
            None => target.table.clone(),
        };
        targets.map(name_of).collect()
    }
}

impl Required {
    fn of(level: Option<RequiredLevel>) -> Self {
        match level {
            None | Some(RequiredLevel::None) => Self::No,
            Some(RequiredLevel::Recommended) => Self::Recommended,
            Some(RequiredLevel::ApplicationRequired) => Self::OnForms,
            Some(RequiredLevel::SystemRequired) => Self::Always,
        }
    }

    /// In a word for people; empty if it need not.
    pub fn word(self) -> &'static str {
        match self {
            Self::No => "",
            Self::Recommended => "recommended",
            Self::OnForms => "on forms",
            Self::Always => "always",
        }
    }
}

/// Whether the name has the prefix of one of Microsoft's apps, which add columns and tables as an organization does.
pub(crate) fn is_microsofts(name: &str) -> bool {
    MICROSOFT.iter().any(|prefix| name.starts_with(prefix))
}

fn kind(kind: &ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text => "text",
        ColumnKind::Memo => "long text",
        ColumnKind::Integer | ColumnKind::BigInt => "whole number",
        ColumnKind::Decimal | ColumnKind::Double => "decimal number",
        ColumnKind::Money => "money",
        ColumnKind::Boolean => "yes or no",
        ColumnKind::DateTime(DateTimeBehavior::UserLocal) => "date and time",
        ColumnKind::DateTime(DateTimeBehavior::DateOnly) => "date",
        ColumnKind::DateTime(DateTimeBehavior::TimeZoneIndependent) => "date and time without zone",
        ColumnKind::Lookup => "lookup",
        ColumnKind::Choice => "choice",
        ColumnKind::State => "state",
        ColumnKind::Status => "status",
        ColumnKind::Choices => "several choices",
        ColumnKind::Guid => "identifier",
        _ => "not synced",
    }
}
