//! The rows of one bulk write, and what came of each.
//!
//! Every row has one result in the end. Never in here: sending what is to be written.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::Action;
use super::offer::Offer;
use super::search::Piece;
use super::target::Target;
use crate::change::Change;
use crate::client::DynamicsClient;
use crate::error::{Error, Outcome};
use crate::size::Size;
use crate::table::Table;
use crate::written::Written;

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
    /// Which of these rows exist; `None` if that cannot be found out.
    pub(super) async fn existing(&self, piece: &Piece) -> Option<BTreeSet<Uuid>> {
        let ids: Option<Vec<Uuid>> = piece.rows.iter().map(|row| self.id(*row)).collect();
        self.client.existing(self.table, &ids?).await.ok()
    }

    /// Takes the rows that exist already out of a piece that is to create them, and ends them with the
    /// error.
    pub(super) fn end_existing(
        &mut self,
        piece: Piece,
        existing: &BTreeSet<Uuid>,
        error: &Error,
    ) -> Piece {
        let exists = |row: &usize| self.id(*row).is_some_and(|id| existing.contains(&id));
        let (end, rows) = piece.rows.into_iter().partition(exists);
        for row in end {
            self.fail(row, error);
        }
        Piece { rows, ..piece }
    }

    fn id(&self, row: usize) -> Option<Uuid> {
        self.target(row)?.id
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
