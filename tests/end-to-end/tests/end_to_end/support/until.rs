//! Waiting for what another process does, by looking at what can be seen of it.

use std::time::Duration;

/// Longer than anything takes on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Looks until it is so.
///
/// # Panics
/// If it never is; `what` says what was waited for.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let look = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    let seen = tokio::time::timeout(PATIENCE, look).await;
    assert!(seen.is_ok(), "{what}: that never came");
}
