//! A deployment on AWS that nobody may look at.

use axum::Router;
use axum::http::HeaderMap;
use serde_json::json;

use crate::aws::{COORDINATORS, GOOD, OPERATIONS, world};

/// Whatever is asked, it is refused; in JSON, or as SNS says it.
async fn denying_server() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answer = |headers: HeaderMap| async move {
        let (kind, body) = match headers.contains_key("x-amz-target") {
            true => (
                "application/x-amz-json-1.0",
                json!({"__type": "AccessDeniedException", "message": "no"}).to_string(),
            ),
            false => (
                "text/xml",
                "<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>no</Message>\
                 </Error><RequestId>r</RequestId></ErrorResponse>"
                    .to_owned(),
            ),
        };
        let status = axum::http::StatusCode::BAD_REQUEST;
        (status, [("content-type", kind)], body)
    };
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

#[tokio::test]
async fn a_deployment_that_may_not_be_looked_at_is_told_with_the_actions_that_it_takes() {
    let mut world = world(GOOD).await;
    let endpoint = denying_server().await;
    let aws = world.bench.aws.as_mut().unwrap();
    let dynamodb = world.engine.config().endpoint_url(&endpoint).build();
    aws.dynamodb = aws_sdk_dynamodb::Client::from_conf(dynamodb);
    let sns = aws.sns.config().to_builder().endpoint_url(&endpoint);
    aws.sns = aws_sdk_sns::Client::from_conf(sns.build());
    let secrets = aws.secrets.config().to_builder().endpoint_url(&endpoint);
    aws.secrets = aws_sdk_secretsmanager::Client::from_conf(secrets.build());
    let table = |name: &str| {
        format!(
            "fail: DynamoDB table of {name}: DynamoDB did not say what table `{name}` is like \
             (AccessDeniedException). → whoever deploys: Check the network, AWS_REGION and the AWS credentials, \
             which need dynamodb:DescribeTable.\n"
        )
    };
    let topic = |variable: &str, arn: &str| {
        format!(
            "fail: SNS topic of {variable}: SNS did not say who is subscribed to {arn} (AuthorizationError). → \
             whoever deploys: Check the network, AWS_REGION and the AWS credentials, which need \
             sns:GetTopicAttributes.\n"
        )
    };
    let expected = [
        table("state"),
        table("records"),
        table("changes"),
        topic("SYNC_OPERATIONS_TOPIC_ARN", OPERATIONS),
        topic("SYNC_COORDINATORS_TOPIC_ARN", COORDINATORS),
    ]
    .concat();
    let findings = world.bench.findings().await;
    let (deployed, secret) = findings.split_at(expected.len());
    assert_eq!(deployed, expected);
    assert_eq!(
        secret,
        "fail: keys secret of sync/keys: The secret \"sync/keys\" may not be read by whoever runs this. → \
         whoever deploys: Check the network, AWS_REGION and the AWS credentials, which need \
         secretsmanager:GetSecretValue, and kms:Decrypt if the secret has a key of its own."
    );
}
