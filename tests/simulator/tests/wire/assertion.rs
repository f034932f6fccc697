use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use dynamics_simulator::test_certificates::{EXPIRED, FIRST, SECOND};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Value as Json, json};

use crate::lab::{Lab, small};

// OpenSSL's: openssl x509 -outform DER | openssl dgst -sha256 -binary | basenc --base64url
const FIRST_SHA256: &str = "eOyUu7Xs3sRK5EBm7-2STqsIkbNVzgiFFk8bAwWMSUA";
const FIRST_SHA1: &str = "l3K4iPbcPD9cWZQE-mXlW1qvOO8";
const EXPIRED_SHA256: &str = "VrCUyA6oTz2Ieohm6QVb4Vb_y2gSVCnq3Tbzx2TjfRY";

const NOW: i64 = 1_793_502_000;

/// An assertion with this header and these claims, signed as the header's `alg` says.
fn signed(pem: &str, header: &Json, claims: &Json) -> Result<String> {
    let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes())?;
    let key = KeyPair::from_pkcs8(key.secret_pkcs8_der())?;
    let encode = |json: &Json| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
    let text = format!("{}.{}", encode(header), encode(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    let padding = match header.get("alg").and_then(Json::as_str) {
        Some("RS256") => &RSA_PKCS1_SHA256,
        _ => &RSA_PSS_SHA256,
    };
    key.sign(
        padding,
        &SystemRandom::new(),
        text.as_bytes(),
        &mut signature,
    )
    .map_err(|_| anyhow!("not signed"))?;
    Ok(format!(
        "{text}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(signature)
    ))
}

fn header(alg: &str) -> Json {
    json!({ "alg": alg, "typ": "JWT", "x5t#S256": FIRST_SHA256 })
}

/// Claims as they must be, but for `changed`.
fn claims(lab: &Lab, changed: &Json) -> Json {
    let credentials = lab.simulator.credentials();
    let tenant = &credentials.tenant_id;
    let mut claims = json!({
        "aud": format!("{}/{tenant}/oauth2/v2.0/token", lab.base()),
        "iss": credentials.client_id,
        "sub": credentials.client_id,
        "jti": "1",
        "nbf": NOW,
        "iat": NOW,
        "exp": NOW + 600,
    });
    for (name, value) in changed.as_object().into_iter().flatten() {
        if let Some(claims) = claims.as_object_mut() {
            claims.insert(name.clone(), value.clone());
        }
    }
    claims
}

/// The form with an assertion in the secret's place.
fn form(lab: &Lab, assertion: String) -> BTreeMap<&'static str, String> {
    let mut form = lab.form();
    form.remove("client_secret");
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    form.insert("client_assertion_type", kind.to_owned());
    form.insert("client_assertion", assertion);
    form
}

/// The code that an assertion is refused with; 0 when it is accepted.
async fn code(lab: &Lab, form: &BTreeMap<&'static str, String>) -> Result<u64> {
    let tenant = lab.simulator.credentials().tenant_id.clone();
    let (status, body) = lab.ask_token(&tenant, form).await?;
    assert_eq!(status == 200, body.get("access_token").is_some(), "{body}");
    let code = body.pointer("/error_codes/0").and_then(Json::as_u64);
    Ok(code.unwrap_or_default())
}

#[tokio::test]
async fn an_assertion_is_accepted_by_either_padding_and_either_thumbprint() -> Result<()> {
    let lab = Lab::start(small()).await?;
    assert!(lab.simulator.register_certificate(SECOND));
    assert!(lab.simulator.register_certificate(FIRST));
    let older = json!({ "alg": "RS256", "typ": "JWT", "x5t": FIRST_SHA1 });
    let padded = json!({ "alg": "RS256", "x5t": format!("{FIRST_SHA1}=") });
    for header in [header("PS256"), header("RS256"), older, padded] {
        let assertion = signed(FIRST, &header, &claims(&lab, &json!({})))?;
        assert_eq!(code(&lab, &form(&lab, assertion)).await?, 0, "{header}");
    }
    assert_eq!(
        code(&lab, &lab.form()).await?,
        0,
        "the secret is still good"
    );
    Ok(())
}

