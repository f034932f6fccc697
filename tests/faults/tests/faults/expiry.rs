//! Certifications that run out: hidden in the copy by the next run, whatever else goes wrong, and shown
//! again as soon as they are valid.

mod interrupted;
pub(crate) mod mentors;
mod over_lookups;
mod renamed;
mod unknown;

use dynamics_simulator::{Effect, Fault, RetryAfter};
use jiff::Timestamp;
use serde_json::json;
use sync_engine::{RunStatus, StreamStatus};

use crate::world::{World, invoke, stream_file, stream_of};
use mentors::{CERTIFICATIONS, EXPIRY, NEXT_YEAR, TODAY, YESTERDAY, world};

async fn certified() -> World {
    world(&[CERTIFICATIONS, EXPIRY]).await
}

/// The very write that stored the row hid it: at no time was it visible.
async fn assert_hidden_by_the_pull(world: &World, id: &str) {
    assert_eq!(world.revision("certifications", id).await, 0);
}

#[tokio::test]
async fn a_mentor_past_the_last_valid_day_is_hidden_by_the_next_run_though_nothing_changed_in_dynamics()
 {
    let world = certified().await;
    let over = world.certification("M-1", TODAY);
    let valid = world.certification("M-2", NEXT_YEAR);
    world.complete("first").await;
    assert!(world.certified(&over).await.is_valid());

    world.next_night();
    let report = world.complete("second").await;
    let certifications = stream_of(&report, "certifications");
    assert_eq!((certifications.pulled, certifications.suppressed), (0, 1));
    assert!(world.certified(&over).await.is_hidden());
    assert!(world.certified(&valid).await.is_valid());
    let kept = &world.item("certifications", &over).await["dynamics"];
    assert!(
        *kept.as_m().unwrap()["visible"].as_bool().unwrap(),
        "what Dynamics says was lost"
    );
    world.assert_settled().await;
}

#[tokio::test]
async fn a_mentor_whose_certification_had_run_out_before_the_first_load_is_never_shown() {
    let world = certified().await;
    let over = world.certification("M-1", YESTERDAY);
    let report = world.complete("first").await;
    assert_eq!(stream_of(&report, "certifications").suppressed, 1);
    assert!(world.certified(&over).await.is_hidden());
    assert_hidden_by_the_pull(&world, &over).await;
    world.assert_settled().await;
}

#[tokio::test]
async fn while_dynamics_is_down_a_mentor_past_the_last_valid_day_is_hidden_all_the_same() {
    let world = certified().await;
    let over = world.certification("M-1", TODAY);
    world.complete("first").await;
    world.next_night();
    let outage = Effect::Status {
        status: 503,
        code: String::new(),
        message: "Service Unavailable".into(),
        retry_after: RetryAfter::Absent,
        html: true,
    };
    world.simulator.inject(Fault::next(outage).times(u32::MAX));
    let report = world.run("second").await;
    assert_eq!(report.status, RunStatus::Failed, "{report:#?}");
    let certifications = stream_of(&report, "certifications");
    assert_eq!(certifications.status, StreamStatus::Failed);
    assert_eq!(certifications.suppressed, 1);
    assert!(world.simulator.faults_fired()[0].fired > 0);
    assert!(world.certified(&over).await.is_hidden());

    world.simulator.clear_faults();
    world.complete("third").await;
    world.assert_settled().await;
}

#[tokio::test]
async fn without_credentials_a_mentor_past_the_last_valid_day_is_hidden_all_the_same() {
    let world = certified().await;
    let over = world.certification("M-1", TODAY);
    world.complete("first").await;
    world.next_night();
    let mut process = world.process();
    process.dynamics = Err("the secret was not found".into());
    let report = invoke(&process, "second", Timestamp::MAX).await;
    assert_eq!(report.status, RunStatus::Failed);
    assert_eq!(stream_of(&report, "certifications").suppressed, 1);
    assert!(world.certified(&over).await.is_hidden());
}

#[tokio::test]
async fn a_mentor_is_hidden_at_midnight_in_oslo_and_not_before_also_when_the_clocks_change() {
    // The days have 24, 23 and 25 hours.
    let nights = [
        ("2027-01-15", "2027-01-15T22:59:59Z", "2027-01-15T23:00:00Z"),
        ("2027-03-28", "2027-03-28T21:59:59Z", "2027-03-28T22:00:00Z"),
        ("2027-10-31", "2027-10-31T22:59:59Z", "2027-10-31T23:00:00Z"),
    ];
    for (day, before, midnight) in nights {
        let world = certified().await;
        let over = world.certification("M-1", day);
        world.at(before);
        world.complete("first").await;
        let seen = world.certified(&over).await;
        assert!(seen.is_valid(), "{day}: {seen:?}");
        let from = seen.suppress_from.unwrap();
        assert_eq!(from, midnight.parse().unwrap(), "{day}");
        world.at(midnight);
        world.complete("second").await;
        assert!(world.certified(&over).await.is_hidden(), "{day}");
        world.assert_settled().await;
    }
}

#[tokio::test]
async fn a_certification_without_a_last_day_never_expires() {
    let world = certified().await;
    let endless = world.certification("M-1", YESTERDAY);
    world.edit(&endless, json!({"hlf_validto": null}));
    world.complete("first").await;
    world.at("2126-11-21T12:00:00Z");
    let report = world.complete("second").await;
    assert_eq!(stream_of(&report, "certifications").suppressed, 0);
    let seen = world.certified(&endless).await;
    assert!(seen.is_valid() && seen.suppress_from.is_none(), "{seen:?}");
    world.assert_settled().await;
}

