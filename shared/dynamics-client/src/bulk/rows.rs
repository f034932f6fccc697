//! The rows of one bulk write, and what came of each.
//!
//! Every row has one result in the end. Never in here: sending what is to be written.

use uuid::Uuid;

use super::Action;
use super::offer::Offer;
use super::search::Piece;
use super::target::Target;
use crate::change::Change;
use crate::client::DynamicsClient;
use crate::error::{Error, Outcome};
use crate::filter::Filter;
use crate::page::PageRequest;
use crate::query::Query;
use crate::size::Size;
use crate::table::Table;
use crate::written::Written;

/// Rows that are looked for in one request.
const LOOK_FOR: usize = 50;

/// The rows of one call, and what came of them.
pub(super) struct Bulk<'a> {
    pub(super) client: &'a DynamicsClient,
    pub(super) table: &'a Table,
    pub(super) action: Action,
    pub(super) changes: &'a [Change<'a>],
    /// `None` for a row that no action can carry.
    pub(super) targets: Vec<Option<Target>>,
    pub(super) results: Vec<Option<Result<Written, Error>>>,
    pub(super) size: Size,
    pub(super) offer: Offer,
}

impl Bulk<'_> {
    /// Whether all of these rows exist. An action is applied as a whole: if one is missing, none of them
    /// is from an earlier try. `None` if that cannot be found out.
    pub(super) async fn all_exist(&self, piece: &Piece) -> Option<bool> {
        let ids: Option<Vec<Uuid>> = piece
            .rows
            .iter()
            .map(|row| self.target(*row).and_then(|target| target.id))
            .collect();
        for some in ids?.chunks(LOOK_FOR) {
            let by_id = |id: &Uuid| Filter::eq_guid(&self.table.primary_id, *id);
            let Some(filter) = some.iter().map(by_id).reduce(Filter::or) else {
                continue;
            };
            let query = Query::new(&self.table.entity_set)
                .select([&self.table.primary_id])
                .filter(filter);
            let page = self.client.page(&PageRequest::from(query)).await;
            if page.ok()?.entries.len() != some.len() {
                return Some(false);
            }
        }
        Some(true)
    }

    pub(super) fn end_as_written(&mut self, piece: Piece) {
        for row in piece.rows {
            let written = self.as_written(row);
            self.set(row, Ok(written));
        }
    }

    pub(super) fn as_written(&self, row: usize) -> Written {
        Written {
            id: self.target(row).and_then(|target| target.id),
            created: (self.action == Action::Create).then_some(true),
            ..Written::default()
        }
    }

    pub(super) fn learn(&mut self, offer: Offer) {
        if self.offer == Offer::Unknown {
            self.offer = offer;
            let name = &self.table.logical_name;
            self.client.core.offers.learn(name, self.action, offer);
        }
    }

    pub(super) fn target(&self, row: usize) -> Option<&Target> {
        self.targets.get(row)?.as_ref()
    }

    pub(super) fn result(&self, row: usize) -> Option<&Result<Written, Error>> {
        self.results.get(row)?.as_ref()
    }

    pub(super) fn set(&mut self, row: usize, result: Result<Written, Error>) {
        if let Some(slot) = self.results.get_mut(row) {
            *slot = Some(result);
        }
    }

    pub(super) fn fail(&mut self, row: usize, error: &Error) {
        if let Some(change) = self.changes.get(row) {
            self.set(row, Err(error.clone().of(&change.operation())));
        }
    }

    pub(super) fn fail_all(&mut self, piece: Piece, error: &Error) {
        let outcome = if piece.doubted {
            Outcome::Unknown
        } else {
            error.outcome()
        };
        let error = error.clone().with_outcome(outcome);
        for row in piece.rows {
            self.fail(row, &error);
        }
    }
}
