//! One page of rows or changes: decoded whole, or not at all.

use std::borrow::Cow;

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::call::Asked;
use crate::classify::{Failure, with_answer};
use crate::error::{ErrorKind, Problem};
use crate::link::Link;
use crate::query::{Preferences, Query};
use crate::retry_after::answered_at;
use crate::row::Row;
use crate::unusable::unreadable;

/// What a tombstone's own context ends in.
const TOMBSTONE: &str = "/$deletedEntity";

/// Which page to read.
#[derive(Clone, Debug)]
pub enum PageRequest {
    /// The first page of a read.
    Query(Query),
    /// The page behind a link, with the preferences of the read that it continues.
    Link {
        /// A nextLink or deltaLink.
        link: Link,
        /// The page size of the first read: Dataverse demands the same for every further page.
        max_page_size: Option<u32>,
        /// Whether the first read tracked changes.
        track_changes: bool,
    },
}

impl PageRequest {
    /// Goes on with a read that tracks changes, from a saved nextLink or deltaLink.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/example.rs")); }
    /// # fn main() { example::run(async |client| {
    /// use dynamics_client::{Entry, Link, Next, PageRequest, Query};
    ///
    /// let all = Query::new("contacts").select(["fullname"]).track_changes().max_page_size(500);
    /// let mut request = PageRequest::from(all);
    /// let saved = loop {
    ///     let page = client.page(&request).await?;
    ///     // Store the page's rows here, then where the next page is.
    ///     match page.next {
    ///         Next::Page(link) => request = request.follow(link),
    ///         Next::Delta(link) => break link.as_str().to_owned(),
    ///         Next::End => return Err("changes are not tracked".into()),
    ///     }
    /// };
    /// // A night later, in another process:
    /// let changes = PageRequest::changes(Link::from(saved), Some(500));
    /// for entry in client.page(&changes).await?.entries {
    ///     match entry {
    ///         Entry::Row(row) => println!("{:?} is now {:?}", row.guid("contactid"), row.cell("fullname")),
    ///         Entry::Deleted(id) => println!("{id} is gone"),
    ///     }
    /// }
    /// # Ok(()) }) }
    /// ```
    pub fn changes(link: Link, max_page_size: Option<u32>) -> Self {
        Self::Link {
            link,
            max_page_size,
            track_changes: true,
        }
    }

    /// The request for the page behind `link`, which came on this request's page.
    pub fn follow(&self, link: Link) -> Self {
        let Preferences {
            max_page_size,
            track_changes,
        } = self.preferences();
        Self::Link {
            link,
            max_page_size,
            track_changes,
        }
    }

    pub(crate) fn preferences(&self) -> Preferences {
        match self {
            Self::Query(query) => query.preferences(),
            Self::Link {
                max_page_size,
                track_changes,
                ..
            } => Preferences {
                max_page_size: *max_page_size,
                track_changes: *track_changes,
            },
        }
    }

    pub(crate) fn link(&self) -> Option<&Link> {
        match self {
            Self::Query(_) => None,
            Self::Link { link, .. } => Some(link),
        }
    }
}

impl From<Query> for PageRequest {
    fn from(query: Query) -> Self {
        Self::Query(query)
    }
}

/// A page of rows or changes.
#[derive(Clone, Debug)]
pub struct Page {
    /// In the order of the answer. For changes: rows by version, then deletions.
    pub entries: Vec<Entry>,
    /// What follows.
    pub next: Next,
    /// When the server says it answered.
    pub served_at: Option<Timestamp>,
}

/// What follows a page.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Next {
    /// Another page.
    Page(Link),
    /// Nothing more now; later changes are behind this link.
    Delta(Link),
    /// Nothing more.
    End,
}

/// One entry of a page.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A row that exists, with all selected columns.
    Row(Row),
    /// The id of a row that was deleted. It may never have been seen.
    Deleted(Uuid),
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
    #[serde(rename = "@odata.deltaLink")]
    delta_link: Option<String>,
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Tombstone<'a> {
    #[serde(rename = "@odata.context", borrow)]
    context: Option<Cow<'a, str>>,
    id: Option<Uuid>,
}

