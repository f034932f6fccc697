//! One of everything in the changes table: a change in every state, from everybody who may want one.

use std::collections::BTreeMap;

use sync_store::{
    Accepted, ChangeKey, ChangeState, Fields, NewChange, Operation, Origin, Resolved, Settlement,
    Value, Wanted,
};

use super::records::id;
use crate::changes::{accept, accepted, one, settle, settlement, wanting};
use crate::support::{Tables, later, never, text};

/// Ids of the changes that this writes.
pub(super) const CHANGES: [&str; 13] = [
    "waiting",
    "applied",
    "superseded",
    "held",
    "refused",
    "dropped",
    "dissolved",
    "forced",
    "by-key",
    "delete",
    "expiry",
    "renewal",
    "assertion",
];

fn change(name: &str) -> NewChange {
    NewChange {
        key: ChangeKey::Id(id(9)),
        base_version: Some(6),
        ..wanting(name, "name", name)
    }
}

pub(super) async fn write(tables: &Tables) {
    for state in ChangeState::ALL {
        let change = accepted(tables, &change(state.name())).await;
        let settlement = Settlement {
            reason: Some("both sides changed `name`".into()),
            row: Some(id(9)),
            lost: vec!["name".into()],
            theirs: one("name", "theirs"),
            ..settlement(state)
        };
        let settled = settle(tables, &change, &settlement).await;
        assert_eq!(settled, state != ChangeState::Waiting);
    }
    let store = &tables.store;
    let waiting = store.change("waiting").await.unwrap().unwrap();
    let noted = store.note_attempt(&waiting, "Dynamics is busy", later(130));
    noted.await.unwrap();
    let held = accepted(tables, &change("forced")).await;
    assert!(settle(tables, &held, &settlement(ChangeState::Held)).await);
    let forced = store.keep_app("forced", &never, later(500)).await.unwrap();
    assert!(matches!(forced, Resolved::Done(_)), "{forced:?}");
    write_kinds(tables).await;
}

/// What names its row by fields, what deletes, and what nobody but this software wants.
async fn write_kinds(tables: &Tables) {
    let mentor = Wanted::Row(Fields::from([("email".into(), text("kari@example.no"))]));
    let by_key = NewChange {
        operation: Operation::Upsert,
        key: ChangeKey::Fields(Fields::from([("mentor_code".into(), text("M-1001"))])),
        fields: BTreeMap::from([
            ("mentor".into(), mentor),
            ("comment".into(), Wanted::Value(Value::Null)),
            ("visible".into(), Wanted::Value(Value::Boolean(true))),
            ("fee".into(), Wanted::Value(Value::Number("2.5".into()))),
        ]),
        ..change("by-key")
    };
    accept(&tables.store, &by_key).await;
    let delete = NewChange {
        operation: Operation::Delete,
        fields: BTreeMap::new(),
        ..change("delete")
    };
    let by = || "certifications".to_owned();
    let expiry = NewChange {
        origin: Origin::Expiry { by: by() },
        ..change("expiry")
    };
    let renewal = NewChange {
        origin: Origin::Renewal { by: by() },
        ..change("renewal")
    };
    let assertion = NewChange {
        operation: Operation::Create,
        origin: Origin::Assertion,
        ..change("assertion")
    };
    for change in [delete, expiry, renewal, assertion] {
        let accepted = accept(&tables.store, &change).await;
        assert!(matches!(accepted, Accepted::New(_)), "{accepted:?}");
    }
}
