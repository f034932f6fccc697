//! The signed assertion by which an application proves that it holds a registered certificate's key.
//!
//! <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>. The codes are
//! documented; which mistake is found first is not, nor how far clocks may differ.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Deserialize;

use super::Context;
use super::denied::Denied;
use crate::registered_certificate::RegisteredCertificate;

/// How far clocks may differ, in minutes: what Entra grants elsewhere.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

#[derive(Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    sub: String,
    #[serde(rename = "jti")]
    _jti: String,
    /// Microsoft's own library for Python leaves it out.
    nbf: Option<f64>,
    /// Such times may have fractions: <https://www.rfc-editor.org/rfc/rfc7519#section-2>
    exp: f64,
}

/// Checks the assertion that `client_id` sent to the token endpoint of `tenant`.
pub(super) fn check(
    context: &Context<'_>,
    tenant: &str,
    client_id: &str,
    assertion: &str,
) -> Result<(), Denied> {
    let header = jsonwebtoken::decode_header(assertion).map_err(|_| malformed())?;
    let certificate = meant(context, &header)?;
    let claims = signed_claims(assertion, &header, &certificate)?;
    if context.now < certificate.not_before || context.now >= certificate.not_after {
        return Err(unsigned("The key used is expired."));
    }
    if claims.iss != claims.sub || !claims.sub.eq_ignore_ascii_case(client_id) {
        return Err(Denied::client(
            700_021,
            "Client assertion application identifier doesn't match 'client_id' parameter.",
        ));
    }
    if claims.aud != format!("{}/{tenant}/oauth2/v2.0/token", context.call.origin) {
        return Err(Denied::client(
            700_023,
            "Client assertion audience claim does not match Realm issuer.",
        ));
    }
    let until = moment(claims.exp)?;
    let from = claims.nbf.map_or(Ok(Timestamp::MIN), moment)?;
    if context.now + SKEW < from || context.now - SKEW >= until {
        return Err(Denied::client(
            700_024,
            format!(
                "Client assertion is not within its valid time range. Current time: {}, assertion \
                 valid from {from}, expiry time of assertion {until}.",
                context.now
            ),
        ));
    }
    Ok(())
}

/// A JWT's time.
fn moment(seconds: f64) -> Result<Timestamp, Denied> {
    SignedDuration::try_from_secs_f64(seconds)
        .and_then(Timestamp::from_duration)
        .map_err(|_| malformed())
}

/// The registered certificate that the header names.
fn meant(context: &Context<'_>, header: &Header) -> Result<RegisteredCertificate, Denied> {
    if !matches!(header.alg, Algorithm::PS256 | Algorithm::RS256) {
        return Err(unsigned("The algorithm is not supported."));
    }
    let (sha256, sha1) = (header.x5t_s256.as_deref(), header.x5t.as_deref());
    context
        .simulator
        .certificates()
        .into_iter()
        .find(|certificate| certificate.is_meant(sha256, sha1))
        .ok_or_else(|| unsigned("The key was not found."))
}

fn signed_claims(
    assertion: &str,
    header: &Header,
    certificate: &RegisteredCertificate,
) -> Result<Claims, Denied> {
    use jsonwebtoken::errors::ErrorKind;
    // Time is the simulator's own, and each claim has its own code: only the signature is left.
    let mut validation = Validation::new(header.alg);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let key = DecodingKey::from_rsa_der(&certificate.key);
    match jsonwebtoken::decode(assertion, &key, &validation) {
        Ok(token) => Ok(token.claims),
        Err(error) => Err(match error.kind() {
            ErrorKind::InvalidSignature => unsigned("The signature does not verify."),
            _ => malformed(),
        }),
    }
}

fn unsigned(reason: &str) -> Denied {
    Denied::client(
        700_027,
        format!("Client assertion contains an invalid signature. [Reason - {reason}]"),
    )
}

fn malformed() -> Denied {
    Denied::new(
        400,
        "invalid_request",
        50_027,
        "JWT token is invalid or malformed.",
    )
}
