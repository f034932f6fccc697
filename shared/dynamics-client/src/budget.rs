//! The request budget: what all tasks of this process together may send to Dataverse.
//!
//! Dataverse allows a user 6,000 requests and 1,200 seconds of execution time in any 300 seconds and 52
//! requests at the same time, per web server, and answers 429 with a wait that grows if the client keeps
//! pushing. This client therefore never takes more than its share of any of them, whichever servers its
//! requests go to, and heeds what Dataverse asks for.
//!
//! This is the handle that all tasks share; what may be sent is decided by the [`Ledger`], which is told
//! the time. Never in here: sleeping, deadlines.
//!
//! Source: "Service protection API limits", Dataverse developer documentation.

mod ledger;
mod remaining;
mod state;
mod window;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clock::Clock;
use tokio::sync::Notify;

use self::ledger::{Ledger, Ticket};
use crate::config::BudgetShare;

pub(crate) use self::ledger::Hold;
pub use self::remaining::Remaining;
pub use self::state::BudgetState;

/// The shared budget. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Budget(Arc<Shared>);

struct Shared {
    ledger: Mutex<Ledger>,
    changed: Notify,
    clock: Arc<dyn Clock>,
}

/// The right to send one request. Dropping it gives the place among those under way back; a request that
/// has not ended by then was broken off, and may still cost the server its time.
pub(crate) struct Permit {
    budget: Budget,
    ticket: Ticket,
}

impl Budget {
    pub(crate) fn new(share: BudgetShare, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Shared {
            ledger: Mutex::new(Ledger::new(share)),
            changed: Notify::new(),
            clock,
        }))
    }

    /// Takes the right to send one request now, or says what to wait for.
    pub(crate) fn enter(&self) -> Result<Permit, Hold> {
        let mut ledger = self.lock();
        // Within the lock, here and below, so that no two tasks tell the ledger their times in the
        // wrong order.
        let ticket = ledger.enter(self.0.clock.now())?;
        Ok(Permit {
            budget: self.clone(),
            ticket,
        })
    }

    /// Completes when there may be more room than at the call of this function, other than by the time
    /// that passes.
    pub(crate) fn changed(&self) -> impl Future<Output = ()> + '_ {
        self.0.changed.notified()
    }

    /// An answer came: `hint` is its `x-ms-dop-hint`.
    pub(crate) fn hinted(&self, hint: u32) {
        self.lock().hinted(hint);
    }

    /// A 429 came: fewer may be under way. To be called before [`Self::pause`].
    pub(crate) fn throttled(&self) {
        let mut ledger = self.lock();
        ledger.throttled(self.0.clock.now());
    }

    /// Dataverse asks for a wait: nobody sends until it is over.
    pub(crate) fn pause(&self, length: Duration) {
        let mut ledger = self.lock();
        ledger.pause(self.0.clock.now(), length);
    }

    pub(crate) fn state(&self) -> BudgetState {
        let mut ledger = self.lock();
        ledger.state(self.0.clock.now())
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// The request ended; until when it took the server's time is known. Its place is kept, so that
    /// whoever was told something can let everybody heed it first.
    pub(crate) fn ended(&self) {
        let mut ledger = self.budget.lock();
        ledger.ended(self.ticket, self.budget.0.clock.now());
        drop(ledger);
        self.budget.0.changed.notify_waiters();
    }

    /// No byte of the request reached Dataverse, so it counts towards nothing.
    pub(crate) fn not_sent(&self) {
        self.budget.lock().not_sent(self.ticket);
        self.budget.0.changed.notify_waiters();
    }

    /// The request, which has ended, succeeded.
    pub(crate) fn succeeded(&self) {
        self.budget.lock().succeeded(self.ticket);
        self.budget.0.changed.notify_waiters();
    }

    /// The answer says what remains of the limits.
    pub(crate) fn told(&self, remaining: Remaining) {
        self.budget.lock().told(self.ticket, remaining);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut ledger = self.budget.lock();
        ledger.leave(self.ticket, self.budget.0.clock.now());
        drop(ledger);
        self.budget.0.changed.notify_waiters();
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Permit").field(&self.ticket).finish()
    }
}
