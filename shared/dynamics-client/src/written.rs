//! What the answer to a write proves.
//!
//! An answer that says "done" but is not that of a write proves nothing. Never in an error: what stands in
//! it.

use bytes::Bytes;
use http::header::ETAG;
use http::{HeaderMap, Response, StatusCode};
use uuid::Uuid;

use crate::call::Asked;
use crate::change::Expected;
use crate::classify::{Failure, with_answer};
use crate::error::{ErrorKind, Problem};
use crate::etag::ETag;
use crate::row::Row;
use crate::unusable::unreadable;

/// A row that was written, as far as Dataverse told. See [`WriteOptions::returning`](crate::WriteOptions::returning) for more of it.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// Its id; `None` after a write by an alternate key, unless the row was asked for.
    pub id: Option<Uuid>,
    /// Its new entity tag, if it was told.
    pub etag: Option<ETag>,
    /// Whether it is a new row, if it is known.
    pub created: Option<bool>,
    /// The row, if it was asked for.
    pub row: Option<Row>,
}

/// Reads the answer to a change.
pub(crate) fn read(
    asked: Asked,
    answer: &Response<Bytes>,
    expected: &Expected,
) -> Result<Written, Failure> {
    let mut written = Written {
        id: entity_id(answer.headers()),
        etag: answer
            .headers()
            .get(ETAG)
            .and_then(|value| ETag::parse(value.to_str().ok()?)),
        created: expected.creates,
        row: None,
    };
    if answer.status() != StatusCode::NO_CONTENT {
        let row: Row = serde_json::from_slice(answer.body())
            .map_err(|error| unreadable(asked, answer, &error))?;
        written.id = row.guid(&expected.primary_id);
        if written.id.is_none() || expected.deletes {
            return Err(protocol(answer, "it is not the row that was written"));
        }
        written.etag = row.etag();
        let new = answer.status() == StatusCode::CREATED;
        written.created = Some(expected.creates.unwrap_or(new));
        written.row = Some(row);
    }
    if let (Some(told), Some(own)) = (written.id, expected.id)
        && told != own
    {
        return Err(protocol(
            answer,
            "it names another row than the one that was written",
        ));
    }
    written.id = written.id.or(expected.id);
    Ok(written)
}

/// What is known of a row that an earlier try has written.
pub(crate) fn earlier(expected: &Expected) -> Written {
    Written {
        id: expected.id,
        created: expected.creates,
        ..Written::default()
    }
}

/// The row's id in the header that names it; an alternate key is none.
fn entity_id(headers: &HeaderMap) -> Option<Uuid> {
    let url = headers.get("odata-entityid")?.to_str().ok()?;
    let (_, key) = url.strip_suffix(')')?.rsplit_once('(')?;
    key.parse().ok()
}

pub(crate) fn protocol(answer: &Response<Bytes>, why: &'static str) -> Failure {
    let problem = Problem::new(ErrorKind::Protocol, "Dataverse gave an unusable answer")
        .because(why)
        .advise("Read the row to see whether it was written; if it keeps happening, report it.");
    Failure::unusable(with_answer(problem, answer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Aim;
    use crate::counters::RequestClass;

    proptest::proptest! {
        #[test]
        fn no_answer_makes_reading_it_panic_and_none_is_of_another_row(
            status in 200_u16..300,
            url in ".{0,40}",
            named in 0_u128..2,
            body in r#"[\{\}\[\]":,a-z0-9@.]{0,60}"#,
            deletes: bool,
        ) {
            let own = Uuid::from_u128(1);
            let asked = Asked {
                class: RequestClass::Write,
                by_link: false,
                reads: false,
                aim: Some(Aim::New),
            };
            let expected = Expected {
                entity_set: "contacts".into(),
                primary_id: "contactid".into(),
                id: Some(own),
                creates: None,
                deletes,
            };
            let told = Uuid::from_u128(named);
            for (url, body) in [
                (url, body),
                (format!("https://x/contacts({told})"), String::new()),
                (String::new(), format!(r#"{{"contactid":"{told}"}}"#)),
            ] {
                let mut answer = Response::new(Bytes::from(body));
                *answer.status_mut() = StatusCode::from_u16(status).unwrap();
                if let Ok(url) = url.parse() {
                    answer.headers_mut().insert("odata-entityid", url);
                }
                if let Ok(written) = read(asked, &answer, &expected) {
                    proptest::prop_assert_eq!(written.id, Some(own));
                }
            }
        }
    }
}
