//! What this release makes of everything that is stored.

use std::collections::BTreeSet;
use std::fmt::Debug;

use futures::TryStreamExt;
use serde_json::Value as Json;
use sync_store::{Change, ChangeState, Cursor, Hideable, Record, RecordParts, Store, Waiting};

use super::changes::CHANGES;
use super::records::{RECORDS, id};
use super::state::cursors;
use crate::support::now;

/// Streams beside those that are called after the position of their cursor.
const STREAMS: [&str; 8] = [
    "members",
    "certifications",
    "begun",
    "taken",
    "vanishing-false",
    "vanishing-true",
    "expiry-false",
    "expiry-true",
];

/// Everything, as it is understood. Values are compared, and shown by nothing.
#[derive(PartialEq)]
pub(super) struct Understood {
    cursors: Vec<(String, Option<Cursor>)>,
    parts: Vec<RecordParts>,
    copy: Vec<Record>,
    hidden: Vec<String>,
    changes: Vec<Change>,
    queue: Vec<Change>,
    /// What has no values.
    told: Vec<String>,
}

impl Understood {
    /// Fails with the first thing that is understood otherwise than `expected`.
    pub(super) fn assert_same(&self, expected: &Self, form: u32) {
        same(form, &self.cursors, &expected.cursors);
        same(form, &self.parts, &expected.parts);
        same(form, &self.copy, &expected.copy);
        same(form, &self.hidden, &expected.hidden);
        same(form, &self.changes, &expected.changes);
        same(form, &self.queue, &expected.queue);
        same(form, &self.told, &expected.told);
    }
}

fn same<T: Debug + PartialEq>(form: u32, read: &[T], expected: &[T]) {
    for (read, expected) in read.iter().zip(expected) {
        assert!(read == expected, "form {form}: {read:?}\nnot {expected:?}");
    }
    assert_eq!(read.len(), expected.len(), "form {form}");
}

pub(super) async fn of(store: &Store) -> Understood {
    let mut read = Understood {
        cursors: Vec::new(),
        parts: Vec::new(),
        copy: store.records("members").try_collect().await.unwrap(),
        hidden: Vec::new(),
        changes: Vec::new(),
        queue: Vec::new(),
        told: whole(store).await,
    };
    for (stream, expected) in cursors() {
        let cursor = store.cursor(stream).await.unwrap();
        assert_eq!(cursor.as_ref(), Some(&expected), "{stream}");
        read.cursors.push((stream.to_owned(), cursor));
        read.told.extend(of_stream(store, stream).await);
    }
    for stream in STREAMS {
        read.told.extend(of_stream(store, stream).await);
    }
    for number in 0..RECORDS {
        let parts = store.record_parts("members", &id(number)).await.unwrap();
        read.parts.push(parts.unwrap());
        let hideable = store.hideable("members", number);
        let hideable: Vec<Hideable> = hideable.try_collect().await.unwrap();
        let by_others = hideable
            .iter()
            .map(|one| (one.suppressed, one.is_hidden_by_others()));
        read.hidden
            .extend(by_others.map(|one| format!("{number}: {one:?}")));
    }
    for id in CHANGES {
        let change = store.change(id).await.unwrap();
        read.changes.push(change.unwrap());
    }
    let Waiting {
        changes,
        damaged,
        strays,
        next,
    } = store.waiting("members", None, 100).await.unwrap();
    assert!(damaged.is_empty() && strays.is_empty() && next.is_none());
    assert!(changes.len() > 3);
    read.queue = changes;
    // Each state of a change, and each kind of record, is among them.
    let states: BTreeSet<ChangeState> = read.changes.iter().map(|change| change.state).collect();
    assert_eq!(states.len(), ChangeState::ALL.len());
    read
}

fn shown<T: Debug>(what: &str, told: T) -> String {
    format!("{what}: {told:?}")
}

async fn of_stream(store: &Store, stream: &str) -> Vec<String> {
    let mut told = vec![
        shown(stream, store.stream_state(stream).await.unwrap()),
        shown(stream, store.as_of(stream).await.unwrap()),
        shown(stream, store.generation(stream).await.unwrap()),
        shown(stream, store.expiring(stream).await.unwrap()),
        shown(stream, store.contract::<Json>(stream).await.unwrap()),
        shown(stream, store.quarantined(stream, 10).await.unwrap()),
    ];
    for state in ChangeState::ALL {
        let count = store.count_changes(stream, state).await.unwrap();
        told.push(shown(stream, (state, count)));
    }
    told
}

/// What belongs to no stream, or to several.
async fn whole(store: &Store) -> Vec<String> {
    let exports = store.latest_exports(10).await.unwrap();
    let runs = store.latest_runs::<Json>(10).await.unwrap();
    let alerts = store.alerts().await.unwrap();
    let mut listed = 0;
    for digit in 0..16 {
        let rows = store.listing("members", now(), digit, 1).await.unwrap();
        listed += rows.unwrap().len();
    }
    assert_eq!(
        (exports.len(), runs.len(), alerts.len(), listed),
        (3, 2, 4, 2)
    );
    vec![
        shown("streams", store.known_streams().await.unwrap()),
        shown("hiding", store.hiding_streams().await.unwrap()),
        shown("check", store.check::<Json>().await.unwrap().unwrap()),
        shown("alerts", alerts),
        shown("exports", exports),
        shown("runs", runs),
    ]
}
