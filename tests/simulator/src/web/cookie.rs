//! The `$skiptoken`: all that the next page needs, so that nothing is kept between pages.
//!
//! The shape is the documented one, an XML element whose `pagingcookie` holds another one, encoded.
//! What change tracking and ordering need beyond it rides in further attributes.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::refusal::Refusal;

/// A place between two pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cookie {
    /// The number of the page it leads to.
    pub(crate) page: u64,
    /// The key of the last row seen.
    pub(crate) last: Uuid,
    /// How many rows each page of this walk has at most.
    pub(crate) page_size: usize,
    extra: BTreeMap<String, String>,
}

impl Cookie {
    pub(crate) fn new(page: u64, last: Uuid, page_size: usize) -> Self {
        Self {
            page,
            last,
            page_size,
            extra: BTreeMap::new(),
        }
    }

    /// Adds an attribute; its name is lower-case letters.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.extra.get(name).map(String::as_str)
    }

    /// Prints the cookie; `key` is the name of the primary key.
    pub(crate) fn print(&self, key: &str, first: Uuid) -> String {
        let inner = format!(
            "<cookie page=\"{}\"><{key} last=\"{{{}}}\" first=\"{{{first}}}\" /></cookie>",
            self.page.saturating_sub(1),
            self.last
        );
        let mut text = format!(
            "<cookie pagenumber=\"{}\" pagingcookie=\"{}\" istracking=\"{}\" pagesize=\"{}\"",
            self.page,
            encode(&inner),
            if self.get("token").is_some() {
                "True"
            } else {
                "False"
            },
            self.page_size
        );
        for (name, value) in &self.extra {
            text.push_str(&format!(" {name}=\"{}\"", encode(value)));
        }
        text.push_str(" />");
        text
    }

    /// Reads a cookie of the table whose primary key is `key`.
    pub(crate) fn parse(text: &str, key: &str) -> Result<Self, Refusal> {
        read(text, key).ok_or_else(invalid)
    }
}

/// The refusal of a cookie that leads nowhere.
pub(crate) fn invalid() -> Refusal {
    Refusal::new(400, "0x8004112A", "The paging cookie is invalid.")
}

fn read(text: &str, key: &str) -> Option<Cookie> {
    let attributes = text
        .trim()
        .strip_prefix("<cookie ")?
        .strip_suffix("/>")?
        .split_ascii_whitespace();
    let mut extra = BTreeMap::new();
    for attribute in attributes {
        let (name, value) = attribute.split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        extra.insert(name.to_owned(), decode(value));
    }
    let page = extra.remove("pagenumber")?.parse().ok()?;
    let page_size = extra.remove("pagesize")?.parse().ok()?;
    extra.remove("istracking")?;
    let inner = extra.remove("pagingcookie")?;
    let (_, after) = inner.split_once(&format!("<{key} last=\"{{"))?;
    let (last, _) = after.split_once("}\"")?;
    Some(Cookie {
        page,
        last: Uuid::try_parse(last).ok()?,
        page_size,
        extra,
    })
}

fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len().saturating_mul(2));
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02x}"));
        }
    }
    encoded
}

fn decode(text: &str) -> String {
    url::form_urlencoded::parse(text.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_reads_back_whatever_it_carries() {
        let cookie = Cookie::new(2, Uuid::from_u128(77), 500)
            .with("token", "919042!08/22/2017 08:10:44")
            .with("order", r#"["a b\"=& />+%",null,1.50]"#);
        let text = cookie.print("contactid", Uuid::nil());
        assert!(
            text.starts_with(
                "<cookie pagenumber=\"2\" pagingcookie=\"%3ccookie%20page%3d%221%22%3e%3ccontactid\
                 %20last%3d%22%7b"
            ),
            "{text}"
        );
        assert_eq!(Cookie::parse(&text, "contactid"), Ok(cookie));
        assert_eq!(Cookie::parse(&text, "accountid"), Err(invalid()));
    }

    #[test]
    fn a_broken_cookie_is_refused() {
        let text = Cookie::new(2, Uuid::nil(), 500).print("contactid", Uuid::nil());
        for broken in [
            "",
            "x",
            &text.replace("last", "lost"),
            &text.replace("\"2\"", "\"two\""),
            &text.replace("pagesize", "size"),
        ] {
            assert_eq!(Cookie::parse(broken, "contactid"), Err(invalid()));
        }
    }
}
