//! What the gateway asks: the event of a REQUEST authorizer, as far as it matters here.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html>

use std::collections::BTreeMap;

use keys::Shown;
use serde::Deserialize;
use serde_json::Value;

/// A question of the gateway's.
#[derive(Debug)]
pub(crate) struct Question {
    /// The ARN of the stage that was called: `arn:aws:execute-api:{region}:{account}:{api}/{stage}`.
    pub(crate) stage: String,
    /// What the caller shows.
    pub(crate) shown: Option<Shown>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    method_arn: String,
    // The gateway leaves both out, or says null, where there is no header.
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    #[serde(default)]
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
}

/// The question of this event; `None` if it is none.
pub(crate) fn read(event: Value) -> Option<Question> {
    let event: Event = serde_json::from_value(event).ok()?;
    Some(Question {
        stage: stage(&event.method_arn)?,
        shown: event.authorization().and_then(Shown::of),
    })
}

impl Event {
    /// The one header of that name. Of two the gateway tells only the last among the plain headers.
    fn authorization(&self) -> Option<&str> {
        let named = |name: &String| name.eq_ignore_ascii_case("authorization");
        let lists = self.multi_value_headers.iter().flatten();
        let all = lists.filter(|(name, _)| named(name));
        if all.map(|(_, values)| values.len()).sum::<usize>() > 1 {
            return None;
        }
        let mut plain = self.headers.iter().flatten();
        let found = plain.find(|(name, _)| named(name));
        let twice = plain.any(|(name, _)| named(name));
        found.filter(|_| !twice).map(|(_, value)| value.as_str())
    }
}

/// The ARN of a method, `…/{stage}/{method}/{path}`, without the last two.
fn stage(method_arn: &str) -> Option<String> {
    let mut parts = method_arn.splitn(4, '/');
    let (api, stage, _method) = (parts.next()?, parts.next()?, parts.next()?);
    let is_api = api.starts_with("arn:") && api.contains(":execute-api:") && !stage.is_empty();
    is_api.then(|| format!("{api}/{stage}"))
}
