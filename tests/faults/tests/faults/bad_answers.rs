//! Bad input from the other side: each gives a clear error that says what to do, no cursor moves,
//! nothing is lost, and the next run puts it right.

use dynamics_client::Credential;
use dynamics_simulator::{Effect, RetryAfter};
use serde_json::json;
use sync_engine::{RunReport, RunStatus, StreamStatus};

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
    let fired: u32 = world
        .simulator
        .faults_fired()
        .iter()
        .map(|report| report.fired)
        .sum();
    assert!(fired > 0);

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
    assert_eq!(world.cursor("members").await, None);
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
    let reason = reason(&report, "members");
    assert!(
        reason.contains("contacts") && reason.contains("security role"),
        "{reason}"
    );
    assert_eq!(world.cursor("members").await, cursor);
}

#[tokio::test]
async fn a_row_with_an_unknown_choice_stops_its_stream_and_is_named_by_id_and_field() {
    let world = world().await;
    world.complete("first").await;
    let cursor = world.cursor("certifications").await;
    let row = world
        .simulator
        .truth("hlf_certifications")
        .unwrap()
        .next()
        .unwrap();
    let id = row["hlf_certificationid"].as_str().unwrap().to_owned();
    let strange = json!({"hlf_comment": "private remark"})
        .as_object()
        .unwrap()
        .clone();
    world
        .simulator
        .update("hlf_certifications", id.parse().unwrap(), strange)
        .unwrap();
    let replace = Effect::ReplaceValue {
        id: id.parse().unwrap(),
        property: "hlf_status".into(),
        value: json!(99),
    };
    world.fault_on("hlf_certifications", 0, replace);
    let report = world.run("second").await;
    let reason = reason(&report, "certifications");
    assert_eq!(
        reason,
        format!(
            "1 of 1 rows of a page cannot be read; the first is row {id}: field `status` (column \
             `hlf_status`): the choice value 99 is not in the stream file's `choice`. Correct the row \
             in Dynamics; the next run reads the page again. (A change of the stream file's mapping \
             needs an empty copy in this version)"
        )
    );
    assert_eq!(world.cursor("certifications").await, cursor);
    world.complete("third").await;
    world.assert_copy_equals_truth().await;
}

#[tokio::test]
async fn an_expired_change_token_stops_the_stream_with_what_to_do() {
    for status in [400, 410] {
        let world = world().await;
        world.complete("first").await;
        let cursor = world.cursor("members").await;
        world
            .simulator
            .switch(|switches| switches.expired_token_status = status);
        world.simulator.expire_change_tokens();
        let report = world.run("second").await;
        let reason = reason(&report, "members");
        assert!(
            reason.contains("contacts") && reason.contains("expired"),
            "{reason}"
        );
        assert_eq!(world.cursor("members").await, cursor);
    }
}

#[tokio::test]
async fn a_refused_page_link_in_a_delta_is_read_again_from_the_deltas_start() {
    let world = world().await;
    world.complete("first").await;
    world.simulator.burst("contacts", 30, 30, 0).unwrap();
    world.next_night();
    // Dies in the middle of the delta, after a page was saved.
    let wire = Wire::new(Cut::Before(48));
    let process = world.process_on(wire.clone(), world.config(), |_| {});
    tokio::select! {
        report = invoke(&process, "second", jiff::Timestamp::MAX) => panic!("it lived: {report:#?}"),
        () = wire.died() => {}
    }
    let cursor = world.cursor("members").await.unwrap();
    assert!(
        matches!(cursor.position, sync_store::Position::Reading { .. }),
        "{cursor:?}"
    );
    world.clock.advance(std::time::Duration::from_secs(91));
    let refused = Effect::Status {
        status: 400,
        code: "0x8004112A".into(),
        message: "Invalid paging cookie".into(),
        retry_after: RetryAfter::Absent,
        html: false,
    };
    world.fault_on("contacts", 0, refused);
    world.complete("third").await;
    world.assert_copy_equals_truth().await;
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
