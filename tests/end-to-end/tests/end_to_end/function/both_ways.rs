//! From an HTTP call of the app to a row of Dynamics, through the two functions.

use serde_json::json;

use crate::support::{Deployment, answered, call};

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
