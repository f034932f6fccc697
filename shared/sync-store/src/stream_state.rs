//! What a person is shown about a stream: everything in its item at once.

use jiff::Timestamp;

use crate::error::Error;
use crate::guard::Guard;
use crate::item::parsed;
use crate::lease::stored_lease;
use crate::{Cursor, Guarded, Store};

/// A stream's cursor, lease and guard.
#[derive(Debug)]
pub struct StreamState {
    /// How far it has been read; `None`: never. A cursor that is damaged or of a newer release does not
    /// hide the rest.
    pub cursor: Result<Option<Cursor>, Error>,
    /// The fencing number of the last lease; 0 if there was none.
    pub fence: u64,
    /// The run that took the lease last and has not given it back, and when it ends: that may be over.
    pub lease: Option<(String, Timestamp)>,
    /// What the guard stopped.
    pub guarded: Option<Guarded>,
    /// Somebody has released that; the next run lets it happen.
    pub released: bool,
    /// What was too much to be written to Dynamics because it expired.
    pub expiry_guarded: Option<Guarded>,
    /// Somebody has released that; the next run writes it.
    pub expiry_released: bool,
}

impl Store {
    /// What is stored about a stream, for people to look at; `None` if nothing is.
    ///
    /// # Errors
    /// When DynamoDB fails, or what the guard stopped cannot be read.
    pub async fn stream_state(&self, stream: &str) -> Result<Option<StreamState>, Error> {
        let Some(item) = self.cursor_item(stream).await? else {
            return Ok(None);
        };
        Ok(Some(StreamState {
            cursor: self.read_cursor(stream, &item),
            fence: parsed(&item, "fence").unwrap_or(0),
            lease: stored_lease(&item),
            guarded: self.read_guarded(stream, Guard::Vanishing, &item)?,
            released: item.contains_key(Guard::Vanishing.attributes().released),
            expiry_guarded: self.read_guarded(stream, Guard::Expiry, &item)?,
            expiry_released: item.contains_key(Guard::Expiry.attributes().released),
        }))
    }
}
