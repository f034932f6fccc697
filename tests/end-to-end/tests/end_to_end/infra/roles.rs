//! The roles: what each may do, exactly.

use std::collections::BTreeMap;

use serde_json::Value;

use super::template::{Template, plain};

/// Where a `*` stands, and why it may.
const WILDCARDS: [(&str, &str, &str); 2] = [
    (
        "AlertsKey",
        "Action",
        "the account itself, without which nobody could ever change the key",
    ),
    (
        "AlertsKey",
        "Resource",
        "a key's policy can speak of no other key",
    ),
];

#[test]
fn each_role_may_do_what_was_reviewed_and_nothing_else() {
    let Some(template) = Template::new() else {
        return;
    };
    insta::assert_snapshot!("roles", lines(&template).join("\n"));
}

#[test]
fn no_action_and_no_resource_is_a_wildcard_but_for_those_with_a_reason() {
    let Some(template) = Template::new() else {
        return;
    };
    let mut found: Vec<(String, &str)> = Vec::new();
    for (id, statement) in statements(&template) {
        for member in ["Action", "Resource"] {
            let values = list(&statement[member]);
            // A log's ARN ends in one by itself: its streams.
            if values.iter().any(|value| value.contains('*')) {
                found.push((id.clone(), member));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    let allowed: Vec<_> = WILDCARDS
        .map(|(id, member, _)| (id.to_owned(), member))
        .into();
    assert_eq!(found, allowed);
}

#[test]
fn a_secret_is_read_only_by_who_needs_it() {
    let Some(template) = Template::new() else {
        return;
    };
    let readers = |secret: &str| -> Vec<String> {
        let all = statements(&template).into_iter();
        let reads = all.filter(|(_, statement)| {
            list(&statement["Action"])
                .iter()
                .any(|action| action.starts_with("secretsmanager:"))
                && list(&statement["Resource"])
                    .iter()
                    .any(|resource| resource.contains(secret))
        });
        reads.map(|(id, _)| id).collect()
    };
    assert_eq!(
        readers("DynamicsSecret"),
        ["ExportRole", "HealthRole", "SyncRole"]
    );
    assert_eq!(readers("KeysSecret"), ["AuthorizerRole"]);
}

#[test]
fn the_export_writes_nothing_but_that_it_exported() {
    let Some(template) = Template::new() else {
        return;
    };
    let writes = ["Put", "Update", "Delete", "Batch", "PartiQL"];
    let statements = statements(&template)
        .into_iter()
        .filter(|(id, _)| id == "ExportRole");
    let writing: Vec<_> = statements
        .map(|(_, statement)| statement)
        .filter(|statement| {
            let actions = list(&statement["Action"]);
            let dynamodb = actions
                .iter()
                .filter_map(|action| action.strip_prefix("dynamodb:"));
            dynamodb
                .into_iter()
                .any(|action| writes.iter().any(|write| action.starts_with(write)))
        })
        .collect();
    let [writing] = writing.as_slice() else {
        panic!("{writing:?}");
    };
    assert_eq!(writing["Action"], "dynamodb:PutItem");
    assert_eq!(writing["Resource"], "StateTable.Arn");
    let keys = &writing["Condition"]["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"];
    assert_eq!(keys, &serde_json::json!(["exports"]));
}

#[test]
fn a_role_is_taken_only_by_the_service_that_it_is_for() {
    let Some(template) = Template::new() else {
        return;
    };
    let roles = template.all("AWS::IAM::Role");
    let services: BTreeMap<_, _> = roles
        .iter()
        .map(|(id, role)| {
            let properties = &role["Properties"];
            assert!(properties.get("ManagedPolicyArns").is_none(), "{id}");
            let trust = properties["AssumeRolePolicyDocument"]["Statement"]
                .as_array()
                .unwrap();
            assert_eq!(trust.len(), 1, "{id}");
            (id.as_str(), plain(&trust[0]["Principal"]["Service"]))
        })
        .collect();
    for (id, service) in services {
        let expected = match id {
            "RunRole" => "states.amazonaws.com",
            "SchedulesRole" => "scheduler.amazonaws.com",
            _ => "lambda.amazonaws.com",
        };
        assert_eq!(service, expected, "{id}");
    }
}

/// A line for each statement.
fn lines(template: &Template) -> Vec<String> {
    let statements = statements(template);
    let line = |(id, statement): &(String, Value)| {
        assert_eq!(statement["Effect"], "Allow");
        let who = statement.get("Principal").map(|who| format!(" for {who}"));
        let condition = statement
            .get("Condition")
            .map(|condition| format!(" if {condition}"));
        format!(
            "{id}: {} on {}{}{}",
            list(&statement["Action"]).join(" "),
            list(&statement["Resource"]).join(" "),
            who.unwrap_or_default(),
            condition.unwrap_or_default(),
        )
    };
    statements.iter().map(line).collect()
}

/// Every statement that allows something, with the resource that it stands at.
pub(super) fn statements(template: &Template) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    let mut take = |id: &str, document: &Value| {
        for statement in document["Statement"].as_array().unwrap() {
            all.push((id.to_owned(), statement.clone()));
        }
    };
    for (id, role) in template.all("AWS::IAM::Role") {
        for policy in role["Properties"]["Policies"].as_array().unwrap() {
            take(&id, &policy["PolicyDocument"]);
        }
    }
    for (id, policy) in template.all("AWS::IAM::ManagedPolicy") {
        take(&id, &policy["Properties"]["PolicyDocument"]);
    }
    for (id, key) in template.all("AWS::KMS::Key") {
        take(&id, &key["Properties"]["KeyPolicy"]);
    }
    all
}

/// One text, or several.
pub(super) fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().map(plain).collect(),
        one => vec![plain(one)],
    }
}
