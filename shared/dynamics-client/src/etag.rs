//! Which version of a row a write is meant for.
//!
//! An entity tag is compared by Dataverse and by nobody else: it is kept as it came.

use http::HeaderValue;

/// A row's entity tag, for example `W/"915244"`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ETag(String);

impl ETag {
    /// A tag as it was received or stored; `None` if it is none. `*` is no tag.
    pub fn parse(text: &str) -> Option<Self> {
        let opaque = text.strip_prefix("W/").unwrap_or(text);
        let inner = opaque.strip_prefix('"')?.strip_suffix('"')?;
        let plain = inner
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'"');
        plain.then(|| Self(text.to_owned()))
    }

    /// The tag as it was received.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What must hold of the row that is updated or deleted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum IfMatch {
    /// It exists, in whichever version.
    Any,
    /// It is of this version still.
    ETag(ETag),
}

impl IfMatch {
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        match self {
            Self::Any => Some(HeaderValue::from_static("*")),
            Self::ETag(tag) => HeaderValue::from_str(tag.as_str()).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_kept_as_it_came_and_anything_else_is_no_tag() {
        for text in [
            r#"W/"915244""#,
            r#"W/"e1015c6f-0000-0200-0000-67af80e80000""#,
            r#""1""#,
        ] {
            assert_eq!(ETag::parse(text).unwrap().as_str(), text);
        }
        for text in ["*", "", "915244", r#"W/""#, "W/\"1\r\nx: y\"", r#"W/"1"2""#] {
            assert_eq!(ETag::parse(text), None, "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_tag_is_a_header_of_its_own_and_nothing_else_is_a_tag(
            tag in "(W/)?\"[!#-~]{0,30}\"",
            text in ".{0,30}",
        ) {
            let read = ETag::parse(&tag).unwrap();
            proptest::prop_assert_eq!(read.as_str(), &tag);
            for text in [text.clone(), format!("W/\"{text}\"")] {
                if let Some(tag) = ETag::parse(&text) {
                    proptest::prop_assert_ne!(&text, "*");
                    let header = IfMatch::ETag(tag).header().unwrap();
                    proptest::prop_assert_eq!(header.to_str().unwrap(), text);
                }
            }
        }
    }
}
