//! What a valid stream file says. Only the parser makes these, so holding one means it was checked.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::policy::{Alert, Conflict, Deletes, Direction, Owner, Update};

/// A whole stream file.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamFile {
    /// The organisation's time zone (`time_zone`): days begin and end in it. Taken from the compiled-in
    /// IANA database.
    pub time_zone: TimeZone,
    /// The language of texts that people read (`language`). Default: English.
    pub language: Language,
    /// How CSV files are written (`csv`).
    pub csv: CsvFormat,
    /// The streams in the order of the file; at least one, names unique.
    pub streams: Vec<Stream>,
    /// SHA-256 of the file's text in lower-case hex. A run records it, so that it can be told later
    /// which file it ran with.
    pub hash: String,
}

impl StreamFile {
    /// The stream of this name.
    pub fn stream(&self, name: &str) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.name == name)
    }

    /// The stream by whose key the rows of a table may be named: the first that reads the table and has one.
    pub fn keyed_by(&self, table: &str) -> Option<&Stream> {
        let keyed = |stream: &&Stream| stream.table == table && !stream.key_fields().is_empty();
        self.streams.iter().find(keyed)
    }
}

/// The language of alerts, page and CSV headings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Language {
    /// Norwegian bokmål.
    Nb,
    /// English.
    En,
}

/// What may stand between two cells of a CSV file.
pub const DELIMITERS: [char; 4] = [';', ',', '\t', '|'];

/// How CSV files are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CsvFormat {
    /// What stands between two cells: `;`, `,`, TAB or `|`. Default: what Excel expects in the file's
    /// language, `;` for `nb` and `,` for `en`.
    pub delimiter: char,
}

/// One stream: one table of Dynamics and what of it goes where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stream {
    /// The stream's own name: lower-case letters, digits, `-` and `_`, at most 64 characters; never
    /// `changes`, which is an export of its own.
    pub name: String,
    /// The Dataverse entity set, such as `contacts`: the plural name in Web API addresses, not the
    /// table's logical name.
    pub table: String,
    /// What identifies a row for the organisation.
    pub key: Key,
    /// What the app sees, in the order of the file; at least one. No two read the same column.
    pub fields: Vec<Field>,
    /// The file's `where`, ordered by column: a row belongs to the stream only if all hold. Evaluated
    /// on our side, because change tracking refuses `$filter`.
    pub filter: Vec<Condition>,
    /// Rows last modified before this day began in the file's time zone do not belong to the stream
    /// (`anchor`). Absent: every row may.
    pub anchor: Option<Date>,
    /// When rows end, and what is written then (`expiry`). Absent: they never do.
    pub expiry: Option<Expiry>,
    /// Which way its values go.
    pub direction: Direction,
    /// Whose value stands where both sides changed a column; has a say only in [`Direction::Both`].
    pub conflict: Conflict,
    /// When a value from the app is written, unless its field says otherwise: ask [`Field::strategy`].
    pub update: Update,
    /// What a delete on one side does to the other.
    pub deletes: Deletes,
    /// The team that owns the rows which the sync creates in Dynamics: a GUID in lower case
    /// (`owner_team`). Absent: the application user owns them.
    pub owner_team: Option<String>,
    /// Whether writes keep Power Automate flows from starting (`suppress_flows`).
    pub suppress_flows: bool,
    /// Who is told when something needs a person. Absent: only those who run the sync.
    pub alert: Option<Alert>,
}

impl Stream {
    /// Every column that a pull must ask for: those of the fields (which include the key's) and of
    /// `where`, by logical name. A lookup's column is selected as `_{name}_value`; that is the
    /// client's business.
    pub fn columns(&self) -> BTreeSet<&str> {
        let fields = self.fields.iter().map(|field| field.column.as_str());
        let conditions = self
            .filter
            .iter()
            .map(|condition| condition.column.as_str());
        fields.chain(conditions).collect()
    }

