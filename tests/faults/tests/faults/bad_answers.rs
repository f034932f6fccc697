//! Bad input from the other side: each gives a clear error that says what to do, no cursor moves,
//! nothing is lost, and the next run puts it right.

use dynamics_client::Credential;
use dynamics_simulator::{Effect, RetryAfter};
use serde_json::json;
use sync_engine::{RunReport, RunStatus, StreamStatus};

use crate::wire::{Cut, Wire};
use crate::world::{CERTIFICATIONS, MEMBERS, World, invoke, small, stream_file, stream_of};

async fn world() -> World {
    World::of(small(), &[MEMBERS, CERTIFICATIONS]).await
}

/// Why a stream failed.
fn reason<'a>(report: &'a RunReport, stream: &str) -> &'a str {
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
async fn a_table_that_does_not_exist_is_named_with_what_to_check() {
    let stream = MEMBERS.replace("\"contacts\"", "\"contactz\"");
    let world = World::of(small(), &[&stream, CERTIFICATIONS]).await;
    let report = world.run("first").await;
    let reason = reason(&report, "members");
    assert!(reason.contains("contactz"), "{reason}");
    assert_eq!(
        stream_of(&report, "certifications").status,
        StreamStatus::Complete
    );
}

#[tokio::test]
async fn everything_that_does_not_fit_the_table_is_reported_together() {
    let stream = MEMBERS
        .replace("\"emailaddress1\"", "\"emialaddress1\"")
        .replace(
            "\"birthdate\"",
            "{ column = \"birthdate\", choice = { old = 1 } }",
        )
        .replace("{ statecode = 0 }", "{ statecode = true }");
    let world = World::of(small(), &[&stream]).await;
    world.simulator.switch(|switches| {
        switches.untracked.insert("contacts".into());
    });
    let report = world.run("first").await;
    assert_eq!(
        reason(&report, "members"),
        "stream `members` does not fit table `contacts` in Dynamics: \
         change tracking is off. Ask a Dynamics administrator to switch on \"Track changes\" in the \
         properties of `contacts`; \
         field `born`: column `birthdate` is a date and time, but `choice` needs a choice column; \
         field `email`: the table has no column `emialaddress1`. Use its logical name, in lower case; \
         where `statecode`: the value's type does not fit a column that is a choice"
    );
}

#[tokio::test]
async fn an_elastic_or_virtual_table_is_refused_by_name() {
    for (table, kind) in [
        ("hlf_sensorreadings", "elastic"),
        ("hlf_externals", "virtual"),
    ] {
        let stream = format!(
            "[[stream]]\nname = \"x\"\ntable = \"{table}\"\nfields = {{ a = \"hlf_name\" }}\n"
        );
        let world = World::of(small(), &[&stream]).await;
        let report = world.run("first").await;
        let reason = reason(&report, "x");
        assert!(
            reason.contains(&format!("`{table}` is a")) && reason.contains(kind),
            "{reason}"
        );
    }
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
async fn a_changed_mapping_or_environment_does_not_use_the_old_cursor() {
    let mut world = world().await;
    world.complete("first").await;
    let cursor = world.cursor("members").await;
    let wider = MEMBERS.replace("credit     =", "city = \"address1_city\"\ncredit     =");
    world.streams = stream_file(&[&wider, CERTIFICATIONS]);
    let report = world.run("second").await;
    let text = reason(&report, "members");
    assert!(
        text.starts_with(
            "the stream file or a column's type changed since stream `members` was loaded"
        ),
        "{text}"
    );
    assert_eq!(world.cursor("members").await, cursor);
    assert_eq!(
        stream_of(&report, "certifications").status,
        StreamStatus::Complete
    );

    let other = dynamics_simulator::Options { seed: 2, ..small() };
    let elsewhere = World::of(other, &[CERTIFICATIONS]).await;
    let mut process = world.process();
    process.dynamics = elsewhere.process().dynamics;
    process.streams = stream_file(&[CERTIFICATIONS]);
    let report = invoke(&process, "third", jiff::Timestamp::MAX).await;
    let text = reason(&report, "certifications");
    assert!(
        text.starts_with("the Dynamics environment changed"),
        "{text}"
    );
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

#[tokio::test]
async fn a_cursor_that_vanished_is_not_taken_for_a_stream_that_was_never_loaded() {
    let world = world().await;
    world.complete("first").await;
    world.forget_cursor("members").await;
    let report = world.run("second").await;
    let text = reason(&report, "members");
    assert!(
        text.starts_with("the cursor of stream `members` is gone although its records are there"),
        "{text}"
    );
    assert_eq!(world.cursor("members").await, None);
    assert_eq!(
        stream_of(&report, "certifications").status,
        StreamStatus::Complete
    );
}

#[tokio::test]
async fn any_change_of_what_a_record_means_is_noticed() {
    for (from, to) in [
        ("{ statecode = 0 }", "{ statecode = 1 }"),
        ("{ statecode = 0 }", "{ statecode = 0, gendercode = 2 }"),
        ("email      =", "mail       ="),
        ("\"lastname\"\n", "\"fullname\"\n"),
        ("where =", "key   = [\"emailaddress1\"]\nwhere ="),
    ] {
        let mut world = World::of(small(), &[MEMBERS]).await;
        world.complete("first").await;
        let changed = MEMBERS.replace(from, to);
        assert_ne!(changed, MEMBERS, "{from}");
        world.streams = stream_file(&[&changed]);
        let report = world.run("second").await;
        assert!(reason(&report, "members").contains("changed since"), "{to}");
    }
}

#[tokio::test]
async fn a_change_that_means_nothing_to_records_keeps_the_cursor() {
    let mut world = World::of(small(), &[MEMBERS]).await;
    world.complete("first").await;
    let ignore = "# a remark\ndeletes = { from_dynamics = \"ignore\" }\nwhere =";
    let same = MEMBERS.replace("where =", ignore);
    world.streams = stream_file(&[&same]);
    world.complete("second").await;
}