#[tokio::test]
async fn a_suspended_certification_past_its_last_day_stays_as_it_is() {
    let world = certified().await;
    let suspended = world.certification("M-1", YESTERDAY);
    world.edit(&suspended, json!({"hlf_status": 3}));
    let report = world.complete("first").await;
    assert_eq!(stream_of(&report, "certifications").suppressed, 0);
    let seen = world.certified(&suspended).await;
    assert_eq!(seen.status.as_deref(), Some("suspended"));
    assert!(seen.visible && !seen.suppressed && seen.suppress_from.is_none());
    world.assert_settled().await;
}

#[tokio::test]
async fn a_certification_that_is_renewed_shows_what_it_was_before_in_the_same_run() {
    let world = certified().await;
    let renewed = world.certification("M-1", YESTERDAY);
    let hidden_by_an_editor = world.certification("M-2", YESTERDAY);
    world.edit(&hidden_by_an_editor, json!({"hlf_portalvisible": false}));
    world.complete("first").await;
    assert!(world.certified(&renewed).await.is_hidden());
    assert!(world.certified(&hidden_by_an_editor).await.is_hidden());

    for id in [&renewed, &hidden_by_an_editor] {
        world.edit(id, json!({"hlf_validto": NEXT_YEAR}));
    }
    let report = world.complete("second").await;
    assert_eq!(stream_of(&report, "certifications").suppressed, 0);
    assert!(world.certified(&renewed).await.is_valid());
    let seen = world.certified(&hidden_by_an_editor).await;
    assert_eq!(seen.status.as_deref(), Some("active"));
    assert!(!seen.visible && !seen.suppressed, "{seen:?}");
    world.assert_settled().await;
}

#[tokio::test]
async fn an_edit_in_dynamics_of_a_certification_that_ran_out_does_not_make_it_visible() {
    let world = certified().await;
    let over = world.certification("M-1", YESTERDAY);
    world.complete("first").await;
    // Also one that says that it is visible, again.
    for edit in [
        json!({"hlf_comment": "called"}),
        json!({"hlf_portalvisible": true}),
    ] {
        world.edit(&over, edit);
        let report = world.complete("next").await;
        assert_eq!(stream_of(&report, "certifications").stored, 1);
        assert!(world.certified(&over).await.is_hidden());
        assert_hidden_by_the_pull(&world, &over).await;
    }
    let fields = world.item("certifications", &over).await["fields"].clone();
    assert_eq!(fields.as_m().unwrap()["comment"].as_s().unwrap(), "called");
    world.assert_settled().await;
}

#[tokio::test]
async fn a_table_that_is_read_again_in_full_stays_hidden_where_it_was() {
    let world = certified().await;
    let over = world.certification("M-1", TODAY);
    world.complete("first").await;
    world.next_night();
    world.complete("second").await;
    world.simulator.expire_change_tokens();
    let report = world.complete("third").await;
    assert!(
        stream_of(&report, "certifications").pulled > 0,
        "it was not read again"
    );
    assert!(world.certified(&over).await.is_hidden());
    assert_hidden_by_the_pull(&world, &over).await;
    world.assert_settled().await;
}

#[tokio::test]
async fn an_expiry_that_is_taken_out_of_the_stream_file_shows_everybody_again_at_the_next_run() {
    let mut world = certified().await;
    let over = world.certification("M-1", YESTERDAY);
    let valid = world.certification("M-2", NEXT_YEAR);
    world.complete("first").await;
    world.streams = stream_file(&[CERTIFICATIONS]);
    world.complete("second").await;
    for id in [&over, &valid] {
        let seen = world.certified(id).await;
        assert!(seen.is_valid() && seen.suppress_from.is_none(), "{seen:?}");
    }
    world.assert_settled().await;
}

#[tokio::test]
async fn an_expiry_that_is_changed_in_the_stream_file_decides_anew_about_everybody() {
    let mut world = certified().await;
    let over = world.certification("M-1", YESTERDAY);
    let suspended = world.certification("M-2", YESTERDAY);
    world.edit(&suspended, json!({"hlf_status": 3}));
    world.complete("first").await;
    world.streams = stream_file(&[CERTIFICATIONS, &EXPIRY.replace("active", "suspended")]);
    world.complete("second").await;
    assert!(world.certified(&over).await.is_valid());
    assert!(world.certified(&suspended).await.is_hidden());
    world.assert_settled().await;
}

#[tokio::test]
async fn an_expiry_that_is_put_into_the_stream_file_hides_at_the_next_run() {
    let mut world = world(&[CERTIFICATIONS]).await;
    let over = world.certification("M-1", YESTERDAY);
    world.complete("first").await;
    assert!(world.certified(&over).await.is_valid());
    world.streams = stream_file(&[CERTIFICATIONS, EXPIRY]);
    world.complete("second").await;
    assert!(world.certified(&over).await.is_hidden());
    world.assert_settled().await;
}

#[tokio::test]
async fn half_of_all_certifications_running_out_on_one_day_does_not_trip_the_guard() {
    let world = certified().await;
    let days = [TODAY, NEXT_YEAR].into_iter().cycle();
    let made = |(number, day): (usize, &str)| world.certification(&format!("M-{number}"), day);
    let ids: Vec<_> = days.take(120).enumerate().map(made).collect();
    world.complete("first").await;
    world.next_night();
    let report = world.complete("second").await;
    let certifications = stream_of(&report, "certifications");
    assert_eq!(certifications.status, StreamStatus::Complete);
    assert_eq!(certifications.suppressed, 60);
    assert!(world.certified(&ids[0]).await.is_hidden());
    assert!(world.certified(&ids[1]).await.is_valid());
    world.assert_settled().await;
}
