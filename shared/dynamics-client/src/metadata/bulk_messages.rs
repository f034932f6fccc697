//! Whether a table takes many new rows in one request.

use crate::bulk::{Action, Offer};
use crate::client::DynamicsClient;
use crate::error::Error;
use crate::table::Table;

impl DynamicsClient {
    /// Whether `table` has the message `CreateMultiple`, by which
    /// [`create_multiple`](Self::create_multiple) sends many rows in one request; without it they go in
    /// batches. `None` if the application user may not ask. At most one request a table.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn bulk_creates(&self, table: &Table) -> Result<Option<bool>, Error> {
        Ok(match self.offer(table, Action::Create).await? {
            Offer::Yes => Some(true),
            Offer::No => Some(false),
            Offer::Unknown => None,
        })
    }
}
