//! From an HTTP call of the app to a row of Dynamics, through the two functions.

use serde_json::{Value, json};

use crate::support::Deployment;

const STREAMS: &str = r#"
time_zone = "Europe/Oslo"
[[stream]]
name      = "certifications"
table     = "hlf_certifications"
direction = "both"
key       = ["hlf_mentorcode"]
[stream.fields]
mentor_code = "hlf_mentorcode"
status      = { column = "hlf_status", choice = { active = 1, expired = 2, suspended = 3 } }
comment     = "hlf_comment"
"#;

/// What API Gateway's REST API makes of a call that the authorizer let pass:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>
fn call(method: &str, path: &str, scopes: &str, body: Option<Value>) -> Value {
    let headers = json!({
        "content-type": "application/json",
        "idempotency-key": "renewal-4711",
        "host": "api.example.no"
    });
    json!({
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {},
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "pathParameters": {"proxy": path.trim_start_matches('/')},
        "stageVariables": null,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdef1234",
            "authorizer": {"principalId": "app", "key": "app", "scopes": scopes},
            "httpMethod": method,
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "app"},
            "path": format!("/prod{path}"),
            "protocol": "HTTP/1.1",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "resourceId": "123456",
            "resourcePath": "/{proxy+}",
            "stage": "prod"
        },
        "body": body.map(|body| body.to_string()),
        "isBase64Encoded": false
    })
}

fn answered(answer: &Value) -> (u64, Value) {
    let status = answer["statusCode"].as_u64().unwrap();
    let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    (status, body)
}

#[tokio::test]
async fn a_change_that_was_answered_with_202_is_in_dynamics_after_the_next_run() {
    let Some(mut deployment) = Deployment::new("both-ways").await else {
        return;
    };
    deployment.put_streams(STREAMS);
    let sync = deployment.function().create().await;
    let changes = deployment.function().running("changes").create().await;
    sync.run(&json!({"run_id": "night-1"})).await;

    let body = json!({
        "stream": "certifications",
        "operation": "update",
        "key": {"mentor_code": "M-1001"},
        "fields": {"status": "suspended", "comment": "until further notice"}
    });
    let post = call("POST", "/changes", "changes", Some(body));
    let (status, accepted) = answered(&changes.run(&post).await);
    assert_eq!(
        (status, &accepted["state"]),
        (202, &json!("waiting")),
        "{accepted}"
    );
    let (status, again) = answered(&changes.run(&post).await);
    assert_eq!((status, &again["id"]), (202, &accepted["id"]));

    let answer = sync.run(&json!({"run_id": "night-2"})).await;
    assert_eq!(answer["streams"][0]["pushed"], 1, "{answer}");
    let rows = deployment.dynamics.simulator.truth("hlf_certifications");
    let row = rows.unwrap().find(|row| row["hlf_mentorcode"] == "M-1001");
    assert_eq!(row.unwrap()["hlf_comment"], "until further notice");

    let path = format!("/changes/{}", accepted["id"].as_str().unwrap());
    let get = call("GET", &path, "read", None);
    let (status, shown) = answered(&changes.run(&get).await);
    assert_eq!(
        (status, &shown["state"]),
        (200, &json!("applied")),
        "{shown}"
    );
    let (status, _) = answered(
        &changes
            .run(&call("POST", &format!("{path}/retry"), "read", None))
            .await,
    );
    assert_eq!(status, 403);
}
