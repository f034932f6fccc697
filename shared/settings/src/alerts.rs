//! Where alerts go, and what their links point to. All of it may be left out: alerts then go to the log.

use crate::Problems;
use crate::environment::{Environment, text};

/// Where alerts go.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AlertSettings {
    /// ARN of the topic of those who run the sync (`SYNC_OPERATIONS_TOPIC_ARN`).
    pub operations_topic: Option<String>,
    /// ARN of the topic of those who look after what is synced (`SYNC_COORDINATORS_TOPIC_ARN`).
    pub coordinators_topic: Option<String>,
    /// The address of the page, without a slash at its end (`SYNC_PUBLIC_URL`).
    pub public_url: Option<String>,
}

/// Reads where alerts go.
pub fn alert_settings(env: &Environment<'_>, problems: &mut Problems) -> AlertSettings {
    AlertSettings {
        operations_topic: topic(env, "SYNC_OPERATIONS_TOPIC_ARN", problems),
        coordinators_topic: topic(env, "SYNC_COORDINATORS_TOPIC_ARN", problems),
        public_url: public_url(env, problems),
    }
}

fn topic(env: &Environment<'_>, variable: &str, problems: &mut Problems) -> Option<String> {
    let arn = text(env, variable)?;
    if is_topic(&arn) {
        return Some(arn);
    }
    problems.add(
        variable,
        "is malformed; expected the ARN of an SNS topic, arn:aws:sns:REGION:ACCOUNT:NAME",
    );
    None
}

/// The form: <https://docs.aws.amazon.com/sns/latest/dg/sns-create-topic.html>. FIFO topics, whose names end
/// in `.fifo`, reach neither e-mail nor SMS.
fn is_topic(arn: &str) -> bool {
    let parts: Vec<_> = arn.split(':').collect();
    let [arn, partition, service, region, account, name] = parts.as_slice() else {
        return false;
    };
    let word = |text: &str, length: usize| {
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        (1..=length).contains(&text.len()) && text.chars().all(good)
    };
    *arn == "arn"
        && partition.starts_with("aws")
        && word(partition, 16)
        && *service == "sns"
        && word(region, 32)
        && account.len() == 12
        && account.chars().all(|c| c.is_ascii_digit())
        && word(name, 256)
}

fn public_url(env: &Environment<'_>, problems: &mut Problems) -> Option<String> {
    let variable = "SYNC_PUBLIC_URL";
    let url = text(env, variable)?;
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    // It stands in messages as it is given, so nothing may be in it that a reader would not take for part
    // of it.
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]".contains(c);
    if rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain)) {
        return Some(url.trim_end_matches('/').to_owned());
    }
    problems.add(
        variable,
        "is malformed; expected the address of the page, such as https://sync.example.org/prod, without `?` and `#`",
    );
    None
}
