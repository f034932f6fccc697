//! Bad input from the other side: each gives a clear error that says what to do, no cursor moves,
//! nothing is lost, and the next run puts it right.

use dynamics_client::Credential;
use dynamics_simulator::{Effect, RetryAfter};
use sync_engine::{RunReport, RunStatus, StreamStatus};

use crate::members::fired;
use crate::wire::{Cut, Wire};
use crate::world::{CERTIFICATIONS, MEMBERS, World, invoke, small, stream_of};

pub(crate) async fn world() -> World {
    World::of(small(), &[MEMBERS, CERTIFICATIONS]).await
}

/// Why a stream failed.
pub(crate) fn reason<'a>(report: &'a RunReport, stream: &str) -> &'a str {
    let stream = stream_of(report, stream);
    assert_eq!(stream.status, StreamStatus::Failed, "{stream:#?}");
    stream.reason.as_deref().unwrap()
}

/// Loads, lets both tables change, applies a fault to the delta of `contacts`, and expects the reason;
/// then expects everything to heal.
async fn delta_fails(effect: Effect, expected: &[&str]) {
    let world = world().await;
    world.complete("first").await;
    world.simulator.burst("contacts", 3, 5, 2).unwrap();
    world
        .simulator
        .burst("hlf_certifications", 3, 5, 2)
        .unwrap();
    let cursor = world.cursor("members").await;
    for _ in 0..20 {
        world.fault_on("contacts", 0, effect.clone());
    }
    let report = world.run("second").await;
    assert_eq!(report.status, RunStatus::Partial, "{report:#?}");
    let reason = reason(&report, "members");
    for part in expected {
        assert!(reason.contains(part), "{reason}");
    }
    assert_eq!(world.cursor("members").await, cursor);
    assert_eq!(
        stream_of(&report, "certifications").status,
        StreamStatus::Complete
    );
    assert!(fired(&world).iter().sum::<u32>() > 0);

    world.simulator.clear_faults();
    world.complete("third").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn html_in_place_of_json_is_no_answer() {
    delta_fails(
        Effect::HtmlPage,
        &["contacts", "web page instead of JSON", "Check the address"],
    )
    .await;
}

#[tokio::test]
async fn an_empty_body_is_not_an_empty_delta() {
    delta_fails(Effect::EmptyBody, &["contacts"]).await;
}

#[tokio::test]
async fn cut_json_is_no_answer() {
    delta_fails(Effect::CutJson, &["contacts", "JSON"]).await;
}

#[tokio::test]
async fn a_connection_cut_half_way_through_every_try_names_the_tries() {
    delta_fails(Effect::CutConnection, &["contacts", "tries"]).await;
}

#[tokio::test]
async fn an_outage_names_the_tries_and_the_status() {
    let effect = Effect::Status {
        status: 503,
        code: String::new(),
        message: "Service Unavailable".into(),
        retry_after: RetryAfter::Absent,
        html: true,
    };
    delta_fails(effect, &["contacts", "tries", "503"]).await;
}

#[tokio::test]
async fn a_next_link_to_another_host_is_not_followed() {
    let world = world().await;
    let elsewhere = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = elsewhere.local_addr().unwrap();
    world.fault_on(
        "contacts",
        0,
        Effect::LinkTo {
            origin: format!("http://{host}"),
        },
    );
    let report = world.run("first").await;
    let reason = reason(&report, "members");
    assert!(
        reason.contains(&format!("the link leads to http://{host} instead of")),
        "{reason}"
    );
    let cursor = world.cursor("members").await.unwrap();
    assert_eq!(cursor.position, sync_store::Position::Start);
    assert_eq!(fired(&world), [1]);
    let nobody = futures::FutureExt::now_or_never(elsewhere.accept());
    assert!(nobody.is_none(), "something was sent to the other host");
    world.complete("second").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn a_wrong_secret_fails_every_stream_with_entras_code_and_not_with_the_secret() {
    let world = world().await;
    let mut config = world.config();
    config.credential = Credential::ClientSecret("wrong-and-confidential".into());
    let process = world.process_on(Wire::new(Cut::Never), config, |_| {});
    let report = invoke(&process, "first", jiff::Timestamp::MAX).await;
    assert_eq!(report.status, RunStatus::Failed);
    let reason = reason(&report, "members");
    assert!(
        reason.contains("AADSTS7000215") && reason.contains("secret"),
        "{reason}"
    );
    assert!(!reason.contains("wrong-and-confidential"), "{reason}");
    assert_eq!(world.cursor("members").await, None);
}

#[tokio::test]
async fn an_unknown_tenant_is_named_as_the_setting_to_correct() {
    let world = world().await;
    let mut config = world.config();
    config.tenant = "00000000-0000-4000-8000-000000000000".into();
    let process = world.process_on(Wire::new(Cut::Never), config, |_| {});
    let report = invoke(&process, "first", jiff::Timestamp::MAX).await;
    let reason = reason(&report, "members");
    assert!(
        reason.contains("AADSTS90002") && reason.contains("tenant"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_forbidden_table_stops_its_stream_only() {
    let world = world().await;
    world.complete("first").await;
    let cursor = world.cursor("members").await;
    world.simulator.switch(|switches| {
        switches.forbidden.insert("contacts".into());
    });
    let report = world.run("second").await;
    assert_eq!(report.status, RunStatus::Partial);
    let members = stream_of(&report, "members");
    assert_eq!(members.status, StreamStatus::Unreadable);
    let reason = members.reason.as_deref().unwrap();
    assert!(
        reason.contains("contacts") && reason.contains("security role"),
        "{reason}"
    );
    assert_eq!(world.cursor("members").await, cursor);
}

#[tokio::test]
async fn without_credentials_the_run_is_recorded_as_failed() {
    let world = world().await;
    let mut process = world.process();
    process.dynamics = Err("the secret \"prod/dynamics\" was not found".into());
    let report = invoke(&process, "first", jiff::Timestamp::MAX).await;
    assert_eq!(report.status, RunStatus::Failed);
    assert_eq!(
        reason(&report, "members"),
        "the secret \"prod/dynamics\" was not found"
    );
    let runs = world.store.latest_runs::<RunReport>(1).await.unwrap();
    assert_eq!(runs[0].report, report);
}
