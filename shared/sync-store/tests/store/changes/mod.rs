//! Changes on their way to Dynamics, and what their records show meanwhile.

mod accept;
mod accept_races;
mod confirm;
mod expiry_notes;
mod listing;
mod queue;
mod resolve;
mod settle;
mod values_kept;

use std::collections::BTreeMap;

use sync_store::{
    Accepted, Change, ChangeKey, ChangeState, Fields, NewChange, Operation, Origin, RecordParts,
    Settlement, Store, Value, Waiting, Wanted,
};

use crate::support::{KARI, Tables, later, never, now, text};

/// What the app wants of Kari's row: this value of this field.
pub(crate) fn wanting(id: &str, field: &str, value: &str) -> NewChange {
    let wanted = Wanted::Value(text(value));
    NewChange {
        id: id.into(),
        stream: "members".into(),
        operation: Operation::Update,
        key: ChangeKey::Id(KARI.into()),
        fields: BTreeMap::from([(field.into(), wanted)]),
        base_version: None,
        changed_at: now(),
        accepted_at: later(60),
        origin: Origin::App { key: "app".into() },
        digest: format!("digest of {id}"),
    }
}

pub(crate) async fn accept(store: &Store, change: &NewChange) -> Accepted {
    store.accept(change, None, &never, true).await.unwrap()
}

/// Accepts a change that is new.
pub(crate) async fn accepted(tables: &Tables, change: &NewChange) -> Change {
    match accept(&tables.store, change).await {
        Accepted::New(change) => change,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn settlement(state: ChangeState) -> Settlement {
    Settlement::new(state, later(120))
}

/// Applied, and confirmed from this version of generation 1 on.
pub(crate) fn applied_from(version: i64) -> Settlement {
    Settlement {
        confirmed_from: Some((1, version)),
        ..settlement(ChangeState::Applied)
    }
}

pub(crate) async fn settle(tables: &Tables, change: &Change, settlement: &Settlement) -> bool {
    let settled = tables.store.settle(change, settlement, &never).await;
    settled.unwrap()
}

/// The change as it is stored.
pub(crate) async fn stored(tables: &Tables, id: &str) -> Change {
    tables.store.change(id).await.unwrap().unwrap()
}

pub(crate) async fn parts(tables: &Tables) -> RecordParts {
    let parts = tables.store.record_parts("members", KARI).await.unwrap();
    parts.unwrap()
}

/// What is pending on Kari's record: field, value, change.
pub(crate) async fn pending(tables: &Tables) -> Vec<(String, Value, String)> {
    let pending = parts(tables).await.pending.into_iter();
    pending
        .map(|(field, want)| (field, want.value, want.change))
        .collect()
}

/// The same for one field that is pending alone.
pub(crate) fn only(field: &str, value: &str, change: &str) -> Vec<(String, Value, String)> {
    vec![(field.into(), text(value), change.into())]
}

pub(crate) fn one(field: &str, value: &str) -> Fields {
    Fields::from([(field.into(), text(value))])
}

/// The ids of what waits.
pub(crate) async fn waiting(tables: &Tables) -> Vec<String> {
    let Waiting {
        changes, damaged, ..
    } = tables.store.waiting("members", None, 100).await.unwrap();
    assert!(damaged.is_empty());
    changes.into_iter().map(|change| change.wanted.id).collect()
}
