//! Entra's token endpoint for client credentials.

use std::collections::BTreeMap;

use serde_json::json;

use super::denied::Denied;
use super::{Answer, Context, assertion};

/// What `client_assertion_type` must say: <https://www.rfc-editor.org/rfc/rfc7523#section-2.2>
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Issues a token, or says why not.
pub(crate) fn answer(context: &Context<'_>, tenant: &str) -> Answer {
    match check(context, tenant) {
        Ok(()) => {
            let seconds = context.switches.token_seconds;
            let token = context.simulator.issue_token(context.now, seconds);
            let body = json!({
                "token_type": "Bearer",
                "expires_in": seconds,
                "ext_expires_in": seconds,
                "access_token": token,
            });
            Answer::json(200, &body)
        }
        Err(denied) => denied.answer(context),
    }
}

fn check(context: &Context<'_>, tenant: &str) -> Result<(), Denied> {
    let credentials = context.simulator.credentials();
    if context.call.method != axum::http::Method::POST {
        return Err(Denied::new(
            400,
            "invalid_request",
            900_561,
            "The endpoint only accepts POST requests.",
        ));
    }
    check_tenant(context, tenant)?;
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(&context.call.body)
        .into_owned()
        .collect();
    let field = |name: &str| form.get(name).map(String::as_str);
    if field("grant_type") != Some("client_credentials") {
        return Err(Denied::new(
            400,
            "unsupported_grant_type",
            70_003,
            "The app requested an unsupported grant type. Only client_credentials is simulated.",
        ));
    }
    let client_id = field("client_id").unwrap_or_default();
    if !client_id.eq_ignore_ascii_case(&credentials.client_id) {
        return Err(Denied::new(
            400,
            "unauthorized_client",
            700_016,
            format!(
                "Application with identifier '{client_id}' was not found in the directory 'HLF'. \
                 This can happen if the application has not been installed by the administrator \
                 of the tenant."
            ),
        ));
    }
    check_scope(context, field("scope").unwrap_or_default())?;
    check_application(context, client_id)?;
    match field("client_assertion") {
        None => check_secret(context, client_id, field("client_secret")),
        Some(signed) if field("client_assertion_type") == Some(ASSERTION_TYPE) => {
            assertion::check(context, tenant, client_id, signed)
        }
        Some(_) => Err(Denied::new(
            400,
            "invalid_request",
            900_144,
            "The request body must contain the following parameter: 'client_assertion_type'.",
        )),
    }
}

/// The tenant exists.
pub(super) fn check_tenant(context: &Context<'_>, tenant: &str) -> Result<(), Denied> {
    if tenant.eq_ignore_ascii_case(&context.simulator.credentials().tenant_id) {
        return Ok(());
    }
    Err(Denied::new(
        400,
        "invalid_request",
        90_002,
        format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and \
             are signing into the correct cloud."
        ),
    ))
}

/// The scope names this very environment.
fn check_scope(context: &Context<'_>, scope: &str) -> Result<(), Denied> {
    let wanted = format!("{}/.default", context.call.origin);
    // Entra takes the resource with one slash or two before the permission.
    if scope == wanted || scope == wanted.replace("/.default", "//.default") {
        return Ok(());
    }
    Err(Denied::new(
        400,
        "invalid_scope",
        70_011,
        format!(
            "The provided request must include a 'scope' input parameter. The provided value for \
             the input parameter 'scope' is not valid. The scope {scope} is not valid."
        ),
    ))
}

fn check_application(context: &Context<'_>, client_id: &str) -> Result<(), Denied> {
    if context.switches.application_disabled {
        return Err(Denied::new(
            400,
            "unauthorized_client",
            7_000_112,
            format!("Application '{client_id}'(Dynamics Sync) is disabled."),
        ));
    }
    match context.switches.token_refusal {
        0 => Ok(()),
        code => Err(Denied::client(code, "Refused, as the switches say.")),
    }
}

fn check_secret(
    context: &Context<'_>,
    client_id: &str,
    secret: Option<&str>,
) -> Result<(), Denied> {
    let Some(secret) = secret else {
        return Err(Denied::client(
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or \
             'client_secret'.",
        ));
    };
    if !context.simulator.secret_is(secret) {
        return Err(Denied::client(
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is \
                 the client secret value, not the client secret ID, for a secret added to app \
                 '{client_id}'."
            ),
        ));
    }
    if context.switches.secret_expired {
        return Err(Denied::client(
            7_000_222,
            format!(
                "The provided client secret keys for app '{client_id}' are expired. Visit the \
                 Azure portal to create new keys for your app."
            ),
        ));
    }
    Ok(())
}
