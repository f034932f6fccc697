use super::*;
use crate::counters::RequestClass;

fn token(body: &str) -> Result<Token, Failure> {
    let asked = Asked {
        class: RequestClass::Token,
        by_link: false,
        reads: false,
        aim: None,
    };
    let answer = Response::new(Bytes::from(body.to_owned()));
    read(asked, &answer, Timestamp::UNIX_EPOCH)
}

#[test]
fn a_token_is_renewed_five_minutes_early_or_at_half_of_a_short_life() {
    for (life, usable) in [(3_599, 3_299), (600, 300), (60, 30), (0, 0)] {
        let body = format!(r#"{{"access_token":"t","expires_in":{life}}}"#);
        let renew_from = token(&body).unwrap().renew_from;
        assert_eq!(
            renew_from,
            Timestamp::from_second(usable).unwrap(),
            "{life}"
        );
    }
}

#[test]
fn a_refresh_that_began_with_an_older_credential_ends_without_a_trace() {
    let tokens = Tokens::new(Credential::ClientSecret("old".into()));
    let (_, era) = tokens.credential();
    tokens.renew_credential(Credential::ClientSecret("new".into()));
    let late = token(r#"{"access_token":"t","expires_in":3599}"#).unwrap();
    tokens.keep(late, era);
    assert!(tokens.valid(Timestamp::UNIX_EPOCH).is_none());
    let refused = Problem::new(ErrorKind::Credentials, "Entra refused");
    tokens.failed(&Error::new("x", refused), era);
    assert!(tokens.failure_since(0).is_none());
}

#[test]
fn a_token_never_shows_in_debug() {
    let token = token(r#"{"access_token":"eyJ0","expires_in":1}"#).unwrap();
    assert!(!format!("{token:?}").contains("eyJ0"));
}

#[test]
fn an_unusable_token_is_no_token() {
    for body in [
        r#"{"access_token":"","expires_in":3599}"#,
        r#"{"access_token":"a\nb","expires_in":3599}"#,
        r#"{"access_token":"a"}"#,
        r#"{"access_token":"a","expires_in":-1}"#,
    ] {
        let failure = token(body).unwrap_err();
        assert_eq!(failure.problem.kind, ErrorKind::Protocol, "{body}");
    }
}

proptest::proptest! {
    #[test]
    fn no_answer_makes_reading_a_token_panic_or_shows_what_may_be_one(
        body: Vec<u8>,
        text in ".{0,30}",
        life: u64,
    ) {
        let _ = token(&String::from_utf8_lossy(&body));
        let members = [
            serde_json::json!({"access_token": format!("s3cr-et{text}"), "expires_in": life}),
            serde_json::json!({"access_token": format!("s3cr-et{text}"), "expires_in": text}),
            serde_json::json!([format!("s3cr-et{text}")]),
        ];
        for body in members {
            let read = token(&body.to_string());
            let shown = format!("{read:?}").contains("s3cr-et");
            proptest::prop_assert!(!shown);
            if let Ok(token) = read {
                proptest::prop_assert!(token.renew_from <= token.expires);
            }
        }
    }
}
