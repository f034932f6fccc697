//! `dynamics-sync export`, live from Dynamics.

use dynamics_simulator::{Class, Effect, Fault, RetryAfter};

use super::copy::good;
use crate::support::{Dynamics, Terminal};

#[tokio::test]
async fn an_export_is_live_unless_the_copy_is_asked_for_and_needs_no_sync_before() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let export = good(&terminal, &["export", "members"]).await;
    let text = export.data.strip_prefix('\u{feff}').unwrap();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_reader(text.as_bytes());
    let rows = reader.records().map(Result::unwrap).count();
    assert_eq!(rows, dynamics.active("contacts").len());
    let told = format!("{rows} rows of stream `members` from Dynamics");
    assert!(export.words.contains(&told), "{}", export.words);
}

#[tokio::test]
async fn an_export_that_breaks_off_ends_in_its_line_and_with_1_and_leaves_no_file() {
    let dynamics = Dynamics::start().await;
    let simulator = &dynamics.simulator;
    simulator.burst("contacts", 5_500, 0, 0).unwrap();
    simulator.switch(|switches| switches.refuse_next_links = true);
    let terminal = Terminal::of(&dynamics);
    let export = terminal.run(&["export", "members"]).await;
    assert_eq!(export.code, 1, "{}", export.words);
    assert!(export.data.ends_with("\r\n#INCOMPLETE\r\n"));
    assert!(export.words.contains("broke off"), "{}", export.words);

    terminal.write("members.csv", "the last good one");
    let export = terminal
        .run(&["export", "members", "--output", "members.csv"])
        .await;
    assert_eq!(export.code, 1, "{export:?}");
    let path = terminal.folder.path().join("members.csv");
    let kept = std::fs::read_to_string(path).unwrap();
    assert_eq!(kept, "the last good one");
}

#[tokio::test]
async fn while_dynamics_is_down_an_export_fails_and_names_the_copy() {
    let dynamics = Dynamics::start().await;
    let terminal = Terminal::of(&dynamics);
    let down = Effect::Status {
        status: 403,
        code: "0x80042f09".into(),
        message: String::new(),
        retry_after: RetryAfter::default(),
        html: false,
    };
    let fault = Fault::on(Class::Token, down).times(u32::MAX);
    dynamics.simulator.inject(fault);
    let export = terminal.run(&["export", "members"]).await;
    assert_eq!((export.code, export.data.as_str()), (1, ""));
    assert!(export.words.contains("--source copy"), "{}", export.words);
}
