//! Tables that cannot be read, because the application user may not or because no app brings them: each is told
//! apart from what failed, and stops no other stream.

use dynamics_simulator::{Class, Fault};
use sync_engine::{RunReport, RunRequest, RunStatus, StreamStatus};

use crate::push::unavailable;
use crate::world::{MEMBERS, World, small, stream_of};

/// Of a table that the simulated environment does not have, which comes with an app.
const QUOTES: &str = r#"
[[stream]]
name = "quotes"
table = "quotes"
fields = { number = "quotenumber" }
"#;

/// Of one that it has.
const LEADS: &str = r#"
[[stream]]
name = "leads"
table = "leads"
fields = { topic = "subject" }
"#;

const NO_APP: &str = "the environment has no table `quotes`, which comes with Dynamics 365 Sales, so there is \
                      nothing to read. Install the app, or take the stream out of the stream file";

/// Why a stream was not read.
fn why<'a>(report: &'a RunReport, stream: &str) -> &'a str {
    stream_of(report, stream)
        .reason
        .as_deref()
        .unwrap_or_default()
}

#[tokio::test]
async fn a_table_whose_app_is_not_installed_is_skipped_with_a_note_every_night_and_the_runs_are_complete()
 {
    let world = World::of(small(), &[MEMBERS, QUOTES]).await;
    for night in ["first", "second"] {
        let report = world.run(night).await;
        assert_eq!(report.status, RunStatus::Complete);
        assert_eq!(stream_of(&report, "members").status, StreamStatus::Complete);
        assert_eq!(stream_of(&report, "quotes").status, StreamStatus::Skipped);
        assert_eq!(why(&report, "quotes"), NO_APP);
        world.next_night();
    }
}

/// What the app wants written would wait for ever unseen.
#[tokio::test]
async fn a_stream_that_pushes_fails_where_the_app_of_its_table_is_missing() {
    let both = "direction = \"both\"\nkey = [\"quotenumber\"]\nfields";
    let world = World::of(small(), &[MEMBERS, &QUOTES.replace("fields", both)]).await;
    let report = world.run("first").await;
    assert_eq!(stream_of(&report, "quotes").status, StreamStatus::Failed);
    assert!(why(&report, "quotes").contains("quotes"));
}

async fn dry_run(world: &World) -> RunReport {
    let request = RunRequest {
        dry_run: true,
        ..RunRequest::new("dry")
    };
    let never = jiff::Timestamp::MAX;
    world.process().run(&request, never, &|_| {}).await.unwrap()
}

#[tokio::test]
async fn a_dry_run_says_of_rows_that_may_not_be_read_and_of_misspelt_names_what_a_run_says() {
    let named = |name: &str| LEADS.replace("name = \"leads\"", &format!("name = \"{name}\""));
    let misspelt = named("tables").replace("table = \"leads\"", "table = \"leeds\"");
    let column = named("columns").replace("\"subject\"", "\"subjekt\"");
    let world = World::of(small(), &[LEADS, &misspelt, &column]).await;
    world.simulator.switch(|switches| {
        switches.forbidden.insert("leads".into());
    });
    let (dry, run) = (dry_run(&world).await, world.run("run").await);
    assert_eq!(
        stream_of(&dry, "leads").status,
        StreamStatus::Unreadable,
        "{dry:#?}"
    );
    assert!(why(&dry, "tables").ends_with("Did you mean `leads`?"));
    assert!(why(&dry, "columns").contains("Did you mean `subject`?"));
    // The others name the request.
    assert_eq!(why(&dry, "columns"), why(&run, "columns"));
}

#[tokio::test]
async fn a_dry_run_says_of_a_missing_app_what_a_run_says() {
    let world = World::of(small(), &[MEMBERS, QUOTES]).await;
    let report = dry_run(&world).await;
    assert_eq!(stream_of(&report, "quotes").status, StreamStatus::Skipped);
    assert_eq!(why(&report, "quotes"), NO_APP);
}

/// Else a copy would grow old without a word.
#[tokio::test]
async fn a_table_that_vanishes_with_its_app_after_it_was_read_fails_its_stream() {
    let world = World::of(small(), &[MEMBERS, LEADS]).await;
    world.complete("first").await;
    world.simulator.switch(|switches| {
        switches.absent.insert("leads".into());
    });
    world.next_night();
    let report = world.run("second").await;
    assert_eq!(report.status, RunStatus::Partial);
    assert_eq!(stream_of(&report, "members").status, StreamStatus::Complete);
    assert_eq!(stream_of(&report, "leads").status, StreamStatus::Failed);
    assert!(why(&report, "leads").contains("leads"));
}

/// Of such a copy it is not known either what the app makes of it.
#[tokio::test]
async fn a_table_that_vanishes_with_its_app_while_it_is_first_read_fails_its_stream() {
    let world = World::of(small(), &[MEMBERS, LEADS]).await;
    let mut fault = Fault::on(Class::Read, unavailable()).times(100);
    fault.on.contains = Some("leads".to_owned());
    world.simulator.inject(fault);
    let report = world.run("first").await;
    assert_eq!(stream_of(&report, "leads").status, StreamStatus::Failed);
    assert!(world.cursor("leads").await.is_some());
    world.simulator.clear_faults();
    world.simulator.switch(|switches| {
        switches.absent.insert("leads".into());
    });
    world.next_night();
    let report = world.run("second").await;
    assert_eq!(stream_of(&report, "leads").status, StreamStatus::Failed);
}

#[tokio::test]
async fn a_table_that_may_not_be_read_is_named_as_such_the_others_go_on_and_it_heals() {
    let world = World::of(small(), &[MEMBERS, LEADS]).await;
    let forbid = |is_forbidden: bool| {
        world.simulator.switch(|switches| {
            switches.forbidden.clear();
            switches
                .forbidden
                .extend(is_forbidden.then(|| "leads".to_owned()));
        });
    };
    forbid(true);
    let report = world.run("first").await;
    assert_eq!(report.status, RunStatus::Partial);
    assert_eq!(stream_of(&report, "members").status, StreamStatus::Complete);
    let leads = stream_of(&report, "leads");
    assert_eq!((leads.status, leads.stored), (StreamStatus::Unreadable, 0));
    let why = why(&report, "leads");
    assert!(
        why.contains("leads") && why.contains("security role"),
        "{why}"
    );
    forbid(false);
    world.next_night();
    let report = world.complete("second").await;
    assert_eq!(stream_of(&report, "leads").stored, 12);
}
