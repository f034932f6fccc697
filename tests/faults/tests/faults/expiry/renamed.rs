//! A stream with an expiry under another name: nobody is shown before the new name knows who is hidden.

use dynamics_simulator::{Effect, RetryAfter};
use sync_engine::StreamStatus;

use super::mentors::{CERTIFICATIONS, EXPIRY_OF_MENTORS, MEMBERS, YESTERDAY, world};
use crate::world::{stream_file, stream_of};

#[tokio::test]
async fn a_renamed_stream_whose_first_load_fails_keeps_hidden_whom_it_hid_under_its_old_name() {
    let mut world = world(&[MEMBERS, CERTIFICATIONS, EXPIRY_OF_MENTORS]).await;
    let mentor = world.member();
    world.certification_of(&mentor, "M-1", YESTERDAY);
    world.complete("first").await;
    assert!(!world.is_shown(&mentor).await);

    let renamed = CERTIFICATIONS.replace("\"certifications\"", "\"certificates\"");
    world.streams = stream_file(&[MEMBERS, &renamed, EXPIRY_OF_MENTORS]);
    let forbidden = Effect::Status {
        status: 403,
        code: "0x80040220".into(),
        message: String::new(),
        retry_after: RetryAfter::Absent,
        html: false,
    };
    world.fault_on("hlf_certifications", 0, forbidden);
    let report = world.run("second").await;
    let renamed = stream_of(&report, "certificates");
    assert_eq!(renamed.status, StreamStatus::Unreadable, "{report:#?}");
    assert!(!world.is_shown(&mentor).await);
    // Nor in a run of the members alone, which reads nothing under the new name.
    world.run_only("third", "members").await;
    assert!(!world.is_shown(&mentor).await);

    world.complete("fourth").await;
    assert!(!world.is_shown(&mentor).await);
    world.assert_settled().await;
}
