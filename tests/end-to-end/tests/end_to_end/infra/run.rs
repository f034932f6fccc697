//! The state machine: what becomes of each answer of the function.

use std::collections::BTreeSet;

use serde_json::Value;

use super::template::{Template, plain};

#[test]
fn the_state_machine_is_as_it_was_reviewed() {
    let Some(template) = Template::new() else {
        return;
    };
    let definition = serde_json::to_string_pretty(&definition(&template)).unwrap();
    insta::assert_snapshot!("state_machine", definition);
}

#[test]
fn every_state_can_be_reached_and_only_two_end_a_run() {
    let Some(template) = Template::new() else {
        return;
    };
    let definition = definition(&template);
    let states = definition["States"].as_object().unwrap();
    let mut reached = BTreeSet::new();
    let mut next = vec![definition["StartAt"].as_str().unwrap()];
    while let Some(name) = next.pop() {
        if reached.insert(name) {
            let state = states
                .get(name)
                .unwrap_or_else(|| panic!("there is no state {name}"));
            next.extend(followers(state));
        }
    }
    let all: BTreeSet<_> = states.keys().map(String::as_str).collect();
    assert_eq!(reached, all);
    let ends = states
        .iter()
        .filter(|(_, state)| followers(state).is_empty());
    let ends: Vec<_> = ends
        .map(|(name, state)| (name.as_str(), state["Type"].as_str().unwrap()))
        .collect();
    assert_eq!(ends, [("Done", "Succeed"), ("GivenUp", "Fail")]);
}

#[test]
fn the_waits_are_those_of_the_stage() {
    let parameters = [("RetryWaitSeconds", "7"), ("HeldWaitSeconds", "3")];
    let Some(template) = Template::with(&parameters) else {
        return;
    };
    let states = &definition(&template)["States"];
    assert_eq!(states["WaitToTryAgain"]["Seconds"], "{% 7 %}");
    assert_eq!(states["WaitForOther"]["Seconds"], "{% 3 %}");
}

#[test]
fn all_tries_of_a_night_begin_before_six_with_the_defaults() {
    let Some(template) = Template::new() else {
        return;
    };
    let number = |name: &str| -> u32 { template.parameter(name).parse().unwrap() };
    let waits = (number("Tries") - 1) * number("RetryWaitSeconds");
    let last = number("NightlyHour") * 3600 + number("NightlyMinute") * 60 + waits;
    assert!(
        last < 6 * 3600,
        "the last try begins {last} seconds after midnight"
    );
    // And the invocation itself may take all of its time.
    let invocation = template.properties("SyncFunction")["Timeout"]
        .as_u64()
        .unwrap();
    assert!(u64::from(last) + invocation <= 6 * 3600);
}

#[test]
fn what_an_alert_of_the_state_machine_says_is_one_sms() {
    let Some(template) = Template::with(&[("Stage", "production")]) else {
        return;
    };
    let definition = definition(&template);
    let message = definition["States"]["Tell"]["Arguments"]["Message"]
        .as_str()
        .unwrap();
    let address = "https://a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";
    let sent = message
        .replace("{% '", "")
        .replace("' %}", "")
        .replace("' & $status & '", "DynamicsSync.Settings")
        .replace("https://Api.execute-api.eu-north-1.amazonaws.com", address);
    let sender = format!("{}> ", template.parameter("AlertSender"));
    assert!(sent.starts_with("Dynamics Sync production: "), "{sent}");
    assert!(sender.len() + sent.len() <= 160, "{sender}{sent}");
}

/// The definition, its substitutions made.
fn definition(template: &Template) -> Value {
    let machine = template.properties("RunStateMachine");
    assert_eq!(machine["StateMachineType"], "STANDARD");
    let mut text = machine["DefinitionString"].as_str().unwrap().to_owned();
    for (name, value) in machine["DefinitionSubstitutions"].as_object().unwrap() {
        let used = format!("${{{name}}}");
        assert!(text.contains(&used), "{name} is substituted nowhere");
        text = text.replace(&used, &plain(value));
    }
    assert!(
        !text.contains("${"),
        "something is not substituted in {text}"
    );
    serde_json::from_str(&text).unwrap()
}

/// The states that may follow a state.
fn followers(state: &Value) -> Vec<&str> {
    let lists = ["Choices", "Catch"]
        .iter()
        .filter_map(|list| state[*list].as_array())
        .flatten();
    let ways = lists
        .map(|way| &way["Next"])
        .chain([&state["Next"], &state["Default"]]);
    ways.filter_map(Value::as_str).collect()
}
