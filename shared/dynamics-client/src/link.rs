//! Links that Dataverse hands out: the next page, the next delta.
//!
//! Opaque, and used unchanged. Never shown: a nextLink repeats the values of a filter and those of the
//! last row's order columns, which may be personal data. And they come out of a response body or out of a store, and the bearer
//! token travels with them: [`Link::resolve`] is the one way to turn one into an address, and it
//! refuses every address that is not this environment's Web API.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::config::InstanceUrl;
use crate::error::{ErrorKind, Problem};

/// A nextLink or deltaLink. It carries no token, but may carry values of rows: it may be stored where
/// the rows are, and must not be logged.
#[derive(Clone, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Link(String);

impl Link {
    /// The link's text, to be stored, not to be shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address to read, if it belongs to the Web API of `instance`.
    pub(crate) fn resolve(&self, instance: &InstanceUrl) -> Result<Url, Box<Problem>> {
        let Ok(url) = Url::parse(&self.0) else {
            return Err(foreign("the link is not an address"));
        };
        let is_plain =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if !instance.is_origin_of(&url) || !is_plain {
            // Only the origin: the rest of a foreign address is nobody's business.
            let origin = url.origin().ascii_serialization();
            return Err(foreign(format!(
                "the link leads to {origin} instead of {instance}"
            )));
        }
        if !url.path().starts_with(instance.api().path()) {
            return Err(foreign(format!(
                "the link leads outside the Web API of {instance}"
            )));
        }
        Ok(url)
    }

    /// The entity set the link reads, for texts, without a row's key.
    pub(crate) fn entity_set(&self) -> String {
        Url::parse(&self.0)
            .ok()
            .and_then(|url| {
                Some(
                    url.path_segments()?
                        .next_back()?
                        .split('(')
                        .next()?
                        .to_owned(),
                )
            })
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| "rows".to_owned())
    }
}

impl From<String> for Link {
    /// A link as it was stored. It is checked when it is used.
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// Shows which table it reads, and nothing of its values.
impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("entity_set", &self.entity_set())
            .field("length", &self.0.len())
            .finish()
    }
}

fn foreign(why: impl Into<std::borrow::Cow<'static, str>>) -> Box<Problem> {
    Problem::new(ErrorKind::ForeignLink, "the link was not followed")
        .because(why)
        .advise(
            "The token is sent to the configured environment only. Check the environment's address; \
             if it has changed, the tables must be read in full again.",
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(text: &str) -> Result<Url, Box<Problem>> {
        let instance = InstanceUrl::parse("https://contoso.crm4.dynamics.com").unwrap();
        Link::from(text.to_owned()).resolve(&instance)
    }

    #[test]
    fn a_link_to_the_environments_web_api_is_followed() {
        for text in [
            "https://contoso.crm4.dynamics.com/api/data/v9.2/contacts?$skiptoken=%3Ccookie%20x=%221%22",
            "https://contoso.crm4.dynamics.com:443/api/data/v9.2/contacts?$deltatoken=919042%2108",
            "HTTPS://CONTOSO.crm4.dynamics.com/api/data/v9.2/contacts",
        ] {
            assert!(resolve(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn every_other_link_is_refused() {
        for text in [
            "",
            "contacts?$skiptoken=1",
            "//contoso.crm4.dynamics.com/api/data/v9.2/contacts",
            "http://contoso.crm4.dynamics.com/api/data/v9.2/contacts",
            "https://contoso.crm4.dynamics.com:444/api/data/v9.2/contacts",
            "https://contoso.crm4.dynamics.com.evil.example/api/data/v9.2/contacts",
            "https://contoso.crm4.dynamics.com@evil.example/api/data/v9.2/contacts",
            "https://user:pw@contoso.crm4.dynamics.com/api/data/v9.2/contacts",
            "https://evil.example/api/data/v9.2/contacts",
            "https://evil.example\\@contoso.crm4.dynamics.com/api/data/v9.2/contacts",
            "https://contoso.crm4.dynamics.com/api/data/v9.2/../../../evil",
            "https://contoso.crm4.dynamics.com/api/data/v9.2/%2e%2e/v9.1/contacts",
            "https://contoso.crm4.dynamics.com/api/data/v9.20/contacts",
            "https://contoso.crm4.dynamics.com/api/data/v9.2/contacts#x",
        ] {
            let problem = resolve(text).expect_err(text);
            assert_eq!(problem.kind, ErrorKind::ForeignLink, "{text}");
        }
    }

    #[test]
    fn a_link_is_stored_as_the_text_it_came_as() {
        let text = "https://contoso.crm4.dynamics.com/api/data/v9.2/contacts?$select=a'b";
        let link = Link::from(text.to_owned());
        let stored = serde_json::to_string(&link).unwrap();
        assert_eq!(stored, format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<Link>(&stored).unwrap(), link);
        assert_eq!(link.entity_set(), "contacts");
    }

    #[test]
    fn a_link_shows_its_table_and_no_value() {
        let link = Link::from("https://x/api/data/v9.2/contacts?$filter=a'b".to_owned());
        assert_eq!(
            format!("{link:?}"),
            r#"Link { entity_set: "contacts", length: 44 }"#
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_leads_the_token_astray(text in ".{0,80}", path in "[a-z/.%]{0,20}", host in "[a-z.@:/\\\\]{0,20}") {
            for link in [
                text.clone(),
                format!("https://contoso.crm4.dynamics.com{host}/api/data/v9.2/{path}"),
                format!("https://{host}/api/data/v9.2/{text}"),
            ] {
                if let Ok(url) = resolve(&link) {
                    proptest::prop_assert_eq!(url.host_str(), Some("contoso.crm4.dynamics.com"));
                    proptest::prop_assert_eq!(url.scheme(), "https");
                    proptest::prop_assert!(url.path().starts_with("/api/data/v9.2/"));
                }
            }
        }
    }
}
