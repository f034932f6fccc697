//! A change as the request that does it.
//!
//! The same for a request of its own and for a part of a batch. Never in here: sending.

use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use uuid::Uuid;

use super::{Change, What};
use crate::call::{Aim, Repeat};
use crate::error::{ErrorKind, Problem};
use crate::etag::IfMatch;
use crate::query::check_name;
use crate::record::Record;
use crate::row_key::RowKey;
use crate::write_options::WriteOptions;

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// Where a change's row is to be found.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// As the change says.
    AsGiven,
    /// No address can carry its key: it has this id.
    Found(Uuid),
    /// No address can carry its key, and there is no such row.
    Missing,
}

/// A change as a request.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) operation: String,
    pub(crate) method: Method,
    /// Below the Web API's root.
    pub(crate) path: String,
    /// Conditions and options.
    pub(crate) headers: HeaderMap,
    /// JSON; empty for none.
    pub(crate) body: String,
    pub(crate) aim: Aim,
    pub(crate) repeat: Repeat,
    pub(crate) expected: Expected,
}

/// What the answer to a change has to tell.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    pub(crate) entity_set: String,
    pub(crate) primary_id: String,
    /// The row's id, where it is known before.
    pub(crate) id: Option<Uuid>,
    /// Whether a success is a row that is new; `None` where only the answer tells.
    pub(crate) creates: Option<bool>,
    pub(crate) deletes: bool,
}

impl<'a> Change<'a> {
    /// The request, for a row that is at `place`.
    pub(crate) fn prepare(
        &self,
        place: &Place,
        options: &WriteOptions,
    ) -> Result<Prepared, Box<Problem>> {
        let table = self.table;
        check_name(&table.entity_set)?;
        check_name(&table.primary_id)?;
        let mut headers = options.headers();
        let plan = self.plan(place)?;
        match plan.condition {
            Some(Condition::Match(value)) => headers.insert(IF_MATCH, value),
            Some(Condition::None) => headers.insert(IF_NONE_MATCH, HeaderValue::from_static("*")),
            None => None,
        };
        let mut path = plan.address.map_or_else(
            || table.entity_set.clone(),
            |key| format!("{}({key})", table.entity_set),
        );
        let deletes = plan.method == Method::DELETE;
        if let Some(columns) = options.columns().filter(|_| !deletes) {
            columns.iter().try_for_each(|column| check_name(column))?;
            headers.insert(PREFER, HeaderValue::from_static("return=representation"));
            if !columns.is_empty() {
                path = format!("{path}?$select={}", columns.join(","));
            }
        }
        Ok(Prepared {
            operation: self.operation(),
            aim: if plan.method == Method::POST {
                Aim::New
            } else {
                Aim::Row {
                    id: plan.id,
                    if_match: headers.contains_key(IF_MATCH),
                }
            },
            method: plan.method,
            path,
            headers,
            body: plan.body,
            repeat: plan.repeat,
            expected: Expected {
                entity_set: table.entity_set.clone(),
                primary_id: table.primary_id.clone(),
                id: plan.id,
                creates: plan.creates,
                deletes,
            },
        })
    }

    fn plan(&self, place: &Place) -> Result<Plan, Box<Problem>> {
        match (self.what, place) {
            (What::Create(record), _) => self.post(record, record.own_id(), Vec::new()),
            (What::Upsert(key, record) | What::CreateOnly(key, record), Place::Missing) => {
                let cells = key.cells().ok_or_else(unspeakable)?;
                self.post(record, record.own_id(), cells)
            }
            (What::CreateOnly(..), Place::Found(_)) => Err(Problem::new(
                ErrorKind::DuplicateKey,
                "there is a row with this key already",
            )
            .advise("Update that row, or use another key.")),
            (What::Update(..) | What::Delete(..), Place::Missing) => {
                Err(Problem::new(ErrorKind::NotFound, "no row has this key")
                    .advise("It may have been deleted, or its key changed."))
            }
            (What::Update(key, record, if_match), _) => {
                let condition = if_match.header().map(Condition::Match);
                patch(key, place, record, condition, Some(false))
            }
            (What::Upsert(key, record), Place::Found(_)) => {
                let condition = IfMatch::Any.header().map(Condition::Match);
                patch(key, place, record, condition, Some(false))
            }
            (What::Upsert(key, record), Place::AsGiven) => patch(key, place, record, None, None),
            (What::CreateOnly(key, record), Place::AsGiven) => {
                patch(key, place, record, Some(Condition::None), Some(true))
            }
            (What::Delete(key, if_match), _) => Ok(Plan {
                method: Method::DELETE,
                condition: match if_match {
                    // Not to be found is an error without it too.
                    IfMatch::Any => None,
                    IfMatch::ETag(_) => if_match.header().map(Condition::Match),
                },
                ..patch(key, place, &Record::new(), None, Some(false))?.without_body()
            }),
        }
    }

    fn post(
        &self,
        record: &Record,
        id: Option<Uuid>,
        mut cells: Vec<(&'a str, String)>,
    ) -> Result<Plan, Box<Problem>> {
        if let Some(id) = id {
            cells.insert(0, (&self.table.primary_id, format!("\"{id}\"")));
        }
        Ok(Plan {
            method: Method::POST,
            address: None,
            condition: None,
            body: record.json(&cells)?,
            id,
            creates: Some(true),
            repeat: match id {
                Some(_) => Repeat::Always,
                None => Repeat::OnlyIfNotApplied,
            },
        })
    }
}

struct Plan {
    method: Method,
    /// Between the parentheses.
    address: Option<String>,
    condition: Option<Condition>,
    body: String,
    id: Option<Uuid>,
    creates: Option<bool>,
    repeat: Repeat,
}

enum Condition {
    Match(HeaderValue),
    None,
}

impl Plan {
    fn without_body(mut self) -> Self {
        self.body.clear();
        self
    }
}

fn patch(
    key: &RowKey,
    place: &Place,
    record: &Record,
    condition: Option<Condition>,
    creates: Option<bool>,
) -> Result<Plan, Box<Problem>> {
    let (address, id) = match place {
        Place::Found(id) => (id.to_string(), Some(*id)),
        Place::AsGiven | Place::Missing => (key.address()?.ok_or_else(unspeakable)?, key.id()),
    };
    Ok(Plan {
        method: Method::PATCH,
        address: Some(address),
        condition,
        body: record.json(&[])?,
        id,
        creates,
        repeat: Repeat::Always,
    })
}

fn unspeakable() -> Box<Problem> {
    Problem::new(ErrorKind::BadRequest, "the request was not sent")
        .because("no address can carry the row's key, and no body either")
        .advise("Create the row with an id of its own, then address it by that.")
}
