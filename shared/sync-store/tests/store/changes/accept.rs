//! Taking in a change.

use std::collections::BTreeMap;

use sync_store::{
    Accepted, Base, ChangeKey, ChangeState, ErrorKind, Fields, NewChange, Operation, Origin, Value,
    Wanted,
};

use super::{accept, accepted, one, only, parts, pending, stored, waiting, wanting};
use crate::hiding::{HIDDEN, SHOWN, expiry, kari, put_under, valid_to};
use crate::records::{all, name_of, put};
use crate::support::{KARI, Tables, never, now, row, text};

#[tokio::test]
async fn an_accepted_change_is_shown_at_once_and_remembers_what_the_app_saw() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let before = tables.raw_record(KARI).await.unwrap();
    let first = accepted(&tables, &wanting("a", "name", "Kari Nordmann")).await;
    let base = |shown| Base {
        version: 7,
        dynamics: one("name", "Kari"),
        shown: one("name", shown),
    };
    assert_eq!(first.base, Some(base("Kari")));
    assert_eq!(first.row.as_deref(), Some(KARI));
    assert_eq!(first.state, ChangeState::Waiting);
    assert_eq!(stored(&tables, "a").await, first);

    let second = accepted(&tables, &wanting("b", "name", "Kari Hansen")).await;
    assert_eq!(second.base, Some(base("Kari Nordmann")));
    assert_eq!(name_of(&tables).await, Some(text("Kari Hansen")));
    assert_eq!(pending(&tables).await, only("name", "Kari Hansen", "b"));
    assert_eq!(waiting(&tables).await, ["a", "b"]);
    let after = tables.raw_record(KARI).await.unwrap();
    for part in ["dynamics", "version", "synced_at", "fence"] {
        assert_eq!(after[part], before[part], "{part}");
    }
}

#[tokio::test]
async fn everything_that_was_handed_in_comes_back() {
    let tables = Tables::empty().await;
    let key = Fields::from([("code".into(), text("M-1")), ("year".into(), Value::Null)]);
    let origins = [
        Origin::App { key: "app".into() },
        Origin::Expiry { by: "s".into() },
        Origin::Renewal { by: "s".into() },
        Origin::Assertion,
    ];
    let operations = [
        Operation::Upsert,
        Operation::Create,
        Operation::Update,
        Operation::Delete,
    ];
    for (number, (origin, operation)) in origins.into_iter().zip(operations).enumerate() {
        let id = number.to_string();
        let mut change = NewChange {
            operation,
            key: ChangeKey::Fields(key.clone()),
            base_version: Some(7_120_155),
            origin,
            ..wanting(&id, "name", "Kari")
        };
        change
            .fields
            .insert("mentor".into(), Wanted::Row(key.clone()));
        change
            .fields
            .insert("gone".into(), Wanted::Value(Value::Null));
        let accepted = accepted(&tables, &change).await;
        assert_eq!(accepted.wanted, change);
        assert!(accepted.names.iter().eq(["gone", "mentor", "name"]));
        assert_eq!(stored(&tables, &id).await, accepted);
    }
    assert_eq!(tables.store.change("none").await.unwrap(), None);
}

#[tokio::test]
async fn the_same_change_handed_in_twice_is_one_and_another_under_its_id_is_told() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let change = wanting("a", "name", "Kari Nordmann");
    let first = accepted(&tables, &change).await;
    let record = tables.raw_record(KARI).await;
    let again = accept(&tables.store, &change).await;
    assert_eq!(again, Accepted::Known(first.clone()));
    let other = NewChange {
        digest: "other".into(),
        ..wanting("a", "name", "Ola")
    };
    let other = accept(&tables.store, &other).await;
    assert_eq!(other, Accepted::Other(first));
    assert_eq!(tables.raw_record(KARI).await, record);
    assert_eq!(waiting(&tables).await, ["a"]);
}

