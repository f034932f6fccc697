//! The deployment on AWS: tables, topics and secrets. Everything here only reads.

mod secrets;
mod tables;
mod topics;

use settings::AlertSettings;
use sync_store::TableNames;

use crate::report::Check;

/// A deployment on AWS.
#[derive(Clone, Debug)]
pub struct Aws {
    /// DynamoDB, in the deployment's region.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// The three tables.
    pub tables: TableNames,
    /// SNS.
    pub sns: aws_sdk_sns::Client,
    /// The topics that alerts go to.
    pub topics: AlertSettings,
    /// Secrets Manager.
    pub secrets: aws_sdk_secretsmanager::Client,
    /// The secret with the named keys, by name or ARN; `None` if there is none.
    pub keys_secret: Option<String>,
}

/// Nine requests at most. The secret with the access to Dynamics is not among them: without it there would
/// be no settings.
pub(crate) async fn checks(aws: &Aws) -> Vec<Check> {
    let mut checks = tables::checks(aws).await;
    checks.extend(topics::checks(aws).await);
    checks.push(secrets::check(aws).await);
    checks
}

/// What to do where AWS gives no answer.
fn access(action: &str) -> String {
    format!("Check the network, AWS_REGION and the AWS credentials, which need {action}.")
}
