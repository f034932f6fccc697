//! What stands between the parentheses of a row's address: its GUID, or an alternate key.

use serde_json::value::RawValue;
use uuid::Uuid;

use crate::query::split_top_level;
use crate::refusal::Refusal;
use crate::switches::{KeyStatus, Switches};
use crate::world::schema::{AlternateKey, Kind, Table};
use crate::world::{Changes, Row, Rows, TableName, Value, input};

/// Letters that no alternate key's value may have in an address.
const UNADDRESSABLE: &[char] = &['/', '<', '>', '*', '%', '&', ':', '\\', '?', '+'];

/// What tells a row from all others.
#[derive(Clone, Debug)]
pub(crate) enum RowKey {
    Id(Uuid),
    Alternate { key: AlternateKey, values: Changes },
}

impl RowKey {
    /// Reads a key: a GUID, bare or named, or the columns of an alternate key whose index is active.
    pub(crate) fn parse(switches: &Switches, table: &Table, text: &str) -> Result<Self, Refusal> {
        let parts = split_top_level(text, ',');
        if let [only] = parts.as_slice()
            && let Some(id) = named_id(table, only)
        {
            return Ok(Self::Id(id));
        }
        let mut values = Changes::new();
        for part in parts {
            let (name, literal) = part.split_once('=').ok_or_else(|| no_such_key(table))?;
            let (position, column) = table
                .by_property(name.trim())
                .ok_or_else(|| no_such_key(table))?;
            let json = json_of(column.kind, literal.trim()).ok_or_else(|| no_such_key(table))?;
            values.push((position, input::parse(table, column, &json)?));
        }
        let key = table
            .keys
            .iter()
            .filter(|key| switches.key_status(key.name) == KeyStatus::Active)
            .find(|key| {
                let mut held = key.columns.iter().map(|name| table.by_name(name));
                key.columns.len() == values.len()
                    && held.all(|column| {
                        column.is_some_and(|(place, _)| values.iter().any(|(at, _)| *at == place))
                    })
            })
            .ok_or_else(|| no_such_key(table))?;
        Ok(Self::Alternate { key: *key, values })
    }

    /// The same from a URL, which cannot carry every value.
    pub(crate) fn of_url(switches: &Switches, table: &Table, text: &str) -> Result<Self, Refusal> {
        let key = Self::parse(switches, table, text)?;
        let Self::Alternate { values, .. } = &key else {
            return Ok(key);
        };
        let texts = values.iter().filter_map(|(_, value)| match value {
            Value::Text(text) => text.chars().find(|letter| UNADDRESSABLE.contains(letter)),
            _ => None,
        });
        match texts.into_iter().next() {
            None => Ok(key),
            Some(letter) => Err(Refusal::bad_query(format!(
                "A potentially dangerous Request.Path value was detected from the client ({letter})."
            ))),
        }
    }

    /// The live row.
    pub(crate) fn find<'r>(&self, rows: &'r Rows) -> Option<Row<'r>> {
        match self {
            Self::Id(id) => rows.get(*id),
            Self::Alternate { key, values } => {
                rows.by_key(key, |position| value_at(values, position), None)
            }
        }
    }

    /// The refusal of a key that no row has.
    pub(crate) fn missing(&self, table: &Table) -> Refusal {
        match self {
            Self::Id(id) => Refusal::unknown_row(table.name.logical(), *id),
            Self::Alternate { .. } => Refusal::new(
                404,
                "0x80060891",
                format!(
                    "A record with the specified key values does not exist in {} entity",
                    table.name.logical()
                ),
            ),
        }
    }
}

/// A GUID, bare or under the primary key's name.
pub(crate) fn parse_id(table: &Table, text: &str) -> Result<Uuid, Refusal> {
    named_id(table, text).ok_or_else(|| no_such_key(table))
}

fn named_id(table: &Table, text: &str) -> Option<Uuid> {
    let bare = match text.split_once('=') {
        None => text,
        // The key of a user or a team is inherited, so its name is not known.
        Some((name, value)) if name.trim() == table.key() && !inherits(table) => value,
        Some(_) => return None,
    };
    Uuid::try_parse(bare.trim()).ok()
}

/// Whether its rows may own others, so that their key is called `ownerid`.
fn inherits(table: &Table) -> bool {
    matches!(table.name, TableName::SystemUser | TableName::Team)
}

fn value_at(values: &Changes, position: usize) -> Value {
    let held = values.iter().find(|(at, _)| *at == position);
    held.map_or(Value::Null, |(_, value)| value.clone())
}

/// A literal of an address as JSON: text stands in quotes, which are doubled within it; all else is bare.
fn json_of(kind: Kind, literal: &str) -> Option<Box<RawValue>> {
    let quoted = literal
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''));
    let json = match (kind, quoted) {
        (Kind::Text { .. } | Kind::Memo { .. }, Some(text)) => {
            serde_json::Value::from(text.replace("''", "'")).to_string()
        }
        (Kind::Text { .. } | Kind::Memo { .. }, None) | (_, Some(_)) => return None,
        (Kind::Key | Kind::Lookup { .. } | Kind::DateTime { .. }, None) => {
            serde_json::Value::from(literal).to_string()
        }
        (_, None) => literal.to_owned(),
    };
    RawValue::from_string(json).ok()
}

fn no_such_key(table: &Table) -> Refusal {
    Refusal::bad_query(format!(
        "The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.{}'. Ensure \
         that the names and number of key properties match the declared or alternate key \
         properties for the resource 'Microsoft.Dynamics.CRM.{}'.",
        table.name.logical(),
        table.name.logical()
    ))
}
