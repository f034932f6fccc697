//! The annotations that an error carries for callers who ask for them.

use serde_json::{Map, Value as Json, json};

use super::Answer;

const PREFIX: &str = "@Microsoft.PowerApps.CDS.";

/// Empties the code of an error envelope.
pub(super) fn without_code(mut answer: Answer) -> Answer {
    if let Ok(mut body) = serde_json::from_slice::<Json>(&answer.body)
        && let Some(code) = body.pointer_mut("/error/code")
    {
        *code = Json::from("");
        answer.body = body.to_string().into_bytes();
    }
    answer
}

/// Annotates the error envelope of a refusal; any other answer stays as it is.
pub(super) fn annotate(mut answer: Answer) -> Answer {
    if answer.status < 400 {
        return answer;
    }
    let Ok(Json::Object(mut body)) = serde_json::from_slice::<Json>(&answer.body) else {
        return answer;
    };
    if let Some(Json::Object(error)) = body.get_mut("error") {
        let more = details(error, answer.status);
        error.extend(more);
        answer.body = Json::Object(body).to_string().into_bytes();
    }
    answer
}

fn details(error: &Map<String, Json>, status: u16) -> Map<String, Json> {
    let text = |name: &str| error.get(name).and_then(Json::as_str).unwrap_or_default();
    let (code, message) = (text("code"), text("message"));
    let exception = code.trim_start_matches("0x");
    let mut details = Map::new();
    let mut add = |name: &str, value: Json| details.insert(format!("{PREFIX}{name}"), value);
    add("ErrorDetails.OperationStatus", json!("0"));
    add("ErrorDetails.ApiExceptionCategory", json!("ClientError"));
    if let Some(name) = message_name(code) {
        // The service's own spelling.
        add("ErrorDetails.ApiExceptionMesageName", json!(name));
    }
    add(
        "ErrorDetails.ApiExceptionHttpStatusCode",
        json!(status.to_string()),
    );
    add(
        "HelpLink",
        json!(format!(
            "http://go.microsoft.com/fwlink/?LinkID=398563&error=Microsoft.Crm.CrmException\
             %3a{exception}&client=platform"
        )),
    );
    add("TraceText", json!(""));
    add("InnerError.Message", json!(message));
    details
}

/// The names of the codes that have a documented one.
fn message_name(code: &str) -> Option<&'static str> {
    Some(match code {
        "0x80040200" => "RequiredFieldMissing",
        "0x80040203" => "InvalidArgument",
        "0x80040220" => "PrivilegeDenied",
        "0x80040217" => "ObjectDoesNotExist",
        "0x80040237" => "DuplicateRecord",
        "0x80044151" => "SqlTimeout",
        "0x80044331" => "ValidationError",
        "0x80060891" => "RecordNotFoundByEntityKey",
        "0x80060892" => "DuplicateRecordEntityKey",
        "0x80072321" => "ThrottlingTimeExceeded",
        "0x80072322" => "ThrottlingBurstRequestLimitExceeded",
        "0x80072326" => "ThrottlingConcurrencyLimitExceeded",
        "0x80041d52" => "ExpiredOAuthToken",
        "0x80044302" => "RequestIsNotAuthenticated",
        "0x80044352" => "ExpiredVersionStamp",
        "0x8004F506" => "QueryContainedSecuredAttributeWithoutAccess",
        "0x80060882" => "ConcurrencyVersionMismatch",
        "0x80072560" => "UserNotMemberOfOrg",
        _ => return None,
    })
}
