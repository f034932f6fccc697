//! What a table and a column are, in Dataverse's own terms.

use super::cell::Cell;
use super::layout::TableName;
use super::value::Value;

/// How a date and time column behaves (`DateTimeBehavior`), which is not its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateTimeBehavior {
    UserLocal,
    DateOnly,
    TimeZoneIndependent,
}

/// The three faces of a lookup column (`AttributeType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LookupKind {
    Lookup,
    /// Points to an account or a contact.
    Customer,
    Owner,
}

/// A table that a lookup may point to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) table: TableName,
    /// The name used with `@odata.bind`; case-sensitive.
    pub(crate) navigation: &'static str,
}

/// What a privilege on a table allows (`PrivilegeType`).
const PRIVILEGES: [&str; 8] = [
    "Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign", "Share",
];

/// A choice's value and label.
pub(crate) type Choice = (i64, &'static str);

/// A column's type with what belongs to it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Key,
    Text {
        max_length: usize,
        format: &'static str,
    },
    Memo {
        max_length: usize,
    },
    Integer,
    BigInteger,
    Decimal {
        precision: u32,
    },
    Money {
        precision: u32,
    },
    Boolean {
        labels: (&'static str, &'static str),
    },
    DateTime {
        behavior: DateTimeBehavior,
        /// The display format, `DateOnly` or `DateAndTime`; says nothing about the wire.
        format: &'static str,
    },
    Lookup {
        kind: LookupKind,
        targets: &'static [Target],
    },
    Picklist(&'static [Choice]),
    State(&'static [Choice]),
    Status {
        choices: &'static [Choice],
        /// The state that each of them is a reason for, in their order.
        states: &'static [i64],
    },
}

impl Kind {
    /// The type's name in the service's messages and its CSDL.
    pub(crate) fn edm(self) -> &'static str {
        match self {
            Self::Key | Self::Lookup { .. } => "Edm.Guid",
            Self::Text { .. } | Self::Memo { .. } => "Edm.String",
            Self::Integer | Self::Picklist(_) | Self::State(_) | Self::Status { .. } => "Edm.Int32",
            Self::BigInteger => "Edm.Int64",
            Self::Decimal { .. } | Self::Money { .. } => "Edm.Decimal",
            Self::Boolean { .. } => "Edm.Boolean",
            Self::DateTime {
                behavior: DateTimeBehavior::DateOnly,
                ..
            } => "Edm.Date",
            Self::DateTime { .. } => "Edm.DateTimeOffset",
        }
    }

    /// The reason that a row gets when it comes into a state and nobody says why: the first that there is.
    pub(crate) fn reason_for(self, state: i64) -> Value {
        let Self::Status { choices, states } = self else {
            return Value::Null;
        };
        let mut reasons = choices.iter().zip(states);
        let found = reasons.find(|(_, of)| **of == state);
        found.map_or(Value::Null, |((value, _), _)| Value::Integer(*value))
    }

    /// Whether a value of this kind can be compared with `value` in a filter.
    pub(crate) fn comparable(self, value: &Value) -> bool {
        matches!(
            (self.edm(), value),
            (_, Value::Null)
                | ("Edm.Guid", Value::Guid(_))
                | ("Edm.String", Value::Text(_))
                | (
                    "Edm.Int32" | "Edm.Int64" | "Edm.Decimal",
                    Value::Integer(_) | Value::Decimal(_)
                )
                | ("Edm.Boolean", Value::Boolean(_))
                | (
                    "Edm.Date" | "Edm.DateTimeOffset",
                    Value::Date(_) | Value::Moment(_)
                )
        )
    }
}

/// Whether a column must have a value (`RequiredLevel`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequiredLevel {
    None,
    /// By the forms' word, which the service does not hold anybody to.
    Recommended,
    /// On forms only.
    ApplicationRequired,
    /// Never null.
    SystemRequired,
}

/// Who sets a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody who may write the row.
    Written,
    /// The server; what a caller sends is dropped without a word.
    Kept,
}

/// A column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// The logical name: lower case.
    pub(crate) name: &'static str,
    pub(crate) schema_name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) kind: Kind,
    pub(crate) access: Access,
    pub(crate) level: RequiredLevel,
    /// The name of its choices, where other columns may share them.
    pub(crate) global_choices: Option<&'static str>,
    /// The seeded value of this column in any row.
    pub(crate) generate: fn(&Cell<'_>) -> Value,
}

