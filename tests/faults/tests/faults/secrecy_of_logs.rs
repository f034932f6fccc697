//! Secrets and what rows hold never reach a log line or a report.

use std::io::Write;
use std::sync::{Arc, Mutex};

use dynamics_simulator::{Effect, RetryAfter};
use serde_json::Value as Json;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt;

use crate::world::{CERTIFICATIONS, MEMBERS, World, small};

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Every text in the truth that would identify somebody.
fn personal(world: &World) -> Vec<String> {
    let columns = [
        "lastname",
        "emailaddress1",
        "telephone1",
        "description",
        "hlf_comment",
        "hlf_mentorcode",
    ];
    let tables = ["contacts", "hlf_certifications"];
    let rows = tables
        .iter()
        .flat_map(|table| world.simulator.truth(table).unwrap());
    rows.flat_map(|row| {
        columns
            .iter()
            .filter_map(|column| row.get(*column)?.as_str().map(ToOwned::to_owned))
            .collect::<Vec<_>>()
    })
    .filter(|text| text.len() > 4 && text.chars().any(char::is_alphabetic))
    .collect()
}

#[tokio::test]
async fn even_at_the_most_talkative_level_nothing_confidential_is_logged_or_reported() {
    let captured = Captured::default();
    let writer = captured.clone();
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(move || writer.clone())
        .with_filter(logging::filter(LevelFilter::TRACE));
    let subscriber = tracing_subscriber::registry().with(lines);
    // For the whole process: the other tests' lines must hold nothing confidential either.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let world = World::of(small(), &[MEMBERS, CERTIFICATIONS]).await;
    let mut reports = vec![world.complete("first").await];
    world.simulator.burst("contacts", 10, 20, 5).unwrap();
    let outage = Effect::Status {
        status: 500,
        code: "0x80040265".into(),
        message: "plug-in failed for kari.nordmann@example.no".into(),
        retry_after: RetryAfter::Absent,
        html: false,
    };
    for effect in [Effect::CutJson, Effect::HtmlPage, outage] {
        for _ in 0..12 {
            world.fault_on("contacts", 0, effect.clone());
        }
        reports.push(world.run("second").await);
        world.simulator.clear_faults();
    }
    let row = world
        .simulator
        .truth("hlf_certifications")
        .unwrap()
        .next()
        .unwrap();
    let id = row["hlf_certificationid"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    world
        .simulator
        .burst("hlf_certifications", 0, 24, 0)
        .unwrap();
    let wrong = Effect::ReplaceValue {
        id,
        property: "hlf_portalvisible".into(),
        value: Json::from("kari.nordmann@example.no"),
    };
    world.fault_on("hlf_certifications", 0, wrong);
    reports.push(world.run("third").await);

    let mut shown = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(
        shown.contains("stream failed") && shown.contains("stream ended"),
        "nothing was logged"
    );
    for report in &reports {
        shown.push_str(&serde_json::to_string(report).unwrap());
    }
    let secret = world.simulator.credentials().client_secret.clone();
    let fragments = [secret, "Bearer ".into(), "kari.nordmann".into()];
    for confidential in fragments.into_iter().chain(personal(&world)) {
        assert!(!shown.contains(&confidential), "{confidential:?} was shown");
    }
}
