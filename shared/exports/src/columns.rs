//! The columns of an export of rows, and how each one's values are written.

use streams::{Field, FieldKind, Stream};
use sync_engine::Live;

/// One column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// The app's name of the field.
    pub(crate) name: String,
    pub(crate) form: Form,
}

/// What the texts of a column are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// Texts, labels and ids.
    Text,
    Day,
    /// An instant, or a time of day that belongs to no zone.
    Time,
    /// Nobody could be asked: it is told from the text.
    Unknown,
}

/// The columns of these fields, as the live table has them.
pub(crate) fn live(stream: &Stream, chosen: &[usize], live: &Live) -> Vec<Column> {
    let (times, days) = (live.times(), live.days());
    columns(stream, chosen, |field| match &field.name {
        name if times.contains(name) => Form::Time,
        name if days.contains(name) => Form::Day,
        _ => Form::Text,
    })
}

/// The same, as far as the stream file says.
pub(crate) fn of_copy(stream: &Stream, chosen: &[usize]) -> Vec<Column> {
    columns(stream, chosen, of_file)
}

/// What the stream file says of a field's texts.
pub(crate) fn of_file(field: &Field) -> Form {
    match field.kind {
        FieldKind::Plain => Form::Unknown,
        FieldKind::Date => Form::Day,
        FieldKind::Lookup { .. } | FieldKind::Choice(_) => Form::Text,
    }
}

fn columns(stream: &Stream, chosen: &[usize], form: impl Fn(&Field) -> Form) -> Vec<Column> {
    let fields = chosen.iter().filter_map(|index| stream.fields.get(*index));
    let column = |field: &Field| Column {
        name: field.name.clone(),
        form: form(field),
    };
    fields.map(column).collect()
}
