//! One row of a bulk action, and the body and the answer of many.
//!
//! Source: "Use bulk operation messages", Dataverse developer documentation.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use uuid::Uuid;

use super::Action;
use crate::call::{Aim, Asked, Repeat};
use crate::change::{Change, What};
use crate::classify::Failure;
use crate::error::{ErrorKind, Problem};
use crate::query::check_name;
use crate::row_key::RowKey;
use crate::unusable::unreadable;
use crate::written::{Written, protocol};

/// One row of a bulk action.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) operation: String,
    pub(super) json: String,
    /// The row's id, where it is known before.
    pub(super) id: Option<Uuid>,
    pub(super) repeat: Repeat,
    pub(super) aim: Aim,
}

impl Target {
    /// The row of `change`; `None` if it must be looked for first.
    pub(super) fn new(change: &Change<'_>) -> Result<Option<Self>, Box<Problem>> {
        let table = change.table;
        check_name(&table.logical_name)?;
        check_name(&table.primary_id)?;
        check_name(&table.entity_set)?;
        let kind = format!("\"Microsoft.Dynamics.CRM.{}\"", table.logical_name);
        let mut cells = vec![("@odata.type", kind)];
        let (record, id, aim) = match change.what {
            What::Create(record) => (record, record.own_id(), Aim::New),
            What::Update(key, record, _) | What::Upsert(key, record) => {
                if let RowKey::Alternate(_) = key {
                    let Some(address) = key.address()? else {
                        return Ok(None);
                    };
                    let address = format!("{}({address})", table.entity_set);
                    cells.push(("@odata.id", serde_json::Value::from(address).to_string()));
                }
                let id = key.id();
                (
                    record,
                    id,
                    Aim::Row {
                        id,
                        if_match: false,
                    },
                )
            }
            What::CreateOnly(..) | What::Delete(..) => return Ok(None),
        };
        if let Some(id) = id {
            cells.push((&table.primary_id, format!("\"{id}\"")));
        }
        Ok(Some(Self {
            operation: change.operation(),
            json: record.json(&cells)?,
            id,
            repeat: match (aim, id) {
                (Aim::New, None) => Repeat::OnlyIfNotApplied,
                _ => Repeat::Always,
            },
            aim,
        }))
    }
}

/// The body of an action on `targets`.
pub(super) fn body(targets: &[&Target]) -> String {
    let rows: Vec<&str> = targets.iter().map(|target| target.json.as_str()).collect();
    format!("{{\"Targets\":[{}]}}", rows.join(","))
}

#[derive(Deserialize)]
struct Created {
    #[serde(rename = "Ids")]
    ids: Vec<Uuid>,
}

/// Reads the answer to an action on `targets`: a result for each of them.
pub(super) fn read(
    asked: Asked,
    answer: &Response<Bytes>,
    action: Action,
    targets: &[&Target],
) -> Result<Vec<Written>, Failure> {
    let known = |created| {
        let written = |target: &&Target| Written {
            id: target.id,
            created,
            ..Written::default()
        };
        targets.iter().map(written).collect()
    };
    let failed = |error: &_| unreadable(asked, answer, error);
    if action != Action::Create {
        if answer.status() != StatusCode::NO_CONTENT {
            serde_json::from_slice::<IgnoredAny>(answer.body()).map_err(|e| failed(&e))?;
        }
        let created = (action == Action::Update).then_some(false);
        return Ok(known(created));
    }
    let created: Created = serde_json::from_slice(answer.body()).map_err(|e| failed(&e))?;
    if created.ids.len() != targets.len() {
        return Err(protocol(
            answer,
            "it names not as many rows as were created",
        ));
    }
    let given = targets.iter().zip(&created.ids);
    if given
        .clone()
        .any(|(target, id)| target.id.is_some_and(|own| own != *id))
    {
        return Err(protocol(
            answer,
            "it names other rows than those that were created",
        ));
    }
    Ok(given
        .map(|(_, id)| Written {
            id: Some(*id),
            created: Some(true),
            ..Written::default()
        })
        .collect())
}

/// Whether an error is that of one row, which the others need not share.
pub(super) fn is_of_a_row(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::BadRequest
            | ErrorKind::NotFound
            | ErrorKind::DuplicateKey
            | ErrorKind::VersionMismatch
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::RequestClass;

    fn target(id: Option<u128>) -> Target {
        Target {
            operation: "create contacts".into(),
            json: "{}".into(),
            id: id.map(Uuid::from_u128),
            repeat: Repeat::Always,
            aim: Aim::New,
        }
    }

    proptest::proptest! {
        #[test]
        fn no_answer_makes_reading_it_panic_and_none_names_other_rows(
            status in 200_u16..300,
            ids in proptest::collection::vec(0_u128..3, 0..4),
            body in r#"[\{\}\[\]":,a-zI0-9@.]{0,60}"#,
        ) {
            let asked = Asked {
                class: RequestClass::Write,
                by_link: false,
                reads: false,
                aim: Some(Aim::Many),
            };
            let (one, other) = (target(Some(1)), target(None));
            let ids: Vec<_> = ids.into_iter().map(Uuid::from_u128).collect();
            for body in [body, serde_json::json!({ "Ids": ids }).to_string()] {
                let mut answer = Response::new(Bytes::from(body));
                *answer.status_mut() = StatusCode::from_u16(status).unwrap();
                for action in [Action::Create, Action::Update, Action::Upsert] {
                    if let Ok(written) = read(asked, &answer, action, &[&one, &other]) {
                        proptest::prop_assert_eq!(written.len(), 2);
                        proptest::prop_assert_eq!(written[0].id, one.id);
                    }
                }
            }
        }
    }
}
