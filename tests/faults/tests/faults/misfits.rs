//! Stream file, environment and cursor that do not fit each other: each is refused by name, and no
//! cursor moves.

use sync_engine::StreamStatus;

use crate::bad_answers::{reason, world};
use crate::world::{CERTIFICATIONS, MEMBERS, World, invoke, small, stream_file, stream_of};

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