#[tokio::test]
async fn every_mistake_in_an_assertion_gets_its_own_code() -> Result<()> {
    let lab = Lab::start(small()).await?;
    assert!(lab.simulator.register_certificate(FIRST));
    assert!(lab.simulator.register_certificate(EXPIRED));
    let good = header("PS256");
    let unknown = json!({ "alg": "PS256", "x5t#S256": "unknown" });
    let expired = json!({ "alg": "PS256", "x5t#S256": EXPIRED_SHA256 });
    let whole = signed(FIRST, &good, &claims(&lab, &json!({})))?;
    // Another set of claims under the signature of the first.
    let other = signed(FIRST, &good, &claims(&lab, &json!({ "jti": "2" })))?;
    let (content, _) = other.rsplit_once('.').unwrap_or_default();
    let (_, signature) = whole.rsplit_once('.').unwrap_or_default();
    let mut cases = vec![
        ("no JWT".to_owned(), 50_027),
        (format!("{content}.{signature}"), 700_027),
        (signed(SECOND, &good, &claims(&lab, &json!({})))?, 700_027),
        (signed(FIRST, &unknown, &claims(&lab, &json!({})))?, 700_027),
        (
            signed(FIRST, &json!({ "alg": "PS256" }), &claims(&lab, &json!({})))?,
            700_027,
        ),
        (
            signed(EXPIRED, &expired, &claims(&lab, &json!({})))?,
            700_027,
        ),
        (
            signed(FIRST, &header("PS384"), &claims(&lab, &json!({})))?,
            700_027,
        ),
    ];
    for (changed, code) in [
        (
            json!({ "aud": "https://login.microsoftonline.com" }),
            700_023,
        ),
        (json!({ "iss": "another" }), 700_021),
        (json!({ "iss": "another", "sub": "another" }), 700_021),
        (json!({ "nbf": NOW + 301 }), 700_024),
        (json!({ "nbf": NOW + 300 }), 0),
        (json!({ "exp": NOW - 300 }), 700_024),
        (json!({ "exp": NOW - 299 }), 0),
        (json!({ "nbf": null, "exp": 1_793_502_600.25 }), 0),
        (json!({ "nbf": null, "exp": 1_793_501_700.0 }), 700_024),
        (json!({ "exp": 1e300 }), 50_027),
        (json!({ "exp": null }), 50_027),
        (json!({ "jti": null }), 50_027),
    ] {
        cases.push((signed(FIRST, &good, &claims(&lab, &changed))?, code));
    }
    for (assertion, expected) in cases {
        let got = code(&lab, &form(&lab, assertion.clone())).await?;
        assert_eq!(got, expected, "{assertion}");
    }
    let mut untyped = form(&lab, whole);
    untyped.remove("client_assertion_type");
    assert_eq!(code(&lab, &untyped).await?, 900_144);
    Ok(())
}

#[tokio::test]
async fn a_removed_certificate_is_accepted_no_longer() -> Result<()> {
    let lab = Lab::start(small()).await?;
    assert!(lab.simulator.register_certificate(FIRST));
    assert!(lab.simulator.register_certificate(SECOND));
    let assertion = signed(FIRST, &header("PS256"), &claims(&lab, &json!({})))?;
    assert_eq!(code(&lab, &form(&lab, assertion.clone())).await?, 0);
    assert!(lab.simulator.remove_certificate(FIRST));
    assert_eq!(code(&lab, &form(&lab, assertion)).await?, 700_027);
    assert!(!lab.simulator.register_certificate("no PEM"));
    Ok(())
}

#[tokio::test]
async fn the_switches_name_the_code_that_every_token_request_gets() -> Result<()> {
    let lab = Lab::start(small()).await?;
    lab.simulator
        .switch(|switches| switches.token_refusal = 53_003);
    assert_eq!(code(&lab, &lab.form()).await?, 53_003);
    lab.simulator.switch(|switches| switches.token_refusal = 0);
    assert_eq!(code(&lab, &lab.form()).await?, 0);
    Ok(())
}
