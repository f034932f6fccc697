//! A state machine's executions: started, waited for, and what the function answered in them.

use serde_json::{Value, json};

use crate::support::Aws;

/// The executions of one state machine, whose ends go into a queue.
pub(super) struct Executions {
    aws: Aws,
    machine: String,
    ended: String,
}

/// One that has ended.
#[derive(Debug)]
pub(super) struct Execution {
    pub(super) name: String,
    pub(super) status: String,
    pub(super) input: Value,
    /// What the function answered, one invocation after the other.
    pub(super) answers: Vec<Value>,
    /// Everything that the service keeps of it.
    pub(super) history: String,
}

impl Executions {
    /// From now on; `name` is for what this needs beside the stack.
    pub(super) async fn of(aws: &Aws, name: &str, machine: &str) -> Self {
        let ended = new_queue(aws, &format!("{name}-ended")).await;
        let rule = json!({
            "Name": format!("{name}-ended"),
            "EventPattern": json!({
                "source": ["aws.states"],
                "detail": {
                    "stateMachineArn": [machine],
                    "status": ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"],
                },
            }).to_string(),
        });
        aws.action("events", "AWSEvents.PutRule", &rule).await;
        let queue = Aws::arn("sqs", &format!("{name}-ended"));
        let targets = json!({"Rule": rule["Name"], "Targets": [{"Id": "queue", "Arn": queue}]});
        aws.action("events", "AWSEvents.PutTargets", &targets).await;
        Self {
            aws: aws.clone(),
            machine: machine.to_owned(),
            ended,
        }
    }

    /// Starts one, as the schedule does.
    pub(super) async fn start(&self, input: &Value) {
        let asked = json!({"stateMachineArn": self.machine, "input": input.to_string()});
        self.aws
            .action("states", "AWSStepFunctions.StartExecution", &asked)
            .await;
    }

    /// The next one that ends.
    pub(super) async fn end(&self) -> Execution {
        let event = receive(&self.aws, &self.ended).await;
        let arn = event["detail"]["executionArn"].clone();
        let asked = json!({"executionArn": arn});
        let told = self
            .aws
            .action("states", "AWSStepFunctions.DescribeExecution", &asked)
            .await;
        let asked = json!({"executionArn": arn, "maxResults": 1000});
        let history = self
            .aws
            .action("states", "AWSStepFunctions.GetExecutionHistory", &asked)
            .await;
        let events = history["events"].as_array().unwrap().iter();
        let outputs = events.filter_map(|event| {
            let output = event["taskSucceededEventDetails"]["output"].as_str()?;
            let output: Value = serde_json::from_str(output).unwrap();
            // Messages that were sent have none.
            output.get("Payload").cloned()
        });
        let text = |member: &str| told[member].as_str().unwrap().to_owned();
        Execution {
            name: text("name"),
            status: text("status"),
            input: serde_json::from_str(&text("input")).unwrap(),
            answers: outputs.collect(),
            history: format!("{told}\n{history}"),
        }
    }
}

impl Execution {
    /// The statuses of the function's answers.
    pub(super) fn statuses(&self) -> Vec<&str> {
        let statuses = self.answers.iter().map(|answer| answer["status"].as_str());
        statuses.map(Option::unwrap).collect()
    }
}

/// A new queue's address.
pub(super) async fn new_queue(aws: &Aws, name: &str) -> String {
    let made = aws
        .action("sqs", "AmazonSQS.CreateQueue", &json!({"QueueName": name}))
        .await;
    made["QueueUrl"].as_str().unwrap().to_owned()
}

/// The next message of a queue, in JSON: receiving waits for it.
pub(super) async fn receive(aws: &Aws, queue: &str) -> Value {
    let wait = json!({"QueueUrl": queue, "WaitTimeSeconds": 20});
    // Three times: an invocation may take as long as a machine that is busy lets it.
    for _ in 0..3 {
        let received = aws.action("sqs", "AmazonSQS.ReceiveMessage", &wait).await;
        let Some(message) = received["Messages"].get(0) else {
            continue;
        };
        let done = json!({"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]});
        aws.action("sqs", "AmazonSQS.DeleteMessage", &done).await;
        return serde_json::from_str(message["Body"].as_str().unwrap()).unwrap();
    }
    panic!("nothing came into {queue}");
}
