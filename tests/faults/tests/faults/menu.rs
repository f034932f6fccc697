//! What the wire to Dynamics may do to an answer, to choose from.

use dynamics_simulator::{Effect, Limit, RetryAfter};
use serde_json::json;
use uuid::Uuid;

use crate::acts::CONTACTS;
use crate::random::Random;

/// One of them; what spoils a row's values spoils the row `id` of `table`.
pub(crate) fn any(random: &mut Random, table: &str, id: Uuid) -> Effect {
    let status = |status, code: &str| Effect::Status {
        status,
        code: code.into(),
        message: String::new(),
        retry_after: RetryAfter::Absent,
        html: false,
    };
    let throttled = Effect::Throttled {
        limit: Limit::Requests,
        retry_after: RetryAfter::Seconds(7),
    };
    let property = match table {
        CONTACTS => "donotemail",
        _ => "hlf_status",
    };
    let unknown = Effect::ReplaceValue {
        id,
        property: property.into(),
        value: json!(99),
    };
    let missing = Effect::MissingValue {
        id,
        property: property.into(),
    };
    let elsewhere = Effect::LinkTo {
        origin: "https://elsewhere.example".into(),
    };
    let too_large = Effect::RowTooLarge { id, bytes: 450_000 };
    let expired = status(400, "0x80060891");
    random.one_of(&[
        throttled,
        status(503, ""),
        status(500, "0x80040216"),
        status(408, ""),
        status(401, ""),
        expired,
        Effect::HtmlPage,
        Effect::EmptyBody,
        Effect::ResetBefore,
        Effect::ResetAfter,
        Effect::CutJson,
        Effect::CutConnection,
        Effect::RepeatNextLink,
        elsewhere,
        unknown,
        missing,
        too_large,
    ])
}
