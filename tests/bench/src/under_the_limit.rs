//! Many single writes under the simulator's enforced limits: that they take as long as the budget allows,
//! and no longer.
//!
//! In virtual time: what is measured is how the client paces itself, not how fast this machine is.

use std::time::Instant;

use anyhow::{anyhow, ensure};
use dynamics_simulator::Limits;

use crate::pace::{Case, Pace};
use crate::say;

const WRITES: u32 = 20_000;
/// A write takes the server so long if the requests are what there are too many of, ...
const QUICK_MS: u64 = 100;
/// ... and if their execution time is.
const SLOW_MS: u64 = 2_000;

/// What the writes may take longer than the budget allows, as a ratio.
const RATIO_MAX: f64 = 1.1;

pub(crate) fn compare() -> anyhow::Result<()> {
    say(&format!(
        "{WRITES} single writes under the enforced limits, in virtual time:"
    ));
    let documented = |request_ms| Limits {
        request_ms,
        ..Limits::documented()
    };
    measure("all requests", 1_000, documented(QUICK_MS))?;
    measure("half of the requests", 500, documented(QUICK_MS))?;
    measure("all execution time", 1_000, documented(SLOW_MS))?;
    measure("half of the execution time", 500, documented(SLOW_MS))?;
    let three = Limits {
        servers: 3,
        ..documented(QUICK_MS)
    };
    measure("all requests, three servers", 1_000, three)?;
    let fewer = Limits {
        requests: 5_000,
        ..documented(QUICK_MS)
    };
    measure("fewer requests than documented", 1_000, fewer)
}

fn measure(title: &str, share: u32, limits: Limits) -> anyhow::Result<()> {
    let began = Instant::now();
    let case = Case {
        share,
        limits,
        writes: WRITES,
    };
    let pace = case.measure().map_err(|error| anyhow!(error))?;
    let ratio = pace.took.as_secs_f64() / case.allowed().as_secs_f64();
    let report = &pace.report;
    say(&format!(
        "  {title:<32} {:>7.0} s, {ratio:.3} times what is allowed; {:>3} answered 429; busiest window \
         {:>4} requests, {:>4} s ({:.1} s here)",
        pace.took.as_secs_f64(),
        pace.counts.throttled,
        report.busiest_window,
        report.busiest_window_ms / 1_000,
        began.elapsed().as_secs_f64(),
    ));
    judge(share, ratio, &pace)
}

fn judge(share: u32, ratio: f64, pace: &Pace) -> anyhow::Result<()> {
    ensure!(ratio <= RATIO_MAX, "too slow: {ratio:.3}");
    ensure!(
        pace.counts.throttled * 100 < pace.counts.writes,
        "a hundredth or more was answered 429: {pace:?}"
    );
    ensure!(
        pace.despite == 0 && pace.report.despite_retry_after == 0,
        "sent although told to wait: {pace:?}"
    );
    let of = |whole: u64| whole * u64::from(share) / 1_000;
    let report = &pace.report;
    ensure!(
        report.busiest_window <= of(6_000)
            && report.busiest_window_ms <= of(1_200_000)
            && u64::from(report.most_at_once) <= of(52),
        "a window held more than the share: {pace:?}"
    );
    Ok(())
}
