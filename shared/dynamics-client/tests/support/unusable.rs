//! What tests of unusable answers share.

use std::fmt::Debug;

use dynamics_client::{ColumnKind, Error, ErrorKind, Table};

use super::{Bench, Reply, contact_table_with};

/// A table with one column.
pub(crate) fn with(name: &str, kind: ColumnKind) -> Table {
    contact_table_with(&[(name, kind)])
}

/// A client of a server that answers with a list of `entries`.
pub(crate) async fn listing(entries: &str) -> Bench {
    let bench = Bench::new().await;
    bench
        .server
        .script([Reply::json(200, format!(r#"{{"value":[{entries}]}}"#))]);
    bench
}

/// Whether an error of the protocol says `why`.
pub(crate) fn says<T: Debug>(result: Result<T, Error>, why: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    assert!(
        error.to_string().contains(why),
        "{error} does not say {why}"
    );
}
