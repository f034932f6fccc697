//! Ctrl-C, and being asked to end.

use dynamics_simulator::{Class, Effect, Fault};
use serde_json::Value;

use super::copy::good;
use crate::support::{Begun, Dynamics, StateFile, Terminal, until};

/// The members' first page hangs in the middle until the faults are cleared.
pub(crate) fn stall(dynamics: &Dynamics) {
    let fault = Fault::on(Class::Read, Effect::Stall).table("contacts");
    dynamics.simulator.inject(fault.times(u32::MAX));
}

/// Whether the fault has struck: somebody waits for the rest of a page.
pub(crate) fn has_struck(dynamics: &Dynamics) -> bool {
    let faults = dynamics.simulator.faults_fired();
    faults.iter().any(|fault| fault.fired > 0)
}

/// A sync that waits for its members, while the certifications are loaded.
pub(super) async fn waiting_sync(dynamics: &Dynamics, terminal: &Terminal) -> Begun {
    stall(dynamics);
    let begun = terminal.begin(&["sync"]);
    until("the sync waits for a page", async || has_struck(dynamics)).await;
    until("the certifications are loaded", async || {
        let status = terminal.run(&["status", "--json"]).await;
        let status: Value = serde_json::from_str(&status.data).unwrap();
        status["streams"][1]["position"] == "settled"
    })
    .await;
    begun
}

#[tokio::test]
async fn a_sync_that_is_interrupted_ends_with_130_and_the_next_goes_on_at_once() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let sync = waiting_sync(&dynamics, &terminal).await;
    sync.signal("INT");
    let ended = sync.end().await;
    assert_eq!(
        (ended.code, ended.data.as_str(), ended.words.as_str()),
        (
            130,
            "",
            "interrupted. Everything that was stored is kept; `dynamics-sync sync` goes on from there\n"
        )
    );

    dynamics.simulator.clear_faults();
    let next = good(&terminal, &["sync", "--json"]).await;
    let next: Value = serde_json::from_str(&next.data).unwrap();
    let pulled = [&next["streams"][0]["pulled"], &next["streams"][1]["pulled"]];
    assert_eq!(pulled, [300, 0]);
    dynamics
        .assert_copied_to(&StateFile::of(&terminal).await.store)
        .await;
}

#[tokio::test]
async fn a_sync_that_is_asked_to_end_does_so_with_143() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let sync = waiting_sync(&dynamics, &terminal).await;
    sync.signal("TERM");
    let ended = sync.end().await;
    assert_eq!(ended.code, 143, "{ended:?}");
    assert!(ended.words.starts_with("interrupted. "), "{ended:?}");
}

/// Everything in the folder but what the terminal was given.
fn left_behind(terminal: &Terminal) -> Vec<String> {
    let files = std::fs::read_dir(terminal.folder.path()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| name != "streams.toml" && !name.starts_with("dynamics-sync.db"))
        .collect()
}

/// An export into a file, in the middle of it.
async fn waiting_export(dynamics: &Dynamics, terminal: &Terminal) -> Begun {
    let simulator = &dynamics.simulator;
    simulator.burst("contacts", 5_500, 0, 0).unwrap();
    let fault = Fault::on(Class::Read, Effect::Stall).table("contacts");
    simulator.inject(fault.after(1));
    let begun = terminal.begin(&["export", "members", "--output", "members.csv"]);
    until("the export waits for its second page", async || {
        has_struck(dynamics) && !left_behind(terminal).is_empty()
    })
    .await;
    begun
}

#[tokio::test]
async fn an_export_into_a_file_that_is_interrupted_leaves_no_file() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let dynamics = Dynamics::start().await;
        let terminal = Terminal::of(&dynamics);
        let export = waiting_export(&dynamics, &terminal).await;
        export.signal(signal);
        let ended = export.end().await;
        assert_eq!((ended.code, ended.data.as_str()), (code, ""), "{ended:?}");
        assert!(ended.words.starts_with("interrupted after "), "{ended:?}");
        assert!(
            ended.words.ends_with("rows; no file was written\n"),
            "{ended:?}"
        );
        assert_eq!(left_behind(&terminal), Vec::<String>::new());
    }
}

#[tokio::test]
async fn an_export_to_standard_output_that_is_interrupted_ends_in_its_line() {
    let dynamics = Dynamics::start().await;
    dynamics.simulator.burst("contacts", 5_500, 0, 0).unwrap();
    let fault = Fault::on(Class::Read, Effect::Stall).table("contacts");
    dynamics.simulator.inject(fault.after(1));
    let terminal = Terminal::of(&dynamics);
    let export = terminal.begin(&["export", "members", "--fields", "email"]);
    until("the export waits for its second page", async || {
        has_struck(&dynamics)
    })
    .await;
    export.signal("INT");
    let ended = export.end().await;
    assert_eq!(ended.code, 130, "{}", ended.words);
    assert!(
        ended.data.ends_with("\r\n#INCOMPLETE\r\n"),
        "{}",
        ended.words
    );
    assert!(
        ended.words.contains("ends in the line #INCOMPLETE"),
        "{}",
        ended.words
    );
}

#[tokio::test]
async fn a_second_ctrl_c_ends_what_cannot_wind_down() {
    let dynamics = Dynamics::start().await;
    dynamics.simulator.burst("contacts", 5_500, 0, 0).unwrap();
    let terminal = Terminal::of(&dynamics);
    // Nobody reads what it writes, so that it waits in the middle of that.
    let mut export = terminal.begin(&["export", "members"]);
    until("the export waits for its reader", async || {
        dynamics
            .simulator
            .requests()
            .of_table(Class::Read, "contacts")
            > 1
    })
    .await;
    until("it ends", async || {
        export.signal("INT");
        export.has_ended()
    })
    .await;
    assert_eq!(export.end().await.code, 130);
}

#[tokio::test]
async fn what_stays_up_ends_with_0_when_it_is_stopped() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    for signal in ["INT", "TERM"] {
        for (command, lines) in [(&["simulate", "--contacts", "50"][..], 5), (&["serve"], 1)] {
            let (started, _) = terminal.start(command, lines).await;
            assert_eq!(
                started.signal(signal).await,
                Some(0),
                "{command:?} {signal}"
            );
        }
    }
}

#[tokio::test]
async fn a_serve_that_is_stopped_in_a_run_leaves_the_streams_to_the_next() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let (started, lines) = terminal.start(&["serve"], 2).await;
    stall(&dynamics);
    let run = reqwest::Client::new()
        .post(format!("{}runs", lines[0]))
        .basic_auth("local", Some(&lines[1]));
    assert_eq!(run.send().await.unwrap().status(), 202);
    until("the run waits for a page", async || has_struck(&dynamics)).await;
    assert_eq!(started.signal("INT").await, Some(0));
    dynamics.simulator.clear_faults();
    good(&terminal, &["sync"]).await;
}
