//! `dynamics-sync doctor`: whether everything is as a sync needs it.

use std::time::Duration;

use anstyle::Style;
use clock::{Clock, SystemClock};
use comfy_table::{ColumnConstraint, Width};
use doctor::{Access, Aws, Check, Finding, Outcome as Found, Patient, Report, examine};
use dynamics_client::ClientConfig;
use serde_json::json;
use settings::{AuthorizerSettings, CredentialExpiry, Problems, process_environment};

use crate::Outcome;
use crate::arguments::{Common, Doctor as Options};
use crate::connections;
use crate::progress::Line;
use crate::{paint, width, words};

/// Nobody waits longer for an environment that is down.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) async fn run(common: &Common, options: &Options) -> anyhow::Result<Outcome> {
    let streams = connections::stream_file(common);
    let config = connections::dynamics_config().await;
    let patient = Patient {
        access: match config {
            Ok(config) => Ok(access(config)?),
            Err(error) => Err(error.to_string()),
        },
        streams: streams.as_ref().map_err(|error| format!("{error:#}")),
        forbidden: &options.forbidden,
        aws: if common.aws { Some(aws().await) } else { None },
    };
    let line = Line::of("checked:", common.telling());
    let tell = |check: &Check| line.tell(check.check);
    let report = examine(&patient, &SystemClock, &tell).await;
    drop(line);
    if common.json {
        let verdict = match report.verdict() {
            Found::Fail => "fail",
            Found::Warn => "warn",
            _ => "ok",
        };
        let told = json!({"verdict": verdict, "checks": report.checks});
        anstream::println!("{}", serde_json::to_string_pretty(&told)?);
    } else {
        print(&report);
    }
    outcome(&report)
}

fn access(config: ClientConfig) -> anyhow::Result<Access> {
    let until = clock::after(SystemClock.now(), PATIENCE);
    Ok(Access {
        instance: config.instance.clone(),
        tenant: config.tenant.clone(),
        credential: CredentialExpiry::of(&config.credential),
        client: connections::client(config)?.until(until),
    })
}

/// The deployment that the settings name, or what is wrong with them.
async fn aws() -> Result<Aws, String> {
    let mut problems = Problems::default();
    let tables = settings::table_names(&process_environment, &mut problems);
    let topics = settings::alert_settings(&process_environment, &mut problems);
    let tables = problems
        .into_result(tables)
        .map_err(|error| error.to_string())?;
    let keys = process_environment("SYNC_KEYS_SECRET_ID");
    let keys_secret = match keys.filter(|id| !id.trim().is_empty()) {
        Some(_) => {
            let read = AuthorizerSettings::from_env(&process_environment);
            Some(read.map_err(|error| error.to_string())?.keys_secret_id)
        }
        None => None,
    };
    let config = aws::config().await;
    Ok(Aws {
        dynamodb: aws_sdk_dynamodb::Client::new(&config),
        tables,
        sns: aws_sdk_sns::Client::new(&config),
        topics,
        secrets: settings::secrets_client(&config),
        keys_secret,
    })
}

fn outcome(report: &Report) -> anyhow::Result<Outcome> {
    match report.verdict() {
        Found::Fail => {
            let failed = words::count(number(report, Found::Fail), "check");
            anyhow::bail!("{failed} failed")
        }
        Found::Warn => Ok(Outcome::Incomplete),
        _ => Ok(Outcome::Good),
    }
}

fn print(report: &Report) {
    let mut table = width::fitting();
    for check in &report.checks {
        table.add_row([word(check.outcome).to_owned(), name(check), text(check)]);
    }
    width::keep_whole(&mut table, 0);
    if let Some(column) = table.column_mut(1) {
        column.set_constraint(ColumnConstraint::UpperBoundary(Width::Percentage(30)));
    }
    for line in table.lines() {
        anstream::println!("{}", painted(&width::broken(line.trim_end())));
    }
    let skipped = report.checks.iter();
    let skipped = skipped.filter(|check| matches!(check.outcome, Found::Skipped(_)));
    let told = format!(
        "{} fine, {} with warnings, {} failed, {} left out.",
        words::count(number(report, Found::Ok), "check"),
        number(report, Found::Warn),
        number(report, Found::Fail),
        skipped.count()
    );
    width::print_text(&told);
}

fn number(report: &Report, outcome: Found) -> u64 {
    let checks = report.checks.iter();
    let found = checks.filter(|check| check.outcome == outcome).count();
    u64::try_from(found).unwrap_or(u64::MAX)
}

fn word(outcome: Found) -> &'static str {
    match outcome {
        Found::Ok => "ok",
        Found::Warn => "warning",
        Found::Fail => "FAILED",
        Found::Skipped(_) => "left out",
    }
}

/// The outcome stands first in the first line of a check, and nothing in the others.
fn painted(line: &str) -> String {
    let paint = |(outcome, style): (Found, Style)| {
        let word = word(outcome);
        let begins = line.trim_start().starts_with(word);
        (begins && !line.starts_with("  ")).then(|| paint::first(line, word, style))
    };
    let words = [
        (Found::Ok, paint::GOOD),
        (Found::Warn, paint::WARNING),
        (Found::Fail, paint::BAD),
    ];
    let found = words.into_iter().find_map(paint);
    found.unwrap_or_else(|| line.to_owned())
}

fn name(check: &Check) -> String {
    match &check.of {
        Some(of) => format!("{of}: {}", check.check),
        None => check.check.to_owned(),
    }
}

fn text(check: &Check) -> String {
    if let Found::Skipped(because) = check.outcome {
        return format!("because of: {because}");
    }
    let findings: Vec<String> = check.findings.iter().map(finding).collect();
    match findings.as_slice() {
        [] => check.note.clone().unwrap_or_default(),
        findings => findings.join("\n"),
    }
}

fn finding(finding: &Finding) -> String {
    let Finding { what, who, how, .. } = finding;
    width::unbroken(&format!("{what}\n→ {who}: {how}"))
}
