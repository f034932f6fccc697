use super::*;

fn secret(text: &str) -> Proof {
    Proof::Secret(text.into())
}

#[test]
fn a_description_that_repeats_part_of_the_secret_is_dropped() {
    let body = br#"{"error_codes":[1],"error_description":"AADSTS1: bad 'p+ss/word' here"}"#;
    let problem = refusal(StatusCode::UNAUTHORIZED, body, &secret("xyp+ss/wordzz"));
    assert_eq!(problem.said, None);
    let problem = refusal(StatusCode::UNAUTHORIZED, body, &secret("unrelated"));
    assert_eq!(
        problem.said.as_deref(),
        Some("AADSTS1: bad 'p+ss/word' here")
    );
}

#[test]
fn a_description_that_repeats_part_of_the_assertion_is_dropped() {
    let body = br#"{"error_codes":[1],"error_description":"AADSTS1: 'eyJhbGci' here"}"#;
    let assertion = Proof::Assertion("eyJhbGciOi.e30.c2ln".into());
    assert_eq!(
        refusal(StatusCode::BAD_REQUEST, body, &assertion).said,
        None
    );
}

#[test]
fn only_the_first_line_of_an_unknown_refusal_is_kept() {
    let body = br#"{"error_codes":[1],"error_description":"AADSTS1: no.\r\nTrace ID: x"}"#;
    let problem = refusal(StatusCode::BAD_REQUEST, body, &secret("secret"));
    assert_eq!(problem.said.as_deref(), Some("AADSTS1: no."));
}

#[test]
fn a_code_is_read_whatever_else_of_the_document_is_wrong() {
    for body in [
        r#"{"error_codes":[7000215],"error_description":null,"error":null,"trace_id":5}"#,
        r#"{"error_codes":["7000215"]}"#,
        r#"{"error_codes":[null,"AADSTS7000215"]}"#,
        r#"{"error_codes":7000215}"#,
        r#"{"error_codes":null,"error_description":"AADSTS7000215: Invalid secret."}"#,
        r#"{"error_description":"AADSTS7000215"}"#,
    ] {
        let problem = refusal(StatusCode::UNAUTHORIZED, body.as_bytes(), &secret("s3cret"));
        assert_eq!(problem.code, Some(ErrorCode::Entra(7_000_215)), "{body}");
        assert_eq!(
            problem.why.as_deref(),
            Some("the client secret is wrong"),
            "{body}"
        );
    }
    let body = br#"{"error_description":"See AADSTS7000215: elsewhere.","trace_id":"7d6e"}"#;
    let problem = refusal(StatusCode::UNAUTHORIZED, body, &secret("s3cret"));
    assert_eq!(problem.code, None);
    assert_eq!(problem.request_id.as_deref(), Some("7d6e"));
}

#[test]
fn control_characters_of_a_description_reach_no_terminal() {
    let body = br#"{"error_codes":[1],"error_description":"AADSTS1: \u001b[31mred\u0007"}"#;
    let problem = refusal(StatusCode::BAD_REQUEST, body, &secret("secret"));
    assert_eq!(problem.said.as_deref(), Some("AADSTS1: [31mred"));
}

proptest::proptest! {
    #[test]
    fn no_body_makes_reading_a_refusal_panic(body: Vec<u8>, text in ".{0,20}") {
        refusal(StatusCode::BAD_REQUEST, &body, &secret(&text));
    }
}
