//! Where log lines go, and which are written at all.
//!
//! What this workspace writes carries ids and counts, never values. What its dependencies write below
//! a warning may quote requests and answers, so it is dropped here and cannot be switched on.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Filter, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

/// The crates whose lines are known to hold no values.
const OWN: [&str; 24] = [
    "access",
    "alerts",
    "authorizer",
    "changes",
    "clock",
    "csv_export",
    "discover",
    "doctor",
    "dynamics_client",
    "dynamics_simulator",
    "dynamics_sync",
    "export",
    "exports",
    "gateway",
    "health",
    "keys",
    "local_store",
    "settings",
    "situation",
    "streams",
    "sync",
    "sync_engine",
    "sync_store",
    "web",
];

/// Which lines are written: our own from `own` up, everybody else's from a warning up.
pub fn filter(own: LevelFilter) -> impl Filter<Registry> {
    let others = LevelFilter::WARN.min(own);
    filter_fn(move |line| {
        // The whole name of the crate: `sync` must not open `sync_wrapper`.
        let krate = line.target().split("::").next().unwrap_or_default();
        // The one span that is around everything of an invocation, with the request's id.
        if line.is_span() && krate == "lambda_runtime" {
            return *line.level() <= own;
        }
        let level = match krate {
            // The embedded engine warns of every write whose condition is not met; that is an answer,
            // no fault.
            "dynoxide" => LevelFilter::OFF,
            krate if OWN.contains(&krate) => own,
            _ => others,
        };
        *line.level() <= level
    })
    .with_max_level_hint(own.max(LevelFilter::WARN))
}

/// For functions: one JSON object a line on standard output, where Lambda collects it. `spans` says what a
/// line belongs to, from the outside in: the invocation with its `requestId`, the run, the stream.
pub fn to_json() {
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(true)
        .with_filter(filter(LevelFilter::INFO));
    tracing_subscriber::registry().with(lines).init();
}

/// For a terminal: our own lines from `own` up, as text on standard error.
pub fn to_terminal(own: LevelFilter) {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .with_filter(filter(own));
    tracing_subscriber::registry().with(lines).init();
}
