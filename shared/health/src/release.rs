//! Letting what a guard stopped happen in the next run.

use serde::Serialize;
use sync_store::{Guard, Guarded, Store};
use url::form_urlencoded;
use web::{Problem, ProblemKind};

/// Who releases says how much, if they were shown it: what has changed since is looked at once more.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Shown {
    vanishing: Option<u64>,
    expired: Option<u64>,
}

/// What was released.
#[derive(Debug, Serialize)]
pub(crate) struct Released {
    stream: String,
    guarded: Option<Numbers>,
    expiry_guarded: Option<Numbers>,
}

/// So many of so many.
#[derive(Debug, Serialize)]
struct Numbers {
    vanishing: u64,
    of: u64,
}

impl Shown {
    /// Out of the page's form; a program hands in nothing, and releases whatever is stopped.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Problem> {
        let mut shown = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            let member = match &*name {
                "vanishing" => &mut shown.vanishing,
                "expired" => &mut shown.expired,
                _ => {
                    let detail = "expected no body, or a form with `vanishing` or `expired`";
                    return Err(Problem::malformed(detail));
                }
            };
            let number = value.parse().map_err(|_| {
                Problem::malformed(
                    "expected in `vanishing` and `expired` the numbers that were shown",
                )
            })?;
            *member = Some(number);
        }
        Ok(shown)
    }

    /// Which guards are meant, with the number that was shown.
    fn meant(&self) -> Vec<(Guard, Option<u64>)> {
        match (self.vanishing, self.expired) {
            (None, None) => Guard::ALL.map(|guard| (guard, None)).into(),
            (vanishing, expired) => {
                let vanishing = vanishing.map(|number| (Guard::Vanishing, Some(number)));
                let expired = expired.map(|number| (Guard::Expiry, Some(number)));
                vanishing.into_iter().chain(expired).collect()
            }
        }
    }
}

/// Releases what is stopped of a stream.
pub(crate) async fn release(
    store: &Store,
    stream: &str,
    shown: &Shown,
) -> Result<Released, Problem> {
    let again = "look how it stands, and release again if need be";
    let of_store = |error: sync_store::Error| Problem::of_store(&error, again);
    let state = store.stream_state(stream).await.map_err(of_store)?;
    let stopped = |guard| {
        let state = state.as_ref()?;
        match guard {
            Guard::Vanishing => state.guarded.as_ref(),
            Guard::Expiry => state.expiry_guarded.as_ref(),
        }
    };
    let mut released = Released {
        stream: stream.to_owned(),
        guarded: None,
        expiry_guarded: None,
    };
    for (guard, shown) in shown.meant() {
        let Some(stopped) = stopped(guard) else {
            continue;
        };
        if shown.is_some_and(|shown| shown != stopped.vanishing) {
            let detail = "it is another number by now; look how it stands, and decide again";
            return Err(Problem::new(ProblemKind::NotPossible, detail));
        }
        let done = store.release_guard(stream, guard).await.map_err(of_store)?;
        let numbers = done.map(|Guarded { vanishing, of, .. }| Numbers { vanishing, of });
        match guard {
            Guard::Vanishing => released.guarded = numbers,
            Guard::Expiry => released.expiry_guarded = numbers,
        }
    }
    if released.guarded.is_none() && released.expiry_guarded.is_none() {
        let detail = "nothing of this stream is stopped, so there is nothing to release";
        return Err(Problem::new(ProblemKind::NotPossible, detail));
    }
    tracing::info!(stream, "a person has released what a guard stopped");
    Ok(released)
}
