//! What a caller shows: HTTP Basic, so that a browser asks for it and every program can send it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};

/// Longer than any name with its key, by far.
const BYTES_MAX: usize = 1024;

/// The name of a key, and what is said to be the key.
#[derive(Clone, Debug)]
pub struct Shown {
    /// As the caller gives it; it may be anything.
    pub(crate) name: SecretString,
    pub(crate) key: SecretString,
}

impl Shown {
    /// What a request shows; nothing if it shows two things.
    pub fn in_headers(headers: &HeaderMap) -> Option<Self> {
        let mut given = headers.get_all(AUTHORIZATION).iter();
        match (given.next(), given.next()) {
            (Some(value), None) => Self::of(value.to_str().ok()?),
            _ => None,
        }
    }

    /// What the value of an `Authorization` header shows (RFC 7617, in UTF-8).
    pub fn of(value: &str) -> Option<Self> {
        if value.len() > BYTES_MAX {
            return None;
        }
        let (scheme, encoded) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = BASE64_STANDARD.decode(encoded.trim_matches(' ')).ok()?;
        let text = SecretString::from(String::from_utf8(decoded).ok()?);
        let (name, key) = text.expose_secret().split_once(':')?;
        Some(Self {
            name: name.into(),
            key: key.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(value: &str) -> Option<(String, String)> {
        let shown = Shown::of(value)?;
        let text = |secret: &SecretString| secret.expose_secret().to_owned();
        Some((text(&shown.name), text(&shown.key)))
    }

    fn basic(text: impl AsRef<[u8]>) -> String {
        format!("Basic {}", BASE64_STANDARD.encode(text))
    }

    #[test]
    fn the_first_colon_parts_name_and_key_and_letters_are_utf_8() {
        let expected = Some(("blåbær".to_owned(), "a:b".to_owned()));
        assert_eq!(read(&basic("blåbær:a:b")), expected);
        assert_eq!(
            read(&basic("blåbær:a:b").replace("Basic", "bASIC ")),
            expected
        );
        assert_eq!(read(&basic(":")), Some((String::new(), String::new())));
    }

    #[test]
    fn anything_but_basic_with_a_colon_in_utf_8_shows_nothing() {
        for value in [
            String::new(),
            "Basic".to_owned(),
            "Basic ".to_owned(),
            "Bearer YXBwOmtleQ==".to_owned(),
            "Basic:YXBwOmtleQ==".to_owned(),
            "Basic YXBwOmtleQ".to_owned(),
            "Basic YXBwOmtleR==".to_owned(),
            "Basic YXBw OmtleQ==".to_owned(),
            "Basic app:key".to_owned(),
            basic("app"),
            basic(b"app:\xff"),
            basic("a".repeat(1024) + ":key"),
        ] {
            assert!(read(&value).is_none(), "{value}");
        }
    }

    #[test]
    fn two_headers_show_nothing_and_a_print_shows_neither_name_nor_key() {
        let mut headers = HeaderMap::new();
        assert!(Shown::in_headers(&headers).is_none());
        let value = HeaderValue::try_from(basic("hunter:hunter2")).unwrap();
        headers.append(AUTHORIZATION, value.clone());
        let shown = Shown::in_headers(&headers).unwrap();
        assert!(!format!("{shown:?}").contains("hunter"), "{shown:?}");
        headers.append(AUTHORIZATION, value);
        assert!(Shown::in_headers(&headers).is_none());
    }
}
