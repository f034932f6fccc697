//! One Lambda function in the emulator: made, invoked, its log read.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::aws::{ACCOUNT, Aws};
use super::deployment::Deployment;
use super::packages::{BUCKET, package_of};

/// A function yet to be made.
pub(crate) struct FunctionBuilder<'a> {
    deployment: &'a Deployment,
    binary: &'static str,
    variables: BTreeMap<String, String>,
    timeout: u32,
}

impl<'a> FunctionBuilder<'a> {
    pub(crate) fn new(deployment: &'a Deployment) -> Self {
        Self {
            deployment,
            binary: "sync",
            variables: deployment.variables.clone(),
            timeout: 60,
        }
    }

    /// Of another binary.
    pub(crate) fn running(self, binary: &'static str) -> Self {
        Self { binary, ..self }
    }

    /// With another value for a variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Without a variable.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    /// Stopped after so many seconds.
    pub(crate) fn timeout(mut self, seconds: u32) -> Self {
        self.timeout = seconds;
        self
    }

    /// Makes it.
    pub(crate) async fn create(self) -> Function {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let Deployment { aws, name, .. } = self.deployment;
        let name = format!("{name}-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let body = json!({
            "FunctionName": name,
            "Runtime": "provided.al2023",
            "Role": format!("arn:aws:iam::{ACCOUNT}:role/sync"),
            "Handler": "bootstrap",
            "Timeout": self.timeout,
            "Code": {"S3Bucket": BUCKET, "S3Key": package_of(self.binary)},
            "Environment": {"Variables": self.variables},
        });
        aws.post("lambda", "/2015-03-31/functions", &body).await;
        Function {
            aws: aws.clone(),
            name,
        }
    }
}

/// A function that can be invoked.
pub(crate) struct Function {
    aws: Aws,
    name: String,
}

/// What an invocation answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Whether the invocation itself failed.
    pub(crate) failed: bool,
    pub(crate) payload: Value,
}

impl Function {
    /// One that is there already.
    pub(crate) fn named(aws: &Aws, name: &str) -> Self {
        Self {
            aws: aws.clone(),
            name: name.to_owned(),
        }
    }

    pub(crate) fn arn(&self) -> String {
        Aws::arn("lambda", &format!("function:{}", self.name))
    }

    /// Invokes it and waits for the answer.
    pub(crate) async fn invoke(&self, event: &Value) -> Answer {
        let path = format!("/2015-03-31/functions/{}/invocations", self.name);
        let request = self.aws.request("lambda", reqwest::Method::POST, &path);
        let answer = request.body(event.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let failed = answer.headers().contains_key("X-Amz-Function-Error");
        let text = answer.text().await.unwrap();
        Answer {
            failed,
            payload: serde_json::from_str(&text).unwrap(),
        }
    }

    /// Invokes it and expects the answer of a run.
    pub(crate) async fn run(&self, event: &Value) -> Value {
        let Answer { failed, payload } = self.invoke(event).await;
        assert!(!failed, "the invocation failed: {payload}");
        payload
    }

    /// Invokes it and expects a failure: its type and message.
    pub(crate) async fn fail(&self, event: &Value) -> (String, String) {
        let Answer { failed, payload } = self.invoke(event).await;
        assert!(failed, "the invocation did not fail: {payload}");
        let text = |member: &str| payload[member].as_str().unwrap().to_owned();
        (text("errorType"), text("errorMessage"))
    }

    /// What it has written to its log.
    pub(crate) async fn log(&self) -> Vec<String> {
        let group = json!({"logGroupName": format!("/aws/lambda/{}", self.name), "limit": 10_000});
        let found = self
            .aws
            .action("logs", "Logs_20140328.FilterLogEvents", &group)
            .await;
        let events = found["events"].as_array().unwrap();
        events
            .iter()
            .map(|event| event["message"].as_str().unwrap().to_owned())
            .collect()
    }
}
