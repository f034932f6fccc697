//! What the service demands of a request's headers.

use axum::http::Method;

use super::Call;
use super::address::Address;
use crate::refusal::Refusal;

/// The versions of the protocol that the service speaks.
const VERSION: &str = "4.0";

/// Refuses a protocol version that the service does not speak, and a body that is no JSON by its own
/// account.
pub(super) fn check(call: &Call) -> Result<(), Refusal> {
    let wrong = |name: &str, value: &str| {
        let message =
            format!("The {name} header's value '{value}' is not supported; use {VERSION}.");
        Refusal::new(400, "0x80060888", message)
    };
    if let Some(value) = call
        .header("odata-version")
        .filter(|value| *value != VERSION)
    {
        return Err(wrong("OData-Version", value));
    }
    // The caller may know later versions, but must understand this one.
    let understood = [VERSION, "4.01"];
    if let Some(value) = call
        .header("odata-maxversion")
        .filter(|value| !understood.contains(value))
    {
        return Err(wrong("OData-MaxVersion", value));
    }
    let writes = [Method::POST, Method::PATCH, Method::PUT].contains(&call.method);
    let media_type = call
        .header("content-type")
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if call.address == Address::Batch {
        return Ok(());
    }
    if writes && !media_type.trim().eq_ignore_ascii_case("application/json") {
        return Err(Refusal::new(
            415,
            "0x80048d19",
            format!(
                "The content type '{media_type}' is not supported; a body is application/json."
            ),
        ));
    }
    Ok(())
}
