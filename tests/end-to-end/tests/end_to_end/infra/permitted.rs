//! The roles against what the real functions ask AWS for: enough, and no more. (The emulator lets everybody do
//! everything.)

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::recorder::Asked;
use super::roles::{list, statements};
use super::template::Template;
use super::usage;
use crate::support::{Aws, Deployment};

const STREAMS: &str = include_str!("../../../../../infra/streams/hlf.toml");

/// Allowed, and not surely asked for by what is done here; each with the reason for which it is needed.
const UNTRIED: [(&str, &str, &str, &str); 4] = [
    (
        "SyncRole",
        "dynamodb:ConditionCheckItem",
        "ChangesTable.Arn",
        "a place in the queue whose change is gone, which a kill leaves behind",
    ),
    (
        "SyncRole",
        "sns:Publish",
        "arn:aws:sns:eu-north-1:123456789012:CoordinatorsTopic",
        "coordinators are told by day only",
    ),
    (
        "HealthRole",
        "dynamodb:PutItem",
        "StateTable.Arn",
        "a condition is noticed whose message waits for the day",
    ),
    (
        "HealthRole",
        "dynamodb:DeleteItem",
        "StateTable.Arn",
        "a condition is over of which nobody was told",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_role_lets_its_function_do_all_that_it_does_and_what_else_has_a_reason() {
    let (Some(template), Some(mut deployment)) =
        (Template::new(), Deployment::new("permitted").await)
    else {
        return;
    };
    deployment.put_streams(STREAMS);
    let asked = usage::of_all_functions(&mut deployment).await;
    let names = names(&deployment);
    let mut refused = BTreeSet::new();
    let mut untried = grants(&template);
    for (role, asked) in &asked {
        for one in asked {
            let resource = &names[&one.resource];
            let granted = (role.clone(), one.action.clone(), resource.clone());
            if !is_granted(&template, role, one, resource) {
                refused.insert(granted.clone());
            }
            untried.remove(&granted);
        }
    }
    assert!(refused.is_empty(), "not allowed: {refused:#?}");
    for (role, action, resource, _) in UNTRIED {
        untried.remove(&(role.to_owned(), action.to_owned(), resource.to_owned()));
    }
    assert!(untried.is_empty(), "allowed for nothing: {untried:#?}");
}

/// What the resources of this deployment are called in the template.
fn names(deployment: &Deployment) -> BTreeMap<String, String> {
    let named = |variable: &str, id: &str| (deployment.variables[variable].clone(), id.to_owned());
    let mut names = BTreeMap::from([
        named("SYNC_STATE_TABLE", "StateTable.Arn"),
        named("SYNC_RECORDS_TABLE", "RecordsTable.Arn"),
        named("SYNC_CHANGES_TABLE", "ChangesTable.Arn"),
        named(
            "DYNAMICS_SECRET_ID",
            &Aws::arn("secretsmanager", "secret:DynamicsSecret-a1b2c3"),
        ),
        named(
            "SYNC_KEYS_SECRET_ID",
            &Aws::arn("secretsmanager", "secret:KeysSecret-a1b2c3"),
        ),
        named(
            "SYNC_OPERATIONS_TOPIC_ARN",
            &Aws::arn("sns", "OperationsTopic"),
        ),
        named(
            "SYNC_COORDINATORS_TOPIC_ARN",
            &Aws::arn("sns", "CoordinatorsTopic"),
        ),
        named(
            "SYNC_STATE_MACHINE_ARN",
            &Aws::arn("states", "stateMachine:dynamics-sync-test-run"),
        ),
    ]);
    for (table, index) in [("records", "by_business_key"), ("changes", "by_state")] {
        let variable = format!("SYNC_{}_TABLE", table.to_uppercase());
        let table = &deployment.variables[&variable];
        let arn = &names[table];
        let (indexed, arn) = (
            format!("{table}/index/{index}"),
            format!("{arn}/index/{index}"),
        );
        names.insert(indexed, arn);
    }
    names
}

/// Every action on every resource that the functions' roles allow and that a recorder sees.
fn grants(template: &Template) -> BTreeSet<(String, String, String)> {
    let mut grants = BTreeSet::new();
    for (role, statement) in statements(template) {
        if ["RunRole", "SchedulesRole", "ReadersPolicy", "AlertsKey"].contains(&role.as_str()) {
            continue;
        }
        for action in list(&statement["Action"]) {
            if action.starts_with("logs:") || action.starts_with("kms:") {
                continue;
            }
            for resource in list(&statement["Resource"]) {
                grants.insert((role.clone(), action.clone(), resource));
            }
        }
    }
    grants
}

fn is_granted(template: &Template, role: &str, asked: &Asked, resource: &str) -> bool {
    statements(template).into_iter().any(|(id, statement)| {
        id == role
            && list(&statement["Action"]).contains(&asked.action)
            && list(&statement["Resource"])
                .iter()
                .any(|granted| granted == resource)
            && is_met(&statement["Condition"], asked)
    })
}

/// Whether the partition key is one that the statement speaks of.
fn is_met(condition: &Value, asked: &Asked) -> bool {
    let Some((operator, keys)) = condition
        .as_object()
        .and_then(|condition| condition.iter().next())
    else {
        return true;
    };
    let allowed = list(&keys["dynamodb:LeadingKeys"]);
    let key = asked.leading_key.as_deref().unwrap();
    match operator.as_str() {
        "ForAllValues:StringEquals" => allowed.iter().any(|one| one == key),
        "ForAllValues:StringLike" => allowed
            .iter()
            .any(|one| key.ends_with(one.trim_start_matches('*'))),
        other => panic!("{other} is not known here"),
    }
}
