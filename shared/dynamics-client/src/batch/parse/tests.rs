use super::*;

const KIND: &str = "multipart/mixed; boundary=batchresponse_1";

fn read(text: &str, most: usize) -> Result<Vec<Part>, Malformed> {
    parts(Some(KIND), &Bytes::from(text.to_owned()), most)
}

fn one(status: &str, body: &str) -> String {
    format!(
        "--batchresponse_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: \
         binary\r\n\r\nHTTP/1.1 {status}\r\nREQ_ID: 5\r\n\r\n{body}\r\n"
    )
}

const END: &str = "--batchresponse_1--\r\n";

#[test]
fn the_documented_answer_is_read() {
    let text = format!(
        "{}{}--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=\"changesetresponse_2\"\r\n\r\n\
         --changesetresponse_2\r\nContent-Type: application/http\r\nContent-ID: 1\r\n\r\n\
         HTTP/1.1 204 No Content\r\nOData-EntityId: https://x/y(1)\r\n\r\n\r\n\
         --changesetresponse_2--\r\n\r\n{END}",
        one("400 Bad Request", r#"{"error":{"code":"0x80044331"}}"#),
        one("204 No Content", ""),
    );
    let read = read(&text, 3).unwrap();
    let [Part::Answer(bad), Part::Answer(good), Part::Set(set)] = read.as_slice() else {
        panic!("{read:?}");
    };
    assert_eq!(bad.response.status(), 400);
    assert_eq!(bad.response.headers()["req_id"], "5");
    assert_eq!(
        &bad.response.body()[..],
        br#"{"error":{"code":"0x80044331"}}"#
    );
    assert_eq!(
        (good.response.status().as_u16(), good.response.body().len()),
        (204, 0)
    );
    assert_eq!(set[0].content_id.as_deref(), Some("1"));
}

#[test]
fn bare_line_feeds_a_preamble_and_a_quoted_boundary_do_no_harm() {
    let text = format!("ignore me\r\n{}{END}after", one("204 X", "")).replace("\r\n", "\n");
    let kind = "Multipart/Mixed; charset=utf-8; Boundary=\"batchresponse_1\"";
    assert_eq!(parts(Some(kind), &Bytes::from(text), 1).unwrap().len(), 1);
}

#[test]
fn a_body_that_holds_the_boundary_within_a_line_is_not_cut_there() {
    let body = r#"{"a":"--batchresponse_1--"}"#;
    let read = read(&format!("{}{END}", one("200 OK", body)), 1).unwrap();
    let [Part::Answer(answer)] = read.as_slice() else {
        panic!("{read:?}");
    };
    assert_eq!(&answer.response.body()[..], body.as_bytes());
}

#[test]
fn an_answer_that_is_cut_short_or_has_too_many_parts_is_none() {
    let whole = format!("{}{}{END}", one("204 X", ""), one("204 X", ""));
    assert_eq!(read(&whole, 2).unwrap().len(), 2);
    assert_eq!(
        read(&whole, 1).unwrap_err(),
        "it has more parts than were asked for"
    );
    for length in 0..whole.len() - END.len() {
        assert!(read(&whole[..length], 2).is_err(), "{length}");
    }
    let claims = one("200 OK", "{}").replace("REQ_ID: 5", "Content-Length: 9");
    assert_eq!(
        read(&format!("{claims}{END}"), 1).unwrap_err(),
        "one of its parts is cut short"
    );
}

#[test]
fn what_is_no_batch_answer_is_none() {
    for kind in [
        None,
        Some("text/html"),
        Some("multipart/mixed"),
        Some("multipart/mixed; boundary="),
    ] {
        assert!(parts(kind, &Bytes::new(), 9).is_err(), "{kind:?}");
    }
    for status in ["", "204", "HTTP", "999 X", "100 Continue", "abc X"] {
        let answer = read(&format!("{}{END}", one(status, "")), 1);
        assert!(
            answer.is_err() || status == "204" || status == "999 X",
            "{status:?}"
        );
    }
}

proptest::proptest! {
    #[test]
    fn no_answer_makes_reading_it_panic(body: Vec<u8>, pieces in proptest::collection::vec(0_usize..9, 0..20)) {
        let _ = parts(Some(KIND), &Bytes::from(body), 3);
        let words = ["--batchresponse_1", "--batchresponse_1--", "\r\n", "\n", "Content-Type: application/http",
            "HTTP/1.1 204 X", "a: b", ":", "Content-Type: multipart/mixed; boundary=batchresponse_1"];
        let text: String = pieces.iter().map(|at| words[*at]).collect();
        let _ = read(&text, 3);
    }

    #[test]
    fn every_body_comes_out_as_it_went_in(bodies in proptest::collection::vec("[^\r\n]{0,40}", 1..5)) {
        let text: String = bodies.iter().map(|body| one("200 OK", body)).collect();
        let read = read(&format!("{text}{END}"), bodies.len()).unwrap();
        for (part, body) in read.iter().zip(&bodies) {
            let Part::Answer(answer) = part else { panic!() };
            proptest::prop_assert_eq!(&answer.response.body()[..], body.as_bytes());
        }
        proptest::prop_assert_eq!(read.len(), bodies.len());
    }
}