#[tokio::test]
async fn a_record_is_found_by_its_business_key_and_a_row_unknown_to_the_copy_has_none() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "M-1001")).await;
    let by_key = |id: &str| NewChange {
        key: ChangeKey::Fields(one("code", "M-1001")),
        ..wanting(id, "city", "Bodø")
    };
    let accept = async |id: &str, key: &str, pulls| {
        let change = by_key(id);
        let accepted = tables.store.accept(&change, Some(key), &never, pulls);
        match accepted.await.unwrap() {
            Accepted::New(change) => change.row,
            other => panic!("{other:?}"),
        }
    };
    let key = "members#M-1001";
    assert_eq!(accept("a", "members#M-1002", true).await, None);
    assert_eq!(accept("b", &"x".repeat(3_000), true).await, None);
    assert_eq!(accept("c", key, false).await, None, "it has no copy");
    assert!(pending(&tables).await.is_empty());
    assert_eq!(accept("d", key, true).await.as_deref(), Some(KARI));
    assert_eq!(pending(&tables).await, only("city", "Bodø", "d"));

    let twin = "a0000000-0000-4000-8000-000000000002";
    put(&tables, &row(twin, 7, "M-1001")).await;
    assert_eq!(accept("e", key, true).await, None, "which of the two?");
    assert_eq!(waiting(&tables).await, ["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn what_only_the_push_can_tell_is_not_shown_before_it() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let before = tables.raw_record(KARI).await;
    let lookup = Wanted::Row(one("code", "M-1"));
    let expiry = Origin::Expiry {
        by: "members".into(),
    };
    let changes = [
        NewChange {
            origin: expiry,
            ..wanting("an expiry, which hides by itself", "name", "x")
        },
        NewChange {
            operation: Operation::Delete,
            ..wanting("a delete", "name", "x")
        },
        NewChange {
            operation: Operation::Create,
            ..wanting("a row that is there is not created", "name", "x")
        },
        NewChange {
            fields: BTreeMap::from([("mentor".into(), lookup)]),
            ..wanting("a lookup by business key", "", "")
        },
    ];
    for change in changes {
        let accepted = accepted(&tables, &change).await;
        assert_eq!(accepted.base.unwrap().version, 7);
        assert_eq!(tables.raw_record(KARI).await, before, "{}", change.id);
    }
    assert_eq!(waiting(&tables).await.len(), 4);
}

#[tokio::test]
async fn a_change_does_not_show_what_has_run_out_unless_it_renews_it() {
    let tables = Tables::empty().await;
    let rule = expiry("2026-11-20");
    put_under(&tables, &valid_to(7, "2026-11-19"), &rule).await;
    let mut change = wanting("a", "visible", "");
    let shown = Wanted::Value(Value::Boolean(true));
    change.fields.insert("visible".into(), shown);
    let accept = async |change| {
        tables
            .store
            .accept(change, None, &rule, true)
            .await
            .unwrap()
    };
    accept(&change).await;
    assert_eq!(kari(&tables).await, HIDDEN);
    accept(&wanting("b", "valid_to", "2027-11-19")).await;
    assert_eq!(kari(&tables).await, SHOWN);
}

#[tokio::test]
async fn a_change_that_makes_its_record_too_large_is_refused_whole() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    let before = tables.raw_record(KARI).await;
    // Once in `pending` and once in `fields`; and more than even the change itself may be.
    for bytes in [205_000, 410_000] {
        let change = wanting("a", "name", &"p".repeat(bytes));
        let error = tables
            .store
            .accept(&change, None, &never, true)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("ppp") && shown.contains("change a"),
            "{shown}"
        );
        assert_eq!(tables.store.change("a").await.unwrap(), None);
        assert!(waiting(&tables).await.is_empty());
        assert_eq!(tables.raw_record(KARI).await, before);
    }
    // The same change of a record that the copy does not have.
    let other = NewChange {
        key: ChangeKey::Id("a0000000-0000-4000-8000-000000000002".into()),
        ..wanting("a", "name", &"p".repeat(205_000))
    };
    accepted(&tables, &other).await;
}

#[tokio::test]
async fn a_tombstone_takes_up_no_change_and_shows_none_when_it_comes_back() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "Kari")).await;
    accepted(&tables, &wanting("a", "name", "before")).await;
    let store = &tables.store;
    store.bury(&tables.lease, KARI, 1, now()).await.unwrap();
    let change = accepted(&tables, &wanting("b", "name", "after")).await;
    assert_eq!(change.base, None);
    assert!(parts(&tables).await.deleted);
    put(&tables, &row(KARI, 8, "back")).await;
    assert!(all(&tables).await[0].fields == one("name", "back"));
    assert_eq!(waiting(&tables).await, ["a", "b"]);
}

#[tokio::test]
async fn nothing_that_is_printed_shows_a_value() {
    let tables = Tables::empty().await;
    put(&tables, &row(KARI, 7, "secret")).await;
    let mut change = NewChange {
        key: ChangeKey::Fields(one("email", "secret")),
        ..wanting("a", "name", "secret")
    };
    change
        .fields
        .insert("mentor".into(), Wanted::Row(one("code", "secret")));
    let accepted = accepted(&tables, &change).await;
    let printed = format!("{change:?} {accepted:?} {:?}", parts(&tables).await);
    assert!(!printed.contains("secret"), "{printed}");
}
