//! As deployed: a schedule starts a state machine, which calls the function.

use serde_json::{Value, json};

use crate::support::{Aws, Deployment, Function};

#[tokio::test]
async fn a_schedule_that_is_due_runs_the_function_with_the_schedulers_own_event() {
    let Some(deployment) = Deployment::new("schedule").await else {
        return;
    };
    let aws = &deployment.aws;
    let function = deployment.function().create().await;
    let queue = aws
        .action(
            "sqs",
            "AmazonSQS.CreateQueue",
            &json!({"QueueName": "ended"}),
        )
        .await;
    let queue = queue["QueueUrl"].as_str().unwrap();
    let machine = json!({
        "name": "nightly",
        "definition": definition(&function, queue).to_string(),
        "roleArn": "arn:aws:iam::123456789012:role/nightly",
    });
    aws.action("states", "AWSStepFunctions.CreateStateMachine", &machine)
        .await;
    let schedule = json!({
        // Due already, so it is started with the emulator's next look.
        "ScheduleExpression": "at(2026-01-01T00:00:00)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": Aws::arn("states", "stateMachine:nightly"),
            "RoleArn": "arn:aws:iam::123456789012:role/nightly",
        },
    });
    aws.post("scheduler", "/schedules/nightly", &schedule).await;

    let wait = json!({"QueueUrl": queue, "WaitTimeSeconds": 20});
    let ended = aws.action("sqs", "AmazonSQS.ReceiveMessage", &wait).await;
    let body = ended["Messages"][0]["Body"]
        .as_str()
        .expect("the state machine did not end");
    let ended: Value = serde_json::from_str(body).unwrap();
    assert_eq!(ended["event"]["source"], "aws.scheduler");
    assert_eq!(ended["event"]["detail-type"], "Scheduled Event");
    assert_eq!(ended["answer"]["status"], "complete", "{ended}");
    assert_eq!(ended["answer"]["run_id"], ended["event"]["id"]);
    deployment
        .dynamics
        .assert_copied_to(&deployment.store)
        .await;
}

/// Calls the function with what the schedule sent, then says so in the queue: receiving from it waits
/// without asking again and again.
fn definition(function: &Function, queue: &str) -> Value {
    json!({
        "StartAt": "Sync",
        "States": {
            "Sync": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": function.arn(), "Payload.$": "$"},
                "Next": "Tell"
            },
            "Tell": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sqs:sendMessage",
                "Parameters": {
                    "QueueUrl": queue,
                    "MessageBody": {"event.$": "$$.Execution.Input", "answer.$": "$.Payload"}
                },
                "End": true
            }
        }
    })
}
