//! Why Entra gives no token, and how it says so.

use serde_json::json;
use uuid::Uuid;

use super::{Answer, Context};
use crate::world::seeded::wide;

/// An error of Entra: HTTP status, OAuth error, AADSTS code, first line of the description.
pub(super) struct Denied {
    pub(super) status: u16,
    pub(super) error: &'static str,
    pub(super) code: u32,
    pub(super) text: String,
}

impl Denied {
    pub(super) fn new(
        status: u16,
        error: &'static str,
        code: u32,
        text: impl Into<String>,
    ) -> Self {
        Self {
            status,
            error,
            code,
            text: text.into(),
        }
    }

    /// 401 `invalid_client`: the application did not prove who it is.
    pub(super) fn client(code: u32, text: impl Into<String>) -> Self {
        Self::new(401, "invalid_client", code, text)
    }

    pub(super) fn answer(&self, context: &Context<'_>) -> Answer {
        let number = context.simulator.next_number();
        let trace = Uuid::from_u128(wide(0x7472_6163, number));
        let correlation = Uuid::from_u128(wide(0x636f_7272, number));
        let timestamp = context.now.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let body = json!({
            "error": self.error,
            "error_description": format!(
                "AADSTS{}: {}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\n\
                 Timestamp: {timestamp}",
                self.code, self.text
            ),
            "error_codes": [self.code],
            "timestamp": timestamp,
            "trace_id": trace.to_string(),
            "correlation_id": correlation.to_string(),
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.code),
        });
        Answer::json(self.status, &body)
    }
}
