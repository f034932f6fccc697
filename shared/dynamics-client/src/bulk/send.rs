//! Sending bulk actions, and taking apart what is refused.

use std::collections::VecDeque;

use bytes::Bytes;
use http::{HeaderValue, Method};

use super::Action;
use super::offer::Offer;
use super::rows::Bulk;
use super::search::{Piece, Search};
use super::target::{self, Target, is_of_a_row};
use crate::call::{Aim, Call, Repeat, Target as CallTarget};
use crate::change::{Change, tell_all};
use crate::client::{DynamicsClient, address};
use crate::counters::RequestClass;
use crate::error::{Error, ErrorKind, Outcome, Problem};
use crate::size::Size;
use crate::table::{Table, TableKind};
use crate::written::Written;

/// The most rows of one action, with which it starts as well.
const MOST_ROWS: usize = 1_000;

impl DynamicsClient {
    pub(super) async fn bulk(
        &self,
        table: &Table,
        action: Action,
        changes: &[Change<'_>],
    ) -> Vec<Result<Written, Error>> {
        if changes.is_empty() {
            return Vec::new();
        }
        let all = |error: &Error| {
            let fail = |change: &Change<'_>| Err(error.clone().of(&change.operation()));
            tell_all(changes, changes.iter().map(fail).collect())
        };
        if table.kind == TableKind::Elastic {
            let problem = Problem::new(ErrorKind::BadRequest, "the request was not sent")
                .because(format!(
                    "the table {} is elastic: a bulk action there may write some rows and not others",
                    table.entity_set
                ))
                .advise("Write its rows one by one or as a batch.");
            return all(&Error::new("write rows", problem));
        }
        let offer = match self.offer(table, action).await {
            Ok(offer) => offer,
            Err(error) => return all(&error.with_outcome(Outcome::NotApplied)),
        };
        let mut bulk = Bulk {
            client: self,
            table,
            action,
            changes,
            targets: Vec::with_capacity(changes.len()),
            results: Vec::with_capacity(changes.len()),
            size: Size::new(MOST_ROWS, MOST_ROWS),
            offer,
        };
        for change in changes {
            let target = Target::new(change);
            let error = |problem| Err(Error::new(change.operation(), problem));
            bulk.results.push(target.as_ref().err().cloned().map(error));
            bulk.targets.push(target.unwrap_or_default());
        }
        bulk.write_all().await;
        let nothing = |change: &Change<'_>| {
            let problem = Problem::new(ErrorKind::Protocol, "it has no result")
                .advise("This is a fault of this client; report it.");
            Err(Error::new(change.operation(), problem).with_outcome(Outcome::Unknown))
        };
        let results = bulk
            .results
            .into_iter()
            .zip(changes)
            .map(|(result, change)| result.unwrap_or_else(|| nothing(change)))
            .collect();
        tell_all(changes, results)
    }
}

