//! The page in a real browser: in every state and both languages, narrow and wide, light and dark, with an
//! automated accessibility check, and with each of its buttons pressed where no script runs.

#[path = "../../../../../shared/health/tests/health/states.rs"]
mod states;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use clock::{Clock, SystemClock};
use serde_json::{Value, json};
use streams::Language;

use self::states::State;
use crate::support::{PageHost, program, python};

const WHAT: &str = "the page in a browser";
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_reads_well_for_everybody_and_its_buttons_work_without_scripts() {
    let (Some(python), Some(browser)) = (python(WHAT), program(&BROWSERS, WHAT, "chromium")) else {
        return;
    };
    let mut hosts = Vec::new();
    let mut pages: Vec<Value> = Vec::new();
    for state in State::ALL {
        for (language, tag) in [(Language::Nb, "nb"), (Language::En, "en")] {
            let host = PageHost::start(states::file(language)).await;
            state
                .fill(&host.store, &host.changes, SystemClock.now())
                .await;
            pages.push(json!({
                "url": host.url(),
                "name": format!("{state:?}-{tag}").to_lowercase(),
                "language": tag,
                "buttons": buttons(state),
            }));
            hosts.push(host);
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/page/browser.py");
    let asked = json!({"browser": browser, "pages": pages}).to_string();
    let said = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(python);
        command.arg("-I").arg(script);
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = process.stdin.take().unwrap();
        input.write_all(asked.as_bytes()).unwrap();
        drop(input);
        let output = process.wait_with_output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{said}");
        said
    });
    let said = said.await.unwrap();
    assert_eq!(said.trim(), format!("{} pages are good", pages.len()));
}

/// What must be possible in each state, at least.
fn buttons(state: State) -> Vec<&'static str> {
    let always = ["runs", "alerts/test"];
    let more: &[_] = match state {
        State::Empty | State::Healthy => &[],
        State::Degraded => &[
            "changes/retry",
            "changes/drop",
            "changes/keep-app",
            "changes/keep-dynamics",
        ],
        State::Broken => &["streams/release"],
    };
    always.iter().chain(more).copied().collect()
}
