//! Where a tenant's endpoints are. Microsoft's own credential libraries ask before they ask for a token:
//! <https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#fetch-the-openid-configuration-document>

use serde_json::json;

use super::{Answer, Context, token};

/// The tenant's OpenID configuration: what the standard demands, and what such libraries read.
pub(crate) fn answer(context: &Context<'_>, tenant: &str) -> Answer {
    if let Err(denied) = token::check_tenant(context, tenant) {
        return denied.answer(context);
    }
    let authority = format!("{}/{tenant}", context.call.origin);
    let oauth = format!("{authority}/oauth2/v2.0");
    let body = json!({
        "token_endpoint": format!("{oauth}/token"),
        "token_endpoint_auth_methods_supported": [
            "client_secret_post", "private_key_jwt", "client_secret_basic",
        ],
        "jwks_uri": format!("{authority}/discovery/v2.0/keys"),
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": format!("{authority}/v2.0"),
        "authorization_endpoint": format!("{oauth}/authorize"),
        "device_authorization_endpoint": format!("{oauth}/devicecode"),
    });
    Answer::json(200, &body)
}
