//! One contact that is written to a scripted server, and what that answers.

use dynamics_client::{Change, Error, Record, Written};
use uuid::Uuid;

use super::{Bench, Reply};

pub(crate) const ID: Uuid = Uuid::from_u128(7);
pub(crate) const ID_TEXT: &str = "00000000-0000-0000-0000-000000000007";

pub(crate) fn named() -> Record {
    Record::new().text("lastname", "Hansen")
}

pub(crate) fn with_id() -> Record {
    named().id(ID)
}

/// A write was done, and nothing is told of it.
pub(crate) fn done() -> Reply {
    Reply::json(204, "")
}

/// Writes against `replies`.
pub(crate) async fn write(
    replies: impl IntoIterator<Item = Reply>,
    change: &Change<'_>,
) -> (Result<Written, Error>, Bench) {
    let bench = Bench::new().await;
    bench.server.script(replies);
    (bench.client.write(change).await, bench)
}
