use std::io;

use super::*;

const PAGE: Asked = Asked {
    class: RequestClass::Page,
    by_link: false,
    reads: true,
    aim: None,
};
const LINK: Asked = Asked {
    by_link: true,
    ..PAGE
};
const WRITE: Asked = Asked {
    reads: false,
    ..PAGE
};
const WHO_AM_I: Asked = Asked {
    class: RequestClass::WhoAmI,
    ..PAGE
};
const METADATA: Asked = Asked {
    class: RequestClass::Metadata,
    ..PAGE
};
const TOKEN: Asked = Asked {
    class: RequestClass::Token,
    by_link: false,
    reads: false,
    aim: None,
};

fn refused(asked: Asked, status: u16, code: &str) -> Failure {
    let body = format!(r#"{{"error":{{"code":"{code}","message":"m"}}}}"#);
    let answer = Response::builder().status(status);
    let answer = answer.body(Bytes::from(body)).unwrap();
    super::refused(&answer, asked, Timestamp::UNIX_EPOCH)
}

fn text(failure: &Failure) -> String {
    let Problem {
        what, why, advice, ..
    } = &*failure.problem;
    format!("{what}: {why:?}. {advice:?}")
}

#[test]
fn a_404_speaks_of_a_table_only_where_one_was_named() {
    for code in ["", "0x80060888", "0x8006088a"] {
        let said = text(&refused(WHO_AM_I, 404, code));
        assert!(
            said.contains("no Dataverse Web API at this address"),
            "{said}"
        );
        assert!(!said.contains("table"), "{said}");
        let said = text(&refused(PAGE, 404, code));
        assert!(
            said.contains("no table with this entity set name"),
            "{said}"
        );
    }
    let said = text(&refused(METADATA, 404, ""));
    assert!(!said.contains("table"), "{said}");
}

#[test]
fn a_410_is_an_expired_position_only_where_one_was_asked_for() {
    let kind = |asked| refused(asked, 410, "").problem.kind;
    assert_eq!(kind(LINK), ErrorKind::DeltaExpired);
    assert_eq!(kind(PAGE), ErrorKind::NotFound);
    assert_eq!(kind(WHO_AM_I), ErrorKind::NotFound);
}

#[test]
fn read_privilege_is_asked_for_only_by_who_wanted_to_read_a_table() {
    for code in ["0x80040220", "0x80040299", "0x80048306"] {
        let said = text(&refused(PAGE, 403, code));
        assert!(
            said.contains("read privilege") || said.contains("prvRead"),
            "{said}"
        );
        for asked in [WRITE, WHO_AM_I] {
            let said = text(&refused(asked, 403, code)).to_lowercase();
            assert!(!said.contains("read"), "{said}");
            assert!(said.contains("security role"), "{said}");
        }
    }
}

#[test]
fn what_is_too_large_is_advised_on_by_what_was_asked() {
    let too_large = |asked| {
        let error = TransportError::new(TransportErrorKind::TooLarge, io::Error::other("x"));
        let failure = broken(asked, error);
        assert_eq!(
            (failure.outcome, failure.passing),
            (Outcome::Unknown, false)
        );
        text(&failure)
    };
    assert!(too_large(PAGE).contains("fewer rows a page"));
    assert!(too_large(WHO_AM_I).contains("Check the environment's address."));
    assert!(too_large(TOKEN).contains("Check the authority's address."));
    for status in [413, 414, 431] {
        assert!(text(&refused(PAGE, status, "")).contains("Select fewer columns"));
        assert!(!text(&refused(METADATA, status, "")).contains("columns"));
    }
}

#[test]
fn a_tls_failure_proves_that_nothing_was_done_and_is_not_tried_again() {
    let error = TransportError::new(TransportErrorKind::Insecure, io::Error::other("bad cert"));
    let failure = broken(PAGE, error);
    assert_eq!(
        (failure.outcome, failure.passing),
        (Outcome::NotApplied, false)
    );
    let said = text(&failure);
    assert!(said.contains("no secure connection to Dataverse"), "{said}");
    assert!(
        said.contains("bad cert") && said.contains("certificate"),
        "{said}"
    );
}

#[test]
fn each_status_proves_what_it_can() {
    for (status, outcome, passing) in [
        (400, Outcome::Refused, false),
        (403, Outcome::Refused, false),
        (412, Outcome::Refused, false),
        (429, Outcome::NotApplied, true),
        (408, Outcome::Unknown, true),
        (500, Outcome::Unknown, true),
        (501, Outcome::Refused, false),
        (503, Outcome::Unknown, true),
    ] {
        let failure = refused(WRITE, status, "");
        assert_eq!(
            (failure.outcome, failure.passing),
            (outcome, passing),
            "{status}"
        );
    }
}

#[test]
fn only_rows_are_too_slow_and_everything_else_is_unavailable_then() {
    for (asked, kind) in [
        (PAGE, ErrorKind::TooSlow),
        (LINK, ErrorKind::TooSlow),
        (WRITE, ErrorKind::Unavailable),
        (METADATA, ErrorKind::Unavailable),
        (WHO_AM_I, ErrorKind::Unavailable),
        (TOKEN, ErrorKind::Unavailable),
    ] {
        let error = TransportError::new(TransportErrorKind::TooSlow, io::Error::other("x"));
        for failure in [
            broken(asked, error),
            refused(asked, 408, ""),
            refused(asked, 504, ""),
            refused(asked, 500, "0x80044151"),
            // Whatever status it comes with.
            refused(asked, 400, "0x80044151"),
        ] {
            assert_eq!(failure.problem.kind, kind, "{asked:?}");
            assert_eq!((failure.outcome, failure.passing), (Outcome::Unknown, true));
            let said = text(&failure);
            assert_eq!(said.contains("rows"), kind == ErrorKind::TooSlow, "{said}");
        }
    }
    for (status, code) in [(500, ""), (502, ""), (503, ""), (500, "0x80044150")] {
        let kind = refused(PAGE, status, code).problem.kind;
        assert_eq!(kind, ErrorKind::Unavailable, "{status} {code}");
    }
}
