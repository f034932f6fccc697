//! How fast an export is, against fetching the same pages and throwing them away; when its first byte
//! comes, against token, definition of the table and first page; and that its memory does not grow with
//! the table.

use std::sync::Arc;
use std::time::Instant;

use access::Access;
use anyhow::{Context, ensure};
use bytes::Bytes;
use clap::ValueEnum;
use clock::{Clock, SystemClock};
use dynamics_client::{PageRequest, Query};
use exports::Exports;
use futures::TryStreamExt;
use http::Request;
use http_body_util::BodyExt;
use streams::StreamFile;
use sync_store::ExportOutcome;
use web::{Caller, Scopes};

use crate::phases::{self, COLUMNS, Measured, STREAMS};
use crate::servers::Server;
use crate::{as_f64, child, say};

/// The smaller table and the larger one.
const ROWS: [u64; 2] = [100_000, 1_000_000];
/// How often the first byte is waited for: the least of them is what it takes.
const FIRST_BYTES: u32 = 5;
/// How often a whole export is measured, in turn with the fetch, since a machine is never idle.
const ROUNDS: u32 = 3;

const SLOWER_MAX: f64 = 1.5;
const GROWTH_MAX: f64 = 1.1;
const PEAK_MEGABYTES_MAX: u64 = 64;
/// What this program itself may add to the time until the first byte, in seconds.
const FIRST_BYTE_SLACK: f64 = 0.05;

/// What is measured.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Part {
    /// Fetches the pages and throws them away.
    Fetch,
    /// Token, definition of the table, first page.
    FirstPage,
    /// The export until its first byte.
    FirstByte,
    /// The whole export.
    Export,
    /// The same, packed.
    Packed,
}

impl Part {
    fn title(self) -> &'static str {
        match self {
            Self::Fetch => "the same pages, thrown away",
            Self::FirstPage => "token, definition, first page",
            Self::FirstByte => "the export's first byte",
            Self::Export => "the export",
            Self::Packed => "the export, packed",
        }
    }

    pub(crate) async fn measure(self, dynamics: &str, store: &str) -> anyhow::Result<Measured> {
        match self {
            Self::Fetch => fetch(dynamics).await,
            Self::FirstPage => first_page(dynamics).await,
            Self::FirstByte => export(dynamics, store, "", true).await,
            Self::Export => export(dynamics, store, "", false).await,
            Self::Packed => export(dynamics, store, "gzip", false).await,
        }
    }
}

pub(crate) fn compare() -> anyhow::Result<()> {
    let mut peaks = Vec::new();
    for rows in ROWS {
        say(&format!("An export of {rows} rows, in pages of 5,000:"));
        let dynamics = Server::start("simulator", rows)?;
        let store = Server::start("store", rows)?;
        let run = |part| run(part, rows, &dynamics.address, &store.address);
        let least = |part| -> anyhow::Result<f64> {
            let mut least = f64::INFINITY;
            for _ in 0..FIRST_BYTES {
                least = least.min(measured(part, rows, &dynamics.address, &store.address)?.seconds);
            }
            Ok(least)
        };
        let (mut fetch, mut export, mut taken) = (f64::INFINITY, f64::INFINITY, Vec::new());
        for _ in 0..ROUNDS {
            let fetched = run(Part::Fetch)?;
            let exported = run(Part::Export)?;
            for whole in [&fetched, &exported] {
                ensure!(whole.rows == rows, "not every row: {whole:?}");
            }
            fetch = fetch.min(fetched.seconds);
            export = export.min(exported.seconds);
            taken.push(exported.peak_kilobytes);
        }
        let packed = run(Part::Packed)?;
        ensure!(packed.rows == rows, "not every row: {packed:?}");
        let (first_page, first_byte) = (least(Part::FirstPage)?, least(Part::FirstByte)?);
        let slower = export / fetch;
        say(&format!(
            "  the export takes {slower:.2} times the fetch (at most {SLOWER_MAX});\n  \
             the first byte comes after {:.0} ms, the first page alone after {:.0} ms",
            first_byte * 1000.0,
            first_page * 1000.0
        ));
        ensure!(slower <= SLOWER_MAX, "the export is too slow: {slower:.2}");
        ensure!(
            first_byte <= first_page + FIRST_BYTE_SLACK,
            "the first byte comes too late"
        );
        let most = taken.iter().chain([&packed.peak_kilobytes]).max();
        let most = most.copied().unwrap_or_default() / 1024;
        ensure!(most < PEAK_MEGABYTES_MAX, "too much memory: {most} MB");
        // How fetching and writing overlap differs from one time to the next, and with it a tenth of the peak.
        taken.sort_unstable();
        peaks.push(taken.get(taken.len() / 2).copied().unwrap_or_default());
    }
    if let [small, large] = peaks.as_slice() {
        let growth = as_f64(*large) / as_f64(*small);
        say(&format!(
            "  ten times the rows take {growth:.2} times the memory (at most {GROWTH_MAX})"
        ));
        ensure!(growth <= GROWTH_MAX, "memory grows with the table");
    }
    Ok(())
}

