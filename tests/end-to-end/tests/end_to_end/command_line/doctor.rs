//! `doctor`, as a person runs it.

use dynamics_simulator::Depth;
use serde_json::Value;

use crate::support::{Dynamics, Terminal};

/// The application user has what the tests' stream file needs, and no more.
async fn narrow() -> Dynamics {
    let dynamics = Dynamics::start().await;
    let kinds = [
        "Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign", "Share",
    ];
    dynamics.simulator.switch(|switches| {
        switches.forbidden.insert("accounts".to_owned());
        // Without apps and activities: it could read those, too.
        let apps = ["leads", "opportunities", "incidents", "tasks", "phonecalls"];
        switches.absent.extend(apps.map(str::to_owned));
        for table in ["contacts", "hlf_certifications"] {
            let depth = |kind: &str| (kind == "Read").then_some(Depth::Global);
            let held = kinds.map(|kind| (kind.to_owned(), depth(kind)));
            switches.privileges.insert(table.to_owned(), held.into());
        }
    });
    dynamics
}

fn terminal(dynamics: &Dynamics) -> Terminal {
    let mut terminal = Terminal::of(dynamics);
    terminal.set("DYNAMICS_CLIENT_SECRET_EXPIRES_ON", "2099-01-01");
    terminal
}

#[tokio::test]
async fn an_environment_that_is_as_it_must_be_ends_with_0_and_nothing_on_standard_error() {
    let dynamics = narrow().await;
    let finished = terminal(&dynamics)
        .run(&["doctor", "--forbidden", "accounts"])
        .await;
    assert_eq!(finished.code, 0, "{finished:?}");
    assert_eq!(finished.words, "");
    let last = finished.data.lines().last().unwrap();
    assert!(
        last.ends_with("fine, 0 with warnings, 0 failed, 0 left out."),
        "{last}"
    );
    dynamics.assert_nothing_leaks(&finished.data);
}

#[tokio::test]
async fn a_warning_ends_with_3_and_a_failure_with_1() {
    let dynamics = narrow().await;
    let terminal = terminal(&dynamics);
    dynamics.simulator.switch(|switches| {
        switches.untracked.insert("contacts".to_owned());
    });
    let finished = terminal.run(&["doctor"]).await;
    assert_eq!(finished.code, 3, "{finished:?}");
    assert!(finished.data.contains("Track changes"), "{finished:?}");
    dynamics
        .simulator
        .switch(|switches| switches.no_application_user = true);
    let finished = terminal.run(&["doctor"]).await;
    assert_eq!(finished.code, 1, "{finished:?}");
    assert_eq!(finished.words, "error: 1 check failed\n");
    assert!(
        finished.data.contains("→ Dynamics administrator:"),
        "{finished:?}"
    );
    assert!(
        finished.data.contains("because of: who am I"),
        "{finished:?}"
    );
}

#[tokio::test]
async fn without_any_setting_the_doctor_says_which_and_ends_with_1() {
    let finished = Terminal::bare().run(&["doctor"]).await;
    assert_eq!(finished.code, 1, "{finished:?}");
    for part in ["DYNAMICS_TENANT_ID", "--streams", "because of: settings"] {
        assert!(finished.data.contains(part), "no {part}: {finished:?}");
    }
}

#[tokio::test]
async fn without_settings_for_aws_those_are_named_too() {
    let dynamics = narrow().await;
    let finished = terminal(&dynamics).run(&["doctor", "--aws"]).await;
    assert_eq!(finished.code, 1, "{finished:?}");
    assert!(finished.data.contains("SYNC_STATE_TABLE"), "{finished:?}");
}

#[tokio::test]
async fn json_has_the_verdict_and_every_check() {
    let dynamics = narrow().await;
    let finished = terminal(&dynamics).run(&["doctor", "--json"]).await;
    let told: Value = serde_json::from_str(&finished.data).unwrap();
    assert_eq!(told["verdict"], "ok");
    assert!(told["checks"].as_array().unwrap().len() > 15);
}

#[tokio::test]
async fn the_report_keeps_to_narrow_and_wide_terminals() {
    let dynamics = narrow().await;
    dynamics.simulator.switch(|switches| {
        switches.untracked.insert("contacts".to_owned());
    });
    for (columns, width) in [("60", 60), ("120", 120)] {
        let mut terminal = terminal(&dynamics);
        terminal.set("COLUMNS", columns);
        let finished = terminal.run(&["doctor"]).await;
        let widest = finished.data.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(width), "{widest:?}: {finished:?}");
        assert!(widest > Some(width * 3 / 4), "{widest:?}: {finished:?}");
        assert!(!finished.data.contains('\u{1b}'), "{finished:?}");
    }
}