impl Column {
    pub(crate) fn new(
        schema_name: &'static str,
        name: &'static str,
        label: &'static str,
        kind: Kind,
        generate: fn(&Cell<'_>) -> Value,
    ) -> Self {
        Self {
            name,
            schema_name,
            label,
            kind,
            access: Access::Written,
            level: RequiredLevel::None,
            global_choices: None,
            generate,
        }
    }

    pub(crate) fn kept(mut self) -> Self {
        self.access = Access::Kept;
        self
    }

    pub(crate) fn required(self) -> Self {
        self.level(RequiredLevel::SystemRequired)
    }

    pub(crate) fn level(mut self, level: RequiredLevel) -> Self {
        self.level = level;
        self
    }

    pub(crate) fn global_choices(mut self, name: &'static str) -> Self {
        self.global_choices = Some(name);
        self
    }

    /// The property's name in JSON and in queries: a lookup `x` shows as `_x_value`.
    pub(crate) fn property(&self) -> String {
        match self.kind {
            Kind::Lookup { .. } => format!("_{}_value", self.name),
            _ => self.name.to_owned(),
        }
    }
}

/// An alternate key: columns that tell a table's rows apart as its primary key does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AlternateKey {
    /// The logical name: lower case.
    pub(crate) name: &'static str,
    pub(crate) schema_name: &'static str,
    pub(crate) label: &'static str,
    /// Logical names of its columns.
    pub(crate) columns: &'static [&'static str],
    /// The one seeded row that may have these values, in the order of the columns: the seeded rows are a
    /// formula, and so is their index.
    pub(crate) seeded: fn(&[Value]) -> Option<u64>,
}

/// A table's definition.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) name: TableName,
    pub(crate) schema_name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) primary_name: &'static str,
    pub(crate) object_type_code: u32,
    /// Whether change tracking is on; a table without it cannot have it.
    pub(crate) tracked: bool,
    pub(crate) ownership: &'static str,
    /// The first column is the primary key.
    pub(crate) columns: Vec<Column>,
    pub(crate) keys: &'static [AlternateKey],
}

impl Table {
    /// The names of the table's privileges, with the word for what each allows. They are made from the
    /// schema name, except where they are not: a user's are called `prvReadUser` and so on, and all
    /// activities share `prvReadActivity` and its like.
    pub(crate) fn privileges(&self) -> impl Iterator<Item = (&'static str, String)> {
        let stem = match self.name {
            TableName::SystemUser => "User",
            _ if self.name.is_activity() => "Activity",
            _ => self.schema_name,
        };
        let owned = self.ownership == "UserOwned";
        PRIVILEGES
            .into_iter()
            .filter(move |kind| owned || !["Assign", "Share"].contains(kind))
            .map(move |kind| (kind, format!("prv{kind}{stem}")))
    }

    /// The primary key's logical name.
    pub(crate) fn key(&self) -> &'static str {
        self.columns.first().map_or("", |column| column.name)
    }

    /// The column with this property name, and its place in a row.
    pub(crate) fn by_property(&self, property: &str) -> Option<(usize, &Column)> {
        let lookup = property
            .strip_prefix('_')
            .and_then(|rest| rest.strip_suffix("_value"));
        self.columns
            .iter()
            .enumerate()
            .find(|(_, column)| match column.kind {
                Kind::Lookup { .. } => lookup == Some(column.name),
                _ => column.name == property,
            })
    }

    /// The column with this logical name, and its place in a row.
    pub(crate) fn by_name(&self, name: &str) -> Option<(usize, &Column)> {
        self.columns
            .iter()
            .enumerate()
            .find(|(_, column)| column.name == name)
    }

    /// What an alternate key's columns hold, as one text to compare: letters without case, as the
    /// default collation has it. `None` when one is null: such a row is outside the key.
    pub(crate) fn key_text(
        &self,
        key: &AlternateKey,
        value: impl Fn(usize) -> Value,
    ) -> Option<String> {
        let mut text = String::new();
        for name in key.columns {
            let (position, _) = self.by_name(name)?;
            let part = match value(position) {
                Value::Null => return None,
                Value::Text(part) => part.to_lowercase(),
                other => other.to_truth().to_string(),
            };
            text.push_str(&part);
            text.push('\u{1f}');
        }
        Some(text)
    }

    /// The lookup column that a navigation property stands for, and the tables that it leads to: one, but
    /// for an owner.
    pub(crate) fn by_navigation(&self, navigation: &str) -> Option<(usize, Vec<Target>)> {
        self.columns
            .iter()
            .enumerate()
            .find_map(|(position, column)| {
                let Kind::Lookup { targets, .. } = column.kind else {
                    return None;
                };
                let led = targets
                    .iter()
                    .filter(|target| target.navigation == navigation);
                let led: Vec<Target> = led.copied().collect();
                (!led.is_empty()).then_some((position, led))
            })
    }
}
