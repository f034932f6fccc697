//! Dynamics does not say what was asserted.

use serde_json::json;
use sync_store::{ChangeKey, ChangeState, Operation};

use super::{CERTIFICATIONS, both_ways};
use crate::expiry::mentors::{NEXT_YEAR, YESTERDAY, world};
use crate::world::stream_of;

/// What the run says of the row.
fn named(id: &str) -> String {
    format!("these rows differ from what was asserted: {id}")
}

#[tokio::test]
async fn a_field_that_the_app_owns_is_asserted_again_when_dynamics_changes_it() {
    let owned = CERTIFICATIONS.replace(
        "visible     = \"hlf_portalvisible\"",
        "visible     = { column = \"hlf_portalvisible\", owner = \"app\" }",
    );
    let world = world(&[&owned]).await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    world.edit(
        &id,
        json!({"hlf_portalvisible": false, "hlf_comment": "seen"}),
    );
    let report = world.complete("second").await;
    let stream = stream_of(&report, "certifications");
    assert_eq!(
        (stream.asserted, stream.mismatches, stream.pushed),
        (1, 1, 1)
    );
    assert_eq!(stream.notes, [named(&id)]);
    let row = world.row("hlf_certifications", &id);
    assert_eq!(
        (&row["hlf_portalvisible"], &row["hlf_comment"]),
        (&json!(true), &json!("seen"))
    );
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_first_load_takes_what_dynamics_says_of_a_field_that_the_app_owns() {
    let owned = CERTIFICATIONS.replace(
        "visible     = \"hlf_portalvisible\"",
        "visible     = { column = \"hlf_portalvisible\", owner = \"app\" }",
    );
    let world = world(&[&owned]).await;
    world.certification("M-1", NEXT_YEAR);
    let report = world.complete("first").await;
    assert_eq!(stream_of(&report, "certifications").asserted, 0);
    world.assert_at_rest().await;
}

#[tokio::test]
async fn an_expiry_that_somebody_undoes_in_dynamics_without_a_new_date_is_a_mismatch_and_stays_hidden()
 {
    let world = both_ways().await;
    let id = world.certification("M-1", YESTERDAY);
    world.complete("first").await;
    world.edit(&id, json!({"hlf_status": 1, "hlf_portalvisible": true}));
    let report = world.complete("second").await;
    let stream = stream_of(&report, "certifications");
    assert_eq!(
        (stream.unheeded, stream.mismatches, stream.pushed),
        (1, 1, 0)
    );
    assert_eq!(stream.notes, [named(&id)]);
    assert!(!world.certified(&id).await.visible);
}

#[tokio::test]
async fn a_value_that_dynamics_makes_something_else_of_is_a_mismatch_and_no_quarrel() {
    let world = world(&[CERTIFICATIONS]).await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let key = ChangeKey::Id(id.clone());
    let fields = json!({"comment": "app's"});
    let change = world
        .hand_in("certifications", Operation::Update, key, fields)
        .await;
    // A plug-in has the last word: after the write, and before it is read again.
    let simulator = world.simulator.clone();
    let row = id.parse().unwrap();
    let after = move |answers| {
        let written = simulator.requests().of(dynamics_simulator::Class::Batch) == 1;
        let columns = json!({"hlf_comment": "APP'S"}).as_object().unwrap().clone();
        if written && answers > 0 {
            let now = simulator
                .truth("hlf_certifications")
                .unwrap()
                .next()
                .unwrap();
            if now["hlf_comment"] != json!("APP'S") {
                simulator
                    .update("hlf_certifications", row, columns)
                    .unwrap();
            }
        }
    };
    let wire = crate::wire::Wire::new(crate::wire::Cut::Never);
    let process = world.process_on(wire, world.config(), after);
    let report = crate::world::invoke(&process, "second", jiff::Timestamp::MAX).await;
    let stream = stream_of(&report, "certifications");
    assert_eq!(
        (stream.returned, stream.mismatches, stream.pushed),
        (1, 1, 1)
    );
    assert_eq!(stream.notes, [named(&id)]);
    world.assert_state(&change, ChangeState::Applied).await;
    world.assert_at_rest().await;
}

#[tokio::test]
async fn what_expires_within_the_warning_is_counted_and_what_expired_is_not() {
    let warned = "[stream.expiry]\ndate = \"valid_to\"\nfrom = { status = \"active\" }\n\
        set = { status = \"expired\" }\nwarn_days = [30, 7]\n";
    let world = world(&[CERTIFICATIONS, warned]).await;
    for (code, valid_to) in [
        ("M-1", YESTERDAY),
        ("M-2", "2026-11-21"),
        ("M-3", "2026-12-20"),
        ("M-4", "2026-12-21"),
        ("M-5", NEXT_YEAR),
    ] {
        world.certification(code, valid_to);
    }
    let report = world.complete("first").await;
    assert_eq!(stream_of(&report, "certifications").expiring, 2);
}