    /// The fields that make up the business key, in the key's order; none for [`Key::Id`].
    pub fn key_fields(&self) -> Vec<&Field> {
        let Key::Columns(columns) = &self.key else {
            return Vec::new();
        };
        columns
            .iter()
            .filter_map(|column| self.fields.iter().find(|field| &field.column == column))
            .collect()
    }
}

/// What identifies a row for the organisation (`key`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Key {
    /// The row's GUID alone (`"id"`, the default).
    Id,
    /// These columns together: an alternate key, or a plain column such as `emailaddress1`. One to 16,
    /// each read by a field of the stream.
    Columns(Vec<String>),
}

/// One field: the app's name for a column, and how its values are read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Field {
    /// The app's name: ASCII letters, digits and `_`, beginning with a letter, at most 64 characters;
    /// never `id`, which every record has by itself.
    pub name: String,
    /// The Dataverse column's logical name.
    pub column: String,
    /// How its values are read.
    pub kind: FieldKind,
    /// Who may change it; for a part of the key always [`Owner::Both`].
    pub owner: Owner,
    /// Whether a null from the app may empty the column (`clearable`); without it a null changes nothing.
    pub clearable: bool,
    /// The field's own strategy (`update`). Absent: the stream's.
    pub update: Option<Update>,
    /// Whether the sync itself puts the time of the write here (`stamp`). A stamp alone is never a
    /// reason to write. At most one a stream; [`FieldKind::Plain`] or [`FieldKind::Date`].
    pub stamp: bool,
}

impl Field {
    /// When a value of this field is written over what Dynamics has. `stream` is the field's own.
    pub fn strategy(&self, stream: &Stream) -> Update {
        self.update.unwrap_or(stream.update)
    }
}

/// How a column's values become the app's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FieldKind {
    /// By the column's own type.
    Plain,
    /// A calendar day (`type = "date"`), taken from the column by its DateTimeBehavior.
    Date,
    /// A reference to a row of another table.
    Lookup {
        /// The entity set referred to.
        table: String,
    },
    /// A choice: the app's labels by Dataverse's numbers. Never empty; labels are unique.
    Choice(BTreeMap<i64, String>),
}

/// A column that must have a value for a row to belong to the stream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Condition {
    /// The column's logical name.
    pub column: String,
    /// The value it must have.
    pub value: ConditionValue,
}

/// A value in `where`, `from` or `set`. TOML has no null, so none of them can speak of an empty one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ConditionValue {
    /// A text, the GUID of a lookup, or the label of a field's choice.
    Text(String),
    /// A whole number; in `where`, which speaks of columns, also a choice by its number.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
}

/// When a row's validity ends, and what is written then (`expiry`). All names are the app's: fields of
/// this stream, except for `targets`, which reach into another one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Expiry {
    /// The field with the last valid day in the file's time zone, always a [`FieldKind::Date`]. A row
    /// without a value never expires.
    pub date: String,
    /// Only rows that have all these values expire, ordered by field; empty: every row may.
    pub from: Vec<FieldValue>,
    /// What an expired row gets, ordered by field; never the date or a part of the key. May be empty
    /// only if there are targets.
    pub set: Vec<FieldValue>,
    /// What the rows that an expired row refers to get, ordered by lookup and field.
    pub targets: Vec<TargetValue>,
    /// How many days before the last valid one people are warned (`warn_days`): the longest first,
    /// unique, 1 to 366, at most eight. Empty: they are not.
    pub warn_days: Vec<u16>,
}

/// A field of the same stream and a value that fits it: for a choice one of its labels.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FieldValue {
    /// The field's name.
    pub field: String,
    /// Its value.
    pub value: ConditionValue,
}

/// A value over a lookup (`"mentor.portal_visible" = false`). Several rows may refer to the same one,
/// so it holds only while no valid row does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TargetValue {
    /// The lookup field of this stream.
    pub lookup: String,
    /// The only stream of the file that reads the lookup's table and has the field.
    pub stream: String,
    /// The field of that stream; never a date or a part of its key.
    pub field: String,
    /// Its value, which fits that field.
    pub value: ConditionValue,
}