impl Bulk<'_> {
    async fn write_all(&mut self) {
        let (waiting, alone): (Vec<usize>, Vec<usize>) = (0..self.changes.len())
            .filter(|row| self.result(*row).is_none())
            .partition(|row| self.target(*row).is_some());
        let mut waiting = VecDeque::from(waiting);
        while self.offer != Offer::No && !waiting.is_empty() {
            let rows = self.take(&mut waiting);
            if let Err(error) = self.write(rows).await {
                let error = error.with_outcome(Outcome::NotApplied);
                for row in waiting.into_iter().chain(alone) {
                    self.fail(row, &error);
                }
                return;
            }
        }
        let left: Vec<usize> = (0..self.changes.len())
            .filter(|row| self.result(*row).is_none())
            .collect();
        self.write_apart(&left, false).await;
    }

    /// As many rows as one request takes.
    fn take(&self, waiting: &mut VecDeque<usize>) -> Vec<usize> {
        let (mut rows, mut bytes) = (Vec::new(), 0);
        while let Some(row) = waiting.front() {
            bytes += self.target(*row).map_or(0, |target| target.json.len() + 1);
            if !self.size.has_room(rows.len(), bytes) {
                break;
            }
            rows.extend(waiting.pop_front());
        }
        rows
    }

    /// Writes `rows`, and takes them apart if they are refused.
    ///
    /// # Errors
    /// What stands against all rows that are left, not against these. They have their result.
    async fn write(&mut self, rows: Vec<usize>) -> Result<(), Error> {
        let mut search = Search::new(rows);
        let mut ends = None;
        while let Some(mut piece) = search.next() {
            if let Some(error) = &ends {
                self.fail_all(piece, error);
                continue;
            }
            let started = self.client.core.clock.now();
            let error = match self.send(&piece).await {
                Ok(written) => {
                    let core = &self.client.core;
                    self.size.took(clock::elapsed(started, core.clock.now()));
                    self.learn(Offer::Yes);
                    for (row, written) in piece.rows.into_iter().zip(written) {
                        self.set(row, Ok(written));
                    }
                    continue;
                }
                Err(error) => error,
            };
            if self.offer == Offer::Unknown && is_missing(&error) {
                self.learn(Offer::No);
                return Ok(());
            }
            let too_much = matches!(error.kind(), ErrorKind::TooSlow | ErrorKind::TooLarge);
            if too_much {
                self.size.shrink();
            }
            if error.outcome() == Outcome::Unknown {
                piece.doubted = true;
                piece = self.end_blind(piece, &error);
            }
            if error.kind() == ErrorKind::DuplicateKey
                && (piece.doubted || self.may_exist(&piece))
                && let Some(existing) = self.existing(&piece).await
            {
                piece.looked_for = true;
                if piece.doubted && existing.len() == piece.rows.len() {
                    self.end_as_written(piece);
                    continue;
                }
                // An action is applied as a whole: none of them is from an earlier try.
                piece.doubted = false;
                if self.action == Action::Create && !existing.is_empty() {
                    let error = error.with_outcome(Outcome::Refused);
                    piece = self.end_existing(piece, &existing, &error);
                    search.again(piece);
                    continue;
                }
            }
            let several = piece.rows.len() > 1;
            if too_much && several {
                search.halve(piece);
            } else if is_of_a_row(error.kind()) && several {
                search.refused(piece);
            } else {
                if !too_much && !is_of_a_row(error.kind()) {
                    ends = Some(error.clone().with_outcome(Outcome::NotApplied));
                }
                self.fail_all(piece, &error);
            }
        }
        if let Some(error) = ends {
            for piece in search.rest() {
                self.fail_all(piece, &error);
            }
            return Err(error);
        }
        let (doubted, certain): (Vec<_>, Vec<_>) = search.rest().partition(|piece| piece.doubted);
        for (pieces, doubted) in [(doubted, true), (certain, false)] {
            let rows: Vec<usize> = pieces.into_iter().flat_map(|piece| piece.rows).collect();
            self.write_apart(&rows, doubted).await;
        }
        Ok(())
    }

    async fn send(&self, piece: &Piece) -> Result<Vec<Written>, Error> {
        let targets: Vec<&Target> = piece
            .rows
            .iter()
            .filter_map(|row| self.target(*row))
            .collect();
        let (operation, aim) = match targets.as_slice() {
            [only] => (only.operation.clone(), only.aim),
            several => {
                let (verb, set) = (self.action.verb(), &self.table.entity_set);
                (format!("{verb} {} rows of {set}", several.len()), Aim::Many)
            }
        };
        let path = format!(
            "{}/Microsoft.Dynamics.CRM.{}",
            self.table.entity_set,
            self.action.name()
        );
        let core = &self.client.core;
        let url = address(&core.config.instance.api(), &path)
            .map_err(|problem| Error::new(&operation, problem))?;
        let blind = |target: &&Target| target.repeat == Repeat::OnlyIfNotApplied;
        let call = Call {
            class: RequestClass::Write,
            operation,
            repeat: if targets.iter().any(blind) {
                Repeat::OnlyIfNotApplied
            } else {
                Repeat::Always
            },
            target: CallTarget::Write {
                method: Method::POST,
                url,
                headers: self.client.scope.writing.headers(),
                content_type: HeaderValue::from_static("application/json; charset=utf-8"),
                body: Bytes::from(target::body(&targets)),
                aim,
            },
        };
        let read = |answer: &_| target::read(call.asked(), answer, self.action, &targets);
        core.carry_out(&self.client.scope, &call, &read).await
    }

    /// Writes `rows` each for itself.
    async fn write_apart(&mut self, rows: &[usize], doubted: bool) {
        let changes: Vec<Change<'_>> = rows
            .iter()
            .filter_map(|row| self.changes.get(*row))
            .copied()
            .collect();
        let results = self.client.batch(&changes).await;
        for (row, result) in rows.iter().zip(results) {
            let result = match result {
                Err(error) if doubted && error.kind() == ErrorKind::DuplicateKey => {
                    let piece = Piece {
                        rows: vec![*row],
                        doubted,
                        looked_for: false,
                    };
                    match self.existing(&piece).await {
                        Some(existing) if existing.is_empty() => Err(error),
                        Some(_) => Ok(self.as_written(*row)),
                        None => Err(error.with_outcome(Outcome::Unknown)),
                    }
                }
                result => result,
            };
            self.set(*row, result);
        }
    }

    /// Ends the rows that must not be sent again after `error`, and hands back the others.
    fn end_blind(&mut self, piece: Piece, error: &Error) -> Piece {
        let (keep, end) = piece.rows.into_iter().partition(|row| {
            self.target(*row)
                .is_some_and(|target| target.repeat == Repeat::Always)
        });
        for row in end {
            self.fail(row, error);
        }
        Piece {
            rows: keep,
            ..piece
        }
    }

    /// Whether rows of a piece that was refused for a key that is in use may be there: those of many creates
    /// whose answer an earlier process did not live to see.
    fn may_exist(&self, piece: &Piece) -> bool {
        self.action == Action::Create && !piece.looked_for && piece.rows.len() > 1
    }
}

/// Whether it is the answer of a table that has no such action.
fn is_missing(error: &Error) -> bool {
    let status = error.status().map(|status| status.as_u16());
    error.kind() == ErrorKind::NotFound && error.code().is_none_or(|code| !code.is_of_a_row())
        || matches!(status, Some(405 | 501))
}
