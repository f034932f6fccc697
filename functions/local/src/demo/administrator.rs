//! The demo's last chapter: what an administrator asks for, by the same calls that API Gateway takes.

use anyhow::{Context, ensure};
use axum::body::to_bytes;
use bytes::Bytes;
use clock::{Clock, SystemClock};
use http::{Method, Request, StatusCode};
use serde_json::Value;
use web::{Caller, Scope};

use super::stage::Stage;
use super::{say, tell};
use crate::host::Host;

/// More than the demo's largest file.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Fields without line breaks, so that each row is a line.
const FILE: &str = "/export/members.csv?fields=first_name,phone,postcode";
/// So many lines of the file are shown.
const SHOWN: usize = 3;
/// The time that the scheduled check gets in AWS.
const CHECK: std::time::Duration = std::time::Duration::from_secs(30);

/// Exports the members, and asks how the sync stands.
pub(super) async fn looks(stage: &Stage) -> anyhow::Result<()> {
    let host = stage.host();
    say(
        "6. An administrator downloads the members, live from Dynamics (`GET /export/members.csv?fields=…`):",
    );
    let (status, file) = asked(&host, FILE).await?;
    ensure!(status == StatusCode::OK, "the export was answered {status}");
    let file = String::from_utf8(file.into()).context("the export is not UTF-8")?;
    let mut lines = file.trim_start_matches('\u{feff}').split("\r\n");
    for line in lines.by_ref().take(SHOWN) {
        anstream::println!(" {line}");
    }
    // What follows the last line end is empty.
    let rows = SHOWN - 1 + lines.count() - 1;
    let members = stage.count("members").await?;
    ensure!(
        rows == members,
        "the export has {rows} rows, the copy {members}"
    );
    tell(&format!("{rows} rows."));

    let checked = host.check(clock::after(SystemClock.now(), CHECK)).await;
    ensure!(checked, "the check came to nothing");
    let (status, health) = asked(&host, "/health").await?;
    let health: Value = serde_json::from_slice(&health)?;
    let refused = health
        .pointer("/checks/streams:refused/1/observedValue")
        .and_then(Value::as_u64);
    ensure!(
        status == StatusCode::OK && health.get("status") == Some(&"warn".into()),
        "the health check was answered {status}: {health}"
    );
    ensure!(
        refused == Some(1),
        "the refused change is not told: {health}"
    );
    tell(
        "How it stands (`GET /health`): it works, and one thing waits for a person (\"warn\"): the change that was refused.",
    );
    Ok(())
}

async fn asked(host: &Host, path: &str) -> anyhow::Result<(StatusCode, Bytes)> {
    let caller = Caller {
        key: "demo".to_owned(),
        scopes: Scope::ALL.into_iter().collect(),
    };
    let request = Request::builder()
        .method(Method::GET)
        .uri(path)
        .body(Bytes::new())?;
    let response = host.handled(&caller, request).await;
    let status = response.status();
    let body = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await?;
    Ok((status, body))
}
