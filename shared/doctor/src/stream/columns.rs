//! Whether every column is there, of a type that fits, and may be written where it has to be.

use dynamics_client::{Column, ColumnKind};
use streams::{Field, Key, Owner, Stream, Update};

use super::Subject;
use crate::report::{Finding, Found, Who};

pub(super) fn check(subject: Subject<'_>) -> Found {
    let Subject { stream, file, .. } = subject;
    let misfits = sync_engine::misfits(stream, subject.table(), file);
    let misfits = misfits.into_iter().map(|what| {
        let how =
            "Correct the stream file; `dynamics-sync discover TABLE` shows the table's columns.";
        Finding::fail(sentence(&what), Who::Deployer, how)
    });
    let known = |field: &'_ Field| subject.table().columns.get(&field.column);
    let fields = stream.fields.iter();
    let unwritten = fields.filter_map(|field| unwritable(stream, field, known(field)?));
    let found = Found::default().all(misfits).all(unwritten);
    found.note(format!("{} mapped", stream.fields.len()))
}

/// With a full stop.
fn sentence(text: &str) -> String {
    match text.ends_with(['.', '?']) {
        true => text.to_owned(),
        false => format!("{text}."),
    }
}

/// Why a field that the sync writes cannot be written.
fn unwritable(stream: &Stream, field: &Field, column: &Column) -> Option<Finding> {
    let Field {
        name, column: of, ..
    } = field;
    if !stream.direction.pushes() || field.owner == Owner::Dynamics {
        return None;
    }
    if field.stamp && !matches!(column.kind, ColumnKind::DateTime(_)) {
        return Some(Finding::fail(
            format!("Field `{name}`: a stamp needs a date column, and column `{of}` is none."),
            Who::Deployer,
            "Name another column, or take `stamp` away.",
        ));
    }
    let key = matches!(&stream.key, Key::Columns(columns) if columns.contains(of));
    let only_created = key || field.strategy(stream) == Update::Skip;
    let writable = match only_created {
        true => column.creatable || column.updatable,
        false => column.updatable,
    };
    (!writable).then(|| {
        Finding::fail(
            format!(
                "Field `{name}`: Dynamics keeps column `{of}` itself, so it cannot be written."
            ),
            Who::Deployer,
            "Give the field `owner = \"dynamics\"`, or name another column.",
        )
    })
}
