//! What the budget stands at, for whoever watches over it.

use std::time::Duration;

use super::Remaining;
use crate::client::DynamicsClient;

/// What the request budget of a process stands at. What is "allowed" is this process's share of
/// Dataverse's service protection limits, not the limits themselves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BudgetState {
    /// Requests under way and those that ended within the last 300 seconds, those to Entra not
    /// included.
    pub requests: u32,
    /// How many there may be.
    pub requests_allowed: u32,
    /// The execution time of those requests: how long those that ended took as seen from here, which is
    /// never less than the server's own count, and how long those under way take so far or are expected
    /// to take, whichever is longer.
    pub execution_time: Duration,
    /// How much there may be.
    pub execution_time_allowed: Duration,
    /// Requests under way.
    pub under_way: u32,
    /// How many may be under way at present. It starts small, grows with success up to the share of 52
    /// or to what Dataverse recommends, and is halved when Dataverse throttles.
    pub under_way_allowed: u32,
    /// For how much longer nobody sends, because Dataverse asked for it; zero if it did not.
    pub paused_for: Duration,
    /// What the last answer that said so says remains of the limits. It is about one server and not
    /// about the share, and jumps as servers take turns.
    pub remaining: Remaining,
}

impl DynamicsClient {
    /// What the request budget of this client and all its clones stands at. Asks nobody and waits for
    /// nothing.
    pub fn budget(&self) -> BudgetState {
        self.core.budget.state()
    }
}
