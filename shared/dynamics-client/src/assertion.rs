//! The signed statement by which a certificate's owner asks for a token, in place of a secret.
//!
//! <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>

use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::RSA_PSS_SHA256;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::certificate::Certificate;
use crate::error::{ErrorKind, Problem};

/// How long an assertion is good. Each is used once, at once; the rest is for clocks that differ.
const LIFE: Duration = Duration::from_secs(600);

/// The assertion that whoever holds `certificate` is the application `client_id`, for `endpoint` alone.
/// `id` must be new each time.
pub(crate) fn sign(
    certificate: &Certificate,
    client_id: &str,
    endpoint: &Url,
    id: Uuid,
    now: Timestamp,
) -> Result<SecretString, Box<Problem>> {
    certificate.insist_on_validity(now)?;
    let header = json!({
        "alg": "PS256",
        "typ": "JWT",
        "x5t#S256": certificate.thumbprint(),
    });
    let claims = json!({
        "aud": endpoint.as_str(),
        "iss": client_id,
        "sub": client_id,
        "jti": id.to_string(),
        "nbf": now.as_second(),
        "iat": now.as_second(),
        "exp": clock::after(now, LIFE).as_second(),
    });
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let mut assertion = format!("{}.{}", encode(&header), encode(&claims));
    let key = certificate.key();
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PSS_SHA256,
        &SystemRandom::new(),
        assertion.as_bytes(),
        &mut signature,
    )
    .map_err(|_| unsigned())?;
    assertion.push('.');
    BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut assertion);
    Ok(assertion.into())
}

/// Never seen: a key that was accepted signs.
fn unsigned() -> Box<Problem> {
    Problem::new(ErrorKind::Credentials, "Entra was not asked")
        .because("the certificate's key does not sign")
        .advise("Make a new certificate.")
}
