//! Turns a row as Dynamics sends it into a record of the stream.

use dynamics_client::{Cell, Row};
use jiff::Timestamp;
use streams::{ConditionValue, Stream};
use sync_store::{BUSINESS_KEY_BYTES_MAX, DynamicsRow, Fields, Value, business_key};

use crate::plan::{MODIFIED_ON, Plan};

/// The largest item DynamoDB stores, in bytes.
const ITEM_BYTES_MAX: usize = 400 * 1024;

/// Reads rows of one stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowReader<'a> {
    plan: &'a Plan,
    generation: u64,
    revives: bool,
}

/// What a row is for the stream.
#[derive(Debug)]
pub(crate) enum ReadRow {
    /// It belongs to the stream.
    Member(DynamicsRow),
    /// It does not meet the stream's `where`.
    Leaver {
        /// Its GUID.
        id: String,
        /// Its version.
        version: i64,
    },
}

/// Why a row cannot be read: a column and what was expected, never a value.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Unreadable {
    /// The row's GUID.
    pub(crate) id: String,
    /// Its version, where that could be read.
    pub(crate) version: Option<i64>,
    /// What is wrong.
    pub(crate) reason: String,
}

impl Unreadable {
    /// A row that may be fine, and whose record in the copy is damaged.
    pub(crate) fn damaged(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            version: None,
            reason: "its record in the copy is damaged; restore the item, or delete it".to_owned(),
        }
    }
}

impl ReadRow {
    /// The row's GUID.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Member(row) => &row.id,
            Self::Leaver { id, .. } => id,
        }
    }

    /// The row's version.
    pub(crate) fn version(&self) -> i64 {
        match self {
            Self::Member(row) => row.version,
            Self::Leaver { version, .. } => *version,
        }
    }
}

impl<'a> RowReader<'a> {
    pub(crate) fn new(plan: &'a Plan, generation: u64) -> Self {
        Self {
            plan,
            generation,
            revives: false,
        }
    }

    /// Reads rows that were just asked for by their own id: whatever says that they are gone is older.
    pub(crate) fn of_single_rows(self) -> Self {
        Self {
            revives: true,
            ..self
        }
    }

    pub(crate) fn stream(&self) -> &'a Stream {
        &self.plan.stream
    }

    pub(crate) fn primary_id(&self) -> &'a str {
        &self.plan.primary_id
    }

    /// Reads one row, whose GUID is `id`.
    pub(crate) fn read(&self, row: &Row, id: &str) -> Result<ReadRow, Unreadable> {
        self.read_known(row, id).map_err(|reason| Unreadable {
            id: id.to_owned(),
            version: row.version(),
            reason,
        })
    }

    fn read_known(&self, row: &Row, id: &str) -> Result<ReadRow, String> {
        let version = row.version().ok_or("it has no version number")?;
        if !self.belongs(row)? {
            return Ok(ReadRow::Leaver {
                id: id.to_owned(),
                version,
            });
        }
        let mut fields = Fields::new();
        for field in &self.plan.fields {
            let value = field
                .reading
                .read(row.cell(&field.property))
                .map_err(|expected| {
                    format!(
                        "field `{}` (column `{}`): {expected}",
                        field.name(),
                        field.property
                    )
                })?;
            fields.insert(field.name().to_owned(), value);
        }
        let row = DynamicsRow {
            id: id.to_owned(),
            generation: self.generation,
            version,
            modified_on: modified_on(row)?,
            business_key: self.business_key(&fields)?,
            fields,
            revives: self.revives,
        };
        let size = row.size();
        if size > ITEM_BYTES_MAX {
            return Err(format!(
                "it takes about {size} bytes, more than the {ITEM_BYTES_MAX} of a DynamoDB item"
            ));
        }
        Ok(ReadRow::Member(row))
    }

    /// Whether the row belongs to the stream: it was modified since the anchor and meets every condition
    /// of `where`.
    pub(crate) fn belongs(&self, row: &Row) -> Result<bool, String> {
        if let Some(anchor) = self.plan.anchor {
            let modified_on = modified_on(row)?
                .ok_or_else(|| format!("column `{MODIFIED_ON}`, which `anchor` needs, is empty"))?;
            if modified_on < anchor {
                return Ok(false);
            }
        }
        for condition in &self.plan.conditions {
            let cell = row.cell(&condition.property);
            let met = match (cell, &condition.value) {
                // A hidden column is not a row that left the stream.
                (Cell::Absent, _) => None,
                (Cell::Null, _) => Some(false),
                // Dataverse compares text without regard to case.
                (_, ConditionValue::Text(wanted)) => {
                    let found = cell.text().ok().flatten();
                    found.map(|text| text.to_lowercase() == wanted.to_lowercase())
                }
                (_, ConditionValue::Integer(wanted)) => cell
                    .integer()
                    .ok()
                    .flatten()
                    .map(|number| number == *wanted),
                (_, ConditionValue::Boolean(wanted)) => {
                    cell.boolean().ok().flatten().map(|truth| truth == *wanted)
                }
            };
            match met {
                Some(true) => {}
                Some(false) => return Ok(false),
                None => {
                    return Err(format!(
                        "column `{}` of `where` is missing or not of the expected type",
                        condition.property
                    ));
                }
            }
        }
        Ok(true)
    }

    /// By what the app finds the row's record; `None` where the stream has no key, or a value is empty.
    fn business_key(&self, fields: &Fields) -> Result<Option<String>, String> {
        let stream = &self.plan.stream;
        let values = stream
            .key_fields()
            .into_iter()
            .map(|field| fields.get(&field.name));
        let values: Option<Vec<&Value>> = values.collect();
        let key = values.and_then(|values| business_key(&stream.name, values));
        if key
            .as_ref()
            .is_some_and(|key| key.len() > BUSINESS_KEY_BYTES_MAX)
        {
            return Err(format!(
                "its business key is longer than {BUSINESS_KEY_BYTES_MAX} bytes"
            ));
        }
        Ok(key)
    }
}

/// When the row was last written, where the table tells.
pub(crate) fn modified_on(row: &Row) -> Result<Option<Timestamp>, String> {
    let wrong = || format!("column `{MODIFIED_ON}`: expected a date and time");
    let text = row.cell(MODIFIED_ON).text().map_err(|_| wrong())?;
    text.map(|text| text.parse().map_err(|_| wrong()))
        .transpose()
}
