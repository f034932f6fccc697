//! A topic of the emulated SNS, and a queue that is subscribed to it: what was published is read back there.
//! The queue gets what is sent to whoever is neither a telephone nor a mailbox, which is the e-mail's text.

use serde_json::{Value, json};

use crate::support::Aws;

/// A topic that somebody is subscribed to.
pub(crate) struct Topic {
    aws: Aws,
    pub(crate) arn: String,
    queue: String,
}

impl Topic {
    pub(crate) async fn create(aws: &Aws, name: &str) -> Self {
        let queue = json!({"QueueName": name});
        let queue = aws.action("sqs", "AmazonSQS.CreateQueue", &queue).await;
        let arn = Aws::arn("sns", name);
        publish_topic(aws, name).await;
        let endpoint = Aws::arn("sqs", name);
        let subscribe = [
            ("Action", "Subscribe"),
            ("TopicArn", &arn),
            ("Protocol", "sqs"),
            ("Endpoint", &endpoint),
        ];
        sns(aws, &subscribe).await;
        Self {
            aws: aws.clone(),
            arn,
            queue: queue["QueueUrl"].as_str().unwrap().to_owned(),
        }
    }

    /// What was published since this was last asked, subject and text, ordered.
    pub(crate) async fn published(&self) -> Vec<(String, String)> {
        let mut published = Vec::new();
        loop {
            let ask = json!({"QueueUrl": self.queue, "MaxNumberOfMessages": 10});
            let answer = self
                .aws
                .action("sqs", "AmazonSQS.ReceiveMessage", &ask)
                .await;
            let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                break;
            }
            for message in messages {
                let body = message["Body"].as_str().unwrap();
                let envelope: Value = serde_json::from_str(body).unwrap();
                let text = |name: &str| envelope[name].as_str().unwrap().to_owned();
                assert_eq!(text("TopicArn"), self.arn);
                published.push((text("Subject"), text("Message")));
                let done = json!({
                    "QueueUrl": self.queue,
                    "ReceiptHandle": message["ReceiptHandle"],
                });
                self.aws
                    .action("sqs", "AmazonSQS.DeleteMessage", &done)
                    .await;
            }
        }
        published.sort();
        published
    }

    /// The same as people would read it.
    pub(crate) async fn read(&self) -> String {
        let published = self.published().await;
        let texts = published
            .iter()
            .map(|(subject, text)| format!("=== {subject}\n{text}\n"));
        texts.collect::<Vec<_>>().join("\n")
    }
}

/// Makes a topic without subscribers.
async fn publish_topic(aws: &Aws, name: &str) {
    sns(aws, &[("Action", "CreateTopic"), ("Name", name)]).await;
}

async fn sns(aws: &Aws, form: &[(&str, &str)]) {
    let request = aws.request("sns", reqwest::Method::POST, "/");
    let encode = |text: &str| text.replace(':', "%3A");
    let form: Vec<_> = form
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    let request = request
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form.join("&"));
    let answer = request.send().await.unwrap();
    assert!(
        answer.status().is_success(),
        "{}",
        answer.text().await.unwrap()
    );
}
