//! What the description says that the code says too.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sync_store::ChangeState;
use web::{ProblemKind, ROUTES, Scope};

use super::FILE;
use crate::support::yaml;

const WHAT: &str = "the description of the HTTP API";

#[test]
fn every_call_is_described_with_its_scopes_and_there_is_no_other() {
    let Some(document) = yaml(FILE, WHAT) else {
        return;
    };
    let described: BTreeMap<String, Value> = operations(&document)
        .map(|(call, operation)| {
            let open = operation.get("security") == Some(&json!([]));
            (call, json!([operation["x-sync-scopes"], open]))
        })
        .collect();
    let routes: BTreeMap<String, Value> = ROUTES
        .iter()
        .map(|route| {
            let call = format!("{} {}", route.method, route.path);
            let scopes: Vec<&str> = route
                .scopes
                .iter()
                .map(|scope| Scope::name(*scope))
                .collect();
            (call, json!([scopes, route.is_open()]))
        })
        .collect();
    assert_eq!(described, routes);
    assert_eq!(document["security"], json!([{"key": []}]));
}

#[test]
fn every_code_of_a_problem_and_every_state_of_a_change_is_described() {
    let Some(document) = yaml(FILE, WHAT) else {
        return;
    };
    let schemas = &document["components"]["schemas"];
    let codes = ProblemKind::ALL.map(ProblemKind::code);
    assert_eq!(
        schemas["Problem"]["properties"]["code"]["enum"],
        json!(codes)
    );
    let states = ChangeState::ALL.map(ChangeState::name);
    assert_eq!(schemas["ChangeState"]["enum"], json!(states));
}

#[test]
fn whatever_needs_a_key_says_what_comes_without_one_and_what_an_answer_is_made_of() {
    let Some(document) = yaml(FILE, WHAT) else {
        return;
    };
    for (call, operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap();
        let told = |status: &str| responses.contains_key(status);
        let open = operation.get("security").is_some();
        assert_eq!(told("401") && told("403"), !open, "{call}");
        assert!(told("429") && told("500") && told("504"), "{call}");
    }
    // API Gateway takes this version of OpenAPI, and so do most tools.
    assert!(document["openapi"].as_str().unwrap().starts_with("3.0."));
}

fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods
            .filter(|(method, _)| *method != "parameters")
            .map(move |(method, operation)| {
                (format!("{} {path}", method.to_uppercase()), operation)
            })
    })
}