/// Reads a page. Links are not checked yet.
pub(crate) fn read(asked: Asked, answer: &Response<Bytes>) -> Result<Page, Failure> {
    let document: Document<'_> =
        serde_json::from_slice(answer.body()).map_err(|error| unreadable(asked, answer, &error))?;
    let entries = document
        .value
        .iter()
        .enumerate()
        .map(|(index, raw)| {
            entry(raw.get()).ok_or_else(|| {
                let problem =
                    Problem::new(ErrorKind::Protocol, "Dataverse gave an unusable answer")
                        .because(format!(
                            "entry {index} of the page is neither row nor deletion"
                        ))
                        .advise("If it keeps happening, report it.");
                Failure::unusable(with_answer(problem, answer))
            })
        })
        .collect::<Result<_, _>>()?;
    let link = |text: Option<String>| text.filter(|text| !text.is_empty()).map(Link::from);
    let next = match (link(document.next_link), link(document.delta_link)) {
        (Some(next), _) => Next::Page(next),
        (None, Some(delta)) => Next::Delta(delta),
        (None, None) => Next::End,
    };
    Ok(Page {
        entries,
        next,
        served_at: answered_at(answer.headers()),
    })
}

/// `None` for anything that is neither a row nor a deletion.
fn entry(json: &str) -> Option<Entry> {
    // A row carries no context of its own; looking for the word spares it the second parse.
    if json.contains(TOMBSTONE) {
        let tombstone: Tombstone<'_> = serde_json::from_str(json).ok()?;
        if tombstone
            .context
            .is_some_and(|context| context.ends_with(TOMBSTONE))
        {
            return Some(Entry::Deleted(tombstone.id?));
        }
    }
    Row::from_json(json).ok().map(Entry::Row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::RequestClass;

    fn page(body: &str) -> Result<Page, Failure> {
        let asked = Asked {
            class: RequestClass::Page,
            by_link: false,
            reads: true,
            aim: None,
        };
        read(asked, &Response::new(Bytes::from(body.to_owned())))
    }

    #[test]
    fn a_page_of_changes_has_rows_deletions_and_the_next_delta() {
        let page = page(
            r#"{"@odata.context":"https://x/api/data/v9.2/$metadata#accounts(name)/$delta",
                "@odata.deltaLink":"https://x/api/data/v9.2/accounts?$deltatoken=2",
                "value":[
                 {"@odata.etag":"W/\"915244\"","name":"tells of /$deletedEntity","accountid":"60c4e274-0d87-e711-80e5-00155db19e6d"},
                 {"@odata.context":"https://x/api/data/v9.2/$metadata#accounts/$deletedEntity","id":"2e451703-c686-e711-80e5-00155db19e6d","reason":"deleted"}]}"#,
        )
        .unwrap();
        assert!(matches!(page.entries[0], Entry::Row(_)));
        assert!(
            matches!(page.entries[1], Entry::Deleted(id) if id.to_string().starts_with("2e451703"))
        );
        let link = Link::from("https://x/api/data/v9.2/accounts?$deltatoken=2".to_owned());
        assert_eq!(page.next, Next::Delta(link));
    }

    #[test]
    fn a_missing_null_or_empty_link_is_the_end() {
        for body in [
            r#"{"value":[]}"#,
            r#"{"value":[],"@odata.nextLink":null}"#,
            r#"{"value":[],"@odata.nextLink":"","@odata.deltaLink":""}"#,
        ] {
            assert_eq!(page(body).unwrap().next, Next::End, "{body}");
        }
    }

    #[test]
    fn a_page_that_is_wrong_anywhere_is_no_page() {
        for body in [
            "null",
            "[]",
            "{}",
            r#"{"value":null}"#,
            r#"{"error":{"code":"","message":"x"}}"#,
            r#"{"value":[1]}"#,
            r#"{"value":[{}]}x"#,
            r#"{"value":[],"@odata.nextLink":7}"#,
            r#"{"value":[{"@odata.context":"x/$deletedEntity","id":"no"}]}"#,
            r#"{"value":[{"@odata.context":"x/$deletedEntity"}]}"#,
        ] {
            let failure = page(body).unwrap_err();
            assert_eq!(failure.problem.kind, ErrorKind::Protocol, "{body}");
            assert!(!failure.passing, "{body}");
        }
        for body in ["", "<html></html>", r#"{"value":[{}]"#] {
            let failure = page(body).unwrap_err();
            assert_eq!(failure.problem.kind, ErrorKind::Unavailable, "{body}");
            assert!(failure.passing, "{body}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_body_makes_reading_a_page_panic(body in r#"[\{\}\[\]":,a-z0-9@.]{0,80}"#) {
            let _ = page(&body);
        }
    }
}