fn run(part: Part, rows: u64, dynamics: &str, store: &str) -> anyhow::Result<Measured> {
    let measured = measured(part, rows, dynamics, store)?;
    say(&format!(
        "  {:<32} {:>7.1} s {:>8.0} rows/s {:>4} requests {:>4} MB at most",
        part.title(),
        measured.seconds,
        as_f64(measured.rows) / measured.seconds,
        measured.requests,
        measured.peak_kilobytes / 1024
    ));
    Ok(measured)
}

/// In a process of its own.
fn measured(part: Part, rows: u64, dynamics: &str, store: &str) -> anyhow::Result<Measured> {
    let (rows, part) = (
        rows.to_string(),
        part.to_possible_value().context("no name")?,
    );
    let servers = ["--dynamics", dynamics, "--store", store];
    let part = ["--rows", &rows, "export-one", part.get_name()];
    child(&[&part[..], &servers].concat())
}

async fn fetch(dynamics: &str) -> anyhow::Result<Measured> {
    let client = phases::client(dynamics)?;
    let began = Instant::now();
    let pages = client.pages(query());
    let count = async |(rows, pages), page: dynamics_client::Page| {
        Ok((rows + page.entries.len() as u64, pages + 1))
    };
    let (rows, requests) = pages.try_fold((0, 0), count).await?;
    finished(began, rows, requests)
}

async fn first_page(dynamics: &str) -> anyhow::Result<Measured> {
    let client = phases::client(dynamics)?;
    let began = Instant::now();
    client.table("contacts", &COLUMNS).await?;
    let page = client.page(&query()).await?;
    finished(began, page.entries.len() as u64, 1)
}

/// The page requests that the export makes.
fn query() -> PageRequest {
    let query = Query::new("contacts").select(COLUMNS);
    query.order_by(["contactid"]).max_page_size(5_000).into()
}

async fn export(
    dynamics: &str,
    store: &str,
    accepts: &str,
    first_only: bool,
) -> anyhow::Result<Measured> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = phases::store(store);
    store.create_tables().await?;
    let access = Access::known(phases::config(dynamics)?, Arc::clone(&clock));
    let streams = StreamFile::parse(STREAMS, "bench")?;
    let exports = Exports::new(store.clone(), streams, Arc::new(access), clock);
    let caller = Caller {
        key: "bench".to_owned(),
        scopes: Scopes::parse("export"),
    };
    let request = Request::get("/export/members.csv").header("accept-encoding", accepts);
    let began = Instant::now();
    let response = exports.handle(&caller, request.body(Bytes::new())?).await;
    let source = response.headers().get("x-sync-source");
    ensure!(
        source.is_some_and(|source| source == "dynamics"),
        "not from Dynamics"
    );
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        frame.map_err(|error| anyhow::anyhow!("{error}"))?;
        if first_only {
            return finished(began, 0, 1);
        }
    }
    let measured = finished(began, 0, 0)?;
    let record = store
        .latest_exports(1)
        .await?
        .pop()
        .context("not recorded")?;
    ensure!(record.outcome == ExportOutcome::Complete, "{record:?}");
    Ok(Measured {
        rows: record.rows,
        ..measured
    })
}

fn finished(began: Instant, rows: u64, requests: u64) -> anyhow::Result<Measured> {
    Ok(Measured {
        seconds: began.elapsed().as_secs_f64(),
        rows,
        requests,
        peak_kilobytes: phases::peak_kilobytes()?,
        ..Measured::default()
    })
}
