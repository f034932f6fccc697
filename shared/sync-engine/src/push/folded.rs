//! Keys in a form in which two are equal that Dataverse takes for equal.
//!
//! Never in here: a guess. Where only Dataverse knows there is no such form.

use dynamics_client::{KeyValue, Row, RowKey};

/// A key in a form in which two that Dataverse takes for equal are equal.
pub(crate) type Folded = Vec<String>;

/// `None` where equality is Dataverse's own affair: of letters with accents, times, and decimals.
pub(crate) fn folded(key: &RowKey) -> Option<Folded> {
    let RowKey::Alternate(columns) = key else {
        return None;
    };
    let columns = columns.iter().map(|(_, value)| match value {
        KeyValue::Text(text) => folded_text(text),
        KeyValue::Integer(number) => Some(number.to_string()),
        KeyValue::Lookup(id) => Some(id.to_string()),
        KeyValue::Decimal(_) | KeyValue::Time(_) => None,
    });
    columns.collect()
}

/// The key of a row, whose columns are those of `like`.
pub(crate) fn folded_of_row(row: &Row, like: &RowKey, properties: &[&str]) -> Option<Folded> {
    let RowKey::Alternate(columns) = like else {
        return None;
    };
    let columns = columns.iter().zip(properties);
    let columns = columns.map(|((_, value), property)| match value {
        KeyValue::Text(_) => folded_text(&row.cell(property).text().ok()??),
        KeyValue::Integer(_) => Some(row.cell(property).integer().ok()??.to_string()),
        KeyValue::Lookup(_) => Some(row.guid(property)?.to_string()),
        KeyValue::Decimal(_) | KeyValue::Time(_) => None,
    });
    columns.collect()
}

/// In lower case and without spaces at its end, which Dataverse disregards.
fn folded_text(text: &str) -> Option<String> {
    let plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    plain.then(|| text.trim_end_matches(' ').to_ascii_lowercase())
}
