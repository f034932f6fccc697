//! What the stream file needs of each table, and how badly: no more than that should the application user
//! be given.

use std::collections::BTreeMap;

use dynamics_client::PrivilegeKind;
use streams::{FieldKind, Owner, Stream, StreamFile, ToDynamics, Update};

use crate::report::Severity;

/// The privileges needed on a table, and how bad it is that one is missing.
pub(crate) type Need = BTreeMap<PrivilegeKind, Severity>;

/// What all streams together need, by entity set.
pub(crate) fn of_file(file: &StreamFile) -> BTreeMap<String, Need> {
    let mut needs: BTreeMap<String, Need> = BTreeMap::new();
    for stream in &file.streams {
        let own = needs.entry(stream.table.clone()).or_default();
        for (kind, severity) in of_stream(stream) {
            let known = own.entry(kind).or_insert(severity);
            *known = severity.max(*known);
        }
        for target in written_lookups(stream) {
            let target = needs.entry(target.to_owned()).or_default();
            target.insert(PrivilegeKind::AppendTo, Severity::Fail);
        }
    }
    needs
}

/// What one stream needs of its own table.
pub(crate) fn of_stream(stream: &Stream) -> Need {
    use PrivilegeKind::{Append, Assign, Create, Delete, Read, Write};
    let mut need = Need::from([(Read, Severity::Fail)]);
    if !stream.direction.pushes() {
        return need;
    }
    if only_creates(stream) {
        need.insert(Create, Severity::Fail);
    } else {
        need.insert(Write, Severity::Fail);
        // A stream may be meant only for rows that are there.
        need.insert(Create, Severity::Warn);
    }
    if stream.deletes.to_dynamics == ToDynamics::Delete {
        need.insert(Delete, Severity::Fail);
    }
    if written_lookups(stream).next().is_some() {
        need.insert(Append, Severity::Fail);
    }
    if stream.owner_team.is_some() {
        need.insert(Assign, Severity::Fail);
    }
    need
}

/// Whether no row that is there is ever written.
fn only_creates(stream: &Stream) -> bool {
    let skips = stream
        .fields
        .iter()
        .filter(|field| field.owner != Owner::Dynamics);
    let mut skips = skips.map(|field| field.strategy(stream) == Update::Skip);
    skips.all(|skips| skips) && stream.deletes.to_dynamics != ToDynamics::Deactivate
}

/// The entity sets of the lookups that the stream writes.
pub(crate) fn written_lookups(stream: &Stream) -> impl Iterator<Item = &str> {
    let pushes = stream.direction.pushes();
    let written = stream.fields.iter();
    let written = written.filter(move |field| pushes && field.owner != Owner::Dynamics);
    written.filter_map(|field| match &field.kind {
        FieldKind::Lookup { table } => Some(table.as_str()),
        _ => None,
    })
}
