//! Which bulk actions a table has: asked once a client, and learned from what they answer.
//!
//! Source: "Use bulk operation messages", Dataverse developer documentation.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Action;
use crate::client::DynamicsClient;
use crate::counters::RequestClass;
use crate::error::{Error, ErrorKind};
use crate::query::check_name;
use crate::table::Table;

/// Whether a table has an action.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Offer {
    Yes,
    No,
    /// It may not be asked: trying tells.
    Unknown,
}

/// What is known of each table's actions.
#[derive(Debug, Default)]
pub(crate) struct Offers(Mutex<BTreeMap<(String, Action), Offer>>);

impl Offers {
    fn known(&self, table: &str, action: Action) -> Option<Offer> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&(table.to_owned(), action)).copied()
    }

    pub(super) fn learn(&self, table: &str, action: Action, offer: Offer) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert((table.to_owned(), action), offer);
    }
}

#[derive(Deserialize)]
struct Filters {
    value: Vec<IgnoredAny>,
}

impl DynamicsClient {
    /// Whether `table` has `action`. At most one request a table and action, for all clones.
    pub(crate) async fn offer(&self, table: &Table, action: Action) -> Result<Offer, Error> {
        let name = &table.logical_name;
        if let Some(offer) = self.core.offers.known(name, action) {
            return Ok(offer);
        }
        let operation = format!("read whether {} has {}", table.entity_set, action.name());
        check_name(name).map_err(|problem| Error::new(&operation, problem))?;
        // An upsert works where both of the others do.
        let messages: &[&str] = match action {
            Action::Create => &["CreateMultiple"],
            Action::Update => &["UpdateMultiple"],
            Action::Upsert => &["CreateMultiple", "UpdateMultiple"],
        };
        let named: Vec<String> = messages
            .iter()
            .map(|message| format!("sdkmessageid/name%20eq%20%27{message}%27"))
            .collect();
        let path = format!(
            "sdkmessagefilters?$select=sdkmessagefilterid&$filter=({})%20and%20\
             primaryobjecttypecode%20eq%20%27{name}%27",
            named.join("%20or%20")
        );
        let found = self
            .get(
                RequestClass::Metadata,
                operation,
                &path,
                &|found: Filters| Ok(found.value.len()),
            )
            .await;
        let offer = match found {
            Ok(count) if count >= messages.len() => Offer::Yes,
            Ok(_) => Offer::No,
            Err(error) => match error.kind() {
                ErrorKind::Forbidden
                | ErrorKind::NotFound
                | ErrorKind::BadRequest
                | ErrorKind::Protocol => Offer::Unknown,
                _ => return Err(error),
            },
        };
        self.core.offers.learn(name, action, offer);
        Ok(offer)
    }
}
