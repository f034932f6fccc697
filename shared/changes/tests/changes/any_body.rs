//! Whatever a body is made of, it is answered.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::{World, renewal};

fn answered(cases: u32, bodies: impl Strategy<Value = Vec<u8>>) {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(World::start());
    let mut runner = TestRunner::new(Config::with_cases(cases));
    let tested = runner.run(&(bodies, "[!-~]{1,20}"), |(body, key)| {
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", key.as_str()),
        ];
        let before = runtime.block_on(world.items());
        let answer = runtime.block_on(world.call("POST /changes", &headers, &body));
        let stored = runtime.block_on(world.items()) > before;
        let status = answer.status;
        prop_assert!(
            status == 202 || (400..500).contains(&status),
            "{}",
            answer.text
        );
        prop_assert!(!stored || status == 202, "{}", answer.text);
        Ok(())
    });
    tested.unwrap();
}

#[test]
fn any_bytes_are_refused_or_taken_in_and_never_a_panic() {
    answered(300, prop::collection::vec(any::<u8>(), 0..200));
}

#[test]
fn a_good_body_with_any_bytes_in_it_is_refused_or_taken_in_and_never_a_panic() {
    let good = renewal().to_string().into_bytes();
    let spoilt = (
        0..good.len(),
        0..20_usize,
        prop::collection::vec(any::<u8>(), 0..20),
    );
    answered(
        300,
        spoilt.prop_map(move |(from, length, put)| {
            let mut body = good.clone();
            let to = (from + length).min(body.len());
            body.splice(from..to, put);
            body
        }),
    );
}

#[test]
fn a_body_with_any_json_in_its_places_is_refused_or_taken_in_and_never_a_panic() {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("2027-03-31")),
        Just(json!("active")),
        Just(json!(crate::support::KARI)),
    ];
    let names = prop_oneof![
        any::<String>(),
        Just("id".to_owned()),
        Just("mentor_code".to_owned()),
        Just("status".to_owned()),
        Just("valid_to".to_owned()),
        Just("mentor".to_owned()),
        Just("email".to_owned()),
        Just("score".to_owned()),
    ];
    let any_json = leaf.prop_recursive(3, 20, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(names.clone(), inner, 0..5)
                .prop_map(|members| members.into_iter().collect()),
        ]
    });
    let members = [
        "stream",
        "operation",
        "key",
        "fields",
        "changed_at",
        "base_version",
        "other",
    ];
    let replaced = prop::collection::vec((prop::sample::select(members.to_vec()), any_json), 0..3);
    answered(
        300,
        replaced.prop_map(|replaced| {
            let mut body = renewal();
            for (member, value) in replaced {
                body[member] = value;
            }
            body.to_string().into_bytes()
        }),
    );
}
