//! Stream file, environment and cursor that do not fit each other: each is refused by name, and no
//! cursor moves.

use sync_engine::StreamStatus;

use crate::bad_answers::reason;
use crate::world::{CERTIFICATIONS, MEMBERS, World, small, stream_file, stream_of};

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
    let report = world.run("first").await;
    assert_eq!(
        reason(&report, "members"),
        "stream `members` does not fit table `contacts` in Dynamics: \
         field `email`: the table has no column `emialaddress1`. Did you mean `emailaddress1`?; \
         field `born`: column `birthdate` is a date and time, but `choice` needs a choice column; \
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
    assert!(reason.ends_with("Did you mean `contacts`?"), "{reason}");
    assert_eq!(
        stream_of(&report, "certifications").status,
        StreamStatus::Complete
    );
}

#[tokio::test]
async fn a_change_that_means_nothing_to_records_keeps_the_cursor() {
    let mut world = World::of(small(), &[MEMBERS]).await;
    world.complete("first").await;
    let ignore =
        "# a remark\ndeletes = { from_dynamics = \"ignore\" }\nalert = \"coordinators\"\nwhere =";
    let owned = "{ column = \"birthdate\", owner = \"dynamics\" }";
    let same = MEMBERS
        .replace("where =", ignore)
        .replace("\"birthdate\"", owned);
    world.streams = stream_file(&[&same]);
    let report = world.complete("second").await;
    // Not the whole table again, of which a note would tell.
    let members = stream_of(&report, "members");
    assert_eq!(
        (members.pulled, members.notes.len()),
        (0, 0),
        "{members:#?}"
    );
}
