//! No value of a change gets into a problem, a log line or `Debug`.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::{World, renewal};

/// What the process has logged; one subscriber for all tests, since `tracing` remembers of each line
/// whether anybody listened to it first.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn logged() -> &'static Logged {
    static LOGGED: OnceLock<Logged> = OnceLock::new();
    LOGGED.get_or_init(|| {
        let logged = Logged::default();
        let writer = logged.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone());
        tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
        logged
    })
}

/// A value that no message of ours has in it by itself.
fn marked() -> impl Strategy<Value = Value> {
    prop_oneof![
        "zq[a-z0-9ø \"\\\\/-]{3,30}zq".prop_map(Value::from),
        (77_770_000_i64..77_779_999).prop_map(Value::from),
    ]
}

/// A body with marked values wherever one may stand; some make it a good one.
fn body() -> impl Strategy<Value = (Value, Vec<String>)> {
    let places = prop_oneof![
        Just("/stream"),
        Just("/operation"),
        Just("/key"),
        Just("/key/mentor_code"),
        Just("/key/id"),
        Just("/fields"),
        Just("/fields/status"),
        Just("/fields/valid_to"),
        Just("/fields/mentor"),
        Just("/fields/mentor/email"),
        Just("/fields/score"),
        Just("/fields/issued_by"),
        Just("/fields/last_synced"),
        Just("/fields/mentor_code"),
        Just("/fields/unknown"),
        Just("/changed_at"),
        Just("/base_version"),
        Just("/unknown"),
    ];
    prop::collection::vec((places, marked()), 1..6).prop_map(|marks| {
        let mut body = renewal();
        let mut marked = Vec::new();
        for (place, value) in marks {
            put(&mut body, place, value.clone());
            // A version is no value, and is shown.
            if place == "/base_version" && value.is_i64() {
                continue;
            }
            let text = value.to_string();
            marked.push(text.trim_matches('"').to_owned());
            marked.extend(value.as_str().map(ToOwned::to_owned));
        }
        (body, marked)
    })
}

fn put(body: &mut Value, place: &str, value: Value) {
    let mut at = body;
    for name in place.split('/').skip(1) {
        if !at.is_object() {
            *at = json!({});
        }
        at = &mut at[name];
    }
    *at = value;
}

#[test]
fn a_refused_body_is_answered_and_logged_without_its_values() {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(World::start());
    let logged = logged();
    let mut runner = TestRunner::new(Config::with_cases(400));
    let tested = runner.run(&(body(), any::<u64>()), |((body, marked), key)| {
        let answer = runtime.block_on(world.hand_in(&key.to_string(), &body));
        let log = String::from_utf8_lossy(&logged.0.lock().unwrap()).into_owned();
        for value in &marked {
            prop_assert!(!answer.text.contains(value), "{value}: {}", answer.text);
            prop_assert!(!log.contains(value), "{value} was logged");
        }
        prop_assert!([202, 422].contains(&answer.status), "{}", answer.text);
        Ok(())
    });
    tested.unwrap();
    let log = String::from_utf8_lossy(&logged.0.lock().unwrap()).into_owned();
    assert!(log.contains("invalid-change"), "the log was listened to");
}

#[tokio::test]
async fn a_problem_and_a_change_are_printed_without_values() {
    let world = World::start().await;
    let mut body = renewal();
    body["fields"] =
        json!({ "comment": "Kari was ill", "mentor": { "email": "kari@example.org" } });
    let change = world
        .changes
        .accept("app", "k1", body.to_string().as_bytes())
        .await
        .unwrap();
    let printed = format!("{change:?} {:?}", world.changes);
    for value in ["Kari was ill", "kari@example.org", "M-1001"] {
        assert!(!printed.contains(value), "{printed}");
    }
    body["fields"]["status"] = json!("Kari");
    body["key"] = json!({ "id": "Kari's" });
    let problem = world
        .changes
        .accept("app", "k2", body.to_string().as_bytes())
        .await
        .unwrap_err();
    let printed = format!("{problem} {problem:?}");
    assert!(!printed.contains("Kari"), "{printed}");
    assert!(
        printed.contains("/fields/status: expected one of `active`"),
        "{printed}"
    );
}
