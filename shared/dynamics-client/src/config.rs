//! What a client must be told: which environment, which application, how it proves itself.
//!
//! Never in here: reading environment variables or secrets. Whoever has them parses them into these
//! types, and an invalid value says what was expected.

use std::fmt;
use std::net::IpAddr;

use thiserror::Error;
use url::{Host, Url};

use crate::credential::Credential;

/// The path of the Web API below an environment's root. Versions are frozen, so it is pinned:
/// <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors>
const API_PATH: &str = "api/data/v9.2/";

/// Entra's host in the public cloud.
const PUBLIC_CLOUD: &str = "https://login.microsoftonline.com/";

/// Everything a [`DynamicsClient`](crate::DynamicsClient) must be told.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// The environment, for example `https://contoso.crm4.dynamics.com/`.
    pub instance: InstanceUrl,
    /// The Entra tenant: a GUID or a verified domain name.
    pub tenant: String,
    /// The application (client) id registered in Entra.
    pub client_id: String,
    /// How the application proves itself, until [`renew_credential`] brings another.
    ///
    /// [`renew_credential`]: crate::DynamicsClient::renew_credential
    pub credential: Credential,
    /// The Entra host that issues tokens.
    pub authority: AuthorityHost,
    /// How much of the environment's service protection limits this process may use.
    pub budget_share: BudgetShare,
}

/// The root of a Dataverse environment.
///
/// The bearer token is sent to this origin and to no other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InstanceUrl {
    root: Url,
}

impl InstanceUrl {
    /// Reads an address as people paste it: with or without `https://`, with or without a path such
    /// as `/api/data/v9.2/`.
    ///
    /// # Errors
    /// When it is no address, carries a user name, a query or a fragment, or uses http for a host
    /// other than this machine (which only a simulator does).
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        root_of(text).map(|root| Self { root })
    }

    /// The address of the Web API, ending in a slash.
    pub(crate) fn api(&self) -> Url {
        let mut api = self.root.clone();
        api.set_path(API_PATH);
        api
    }

    /// The OAuth scope that asks for a token to this environment.
    pub(crate) fn scope(&self) -> String {
        format!("{}.default", self.root)
    }

    /// Whether `url` has this environment's scheme, host and port.
    pub(crate) fn is_origin_of(&self, url: &Url) -> bool {
        self.root.origin() == url.origin()
    }
}

impl fmt::Display for InstanceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.root.as_str().trim_end_matches('/'))
    }
}

/// The Entra host that issues tokens; sovereign clouds have their own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuthorityHost {
    root: Url,
}

impl AuthorityHost {
    /// Reads a host name or address such as `login.microsoftonline.us`.
    ///
    /// # Errors
    /// As [`InstanceUrl::parse`].
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        root_of(text).map(|root| Self { root })
    }

    /// Where `tenant` asks for tokens.
    pub(crate) fn token_endpoint(&self, tenant: &str) -> Url {
        let mut url = self.root.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend([tenant, "oauth2", "v2.0", "token"]);
        }
        url
    }
}

impl Default for AuthorityHost {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "a constant, parsed in a test")]
        Self::parse(PUBLIC_CLOUD).expect("the public cloud's address is valid")
    }
}

/// An address that cannot be used.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum InvalidAddress {
    /// Not an address at all.
    #[error("is not an address such as https://contoso.crm4.dynamics.com")]
    Malformed,
    /// The token and the data would travel in the clear.
    #[error("must use https (http is accepted only for this machine, for the simulator)")]
    Insecure,
    /// More than scheme, host and port.
    #[error("must not contain a user name, a query or a fragment")]
    Excess,
}

fn root_of(text: &str) -> Result<Url, InvalidAddress> {
    let text = text.trim();
    let absolute = if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    };
    let mut url = Url::parse(&absolute).map_err(|_| InvalidAddress::Malformed)?;
    let excess = !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some();
    if excess {
        return Err(InvalidAddress::Excess);
    }
    match url.scheme() {
        "https" if url.host().is_some() => {}
        "http" if is_this_machine(&url) => {}
        "http" => return Err(InvalidAddress::Insecure),
        _ => return Err(InvalidAddress::Malformed),
    }
    url.set_path("/");
    Ok(url)
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// The share of an environment's service protection limits that one process may use, above 0 and at
/// most 1. The rest is left to the organisation's other integrations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BudgetShare(f64);

impl BudgetShare {
    /// Reads a number above 0 and at most 1.
    pub fn new(share: f64) -> Option<Self> {
        (share > 0.0 && share <= 1.0).then_some(Self(share))
    }

    /// This share of `limit`, rounded down, but never less than 1.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a u32 is within 0..=u32::MAX"
    )]
    pub(crate) fn of(self, limit: u32) -> u32 {
        ((f64::from(limit) * self.0) as u32).max(1)
    }
}

impl Default for BudgetShare {
    /// Half: the sync never starves the organisation's other integrations.
    fn default() -> Self {
        Self(0.5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_url_is_read_as_people_paste_it() {
        for text in [
            "contoso.crm4.dynamics.com",
            "https://contoso.crm4.dynamics.com",
            " https://contoso.crm4.dynamics.com/ ",
            "https://contoso.crm4.dynamics.com/api/data/v9.2/",
            "https://CONTOSO.crm4.dynamics.com/main.aspx",
        ] {
            let url = InstanceUrl::parse(text).unwrap();
            assert_eq!(
                url.to_string(),
                "https://contoso.crm4.dynamics.com",
                "{text}"
            );
            assert_eq!(url.api().path(), "/api/data/v9.2/");
            assert_eq!(url.scope(), "https://contoso.crm4.dynamics.com/.default");
        }
    }

    #[test]
    fn an_unusable_address_says_what_is_wrong() {
        for (text, error) in [
            ("", InvalidAddress::Malformed),
            ("https://", InvalidAddress::Malformed),
            ("ftp://contoso.crm4.dynamics.com", InvalidAddress::Malformed),
            ("http://contoso.crm4.dynamics.com", InvalidAddress::Insecure),
            ("http://127.0.0.1.example.com", InvalidAddress::Insecure),
            (
                "https://user:pw@contoso.crm4.dynamics.com",
                InvalidAddress::Excess,
            ),
            (
                "https://contoso.crm4.dynamics.com/?x=1",
                InvalidAddress::Excess,
            ),
        ] {
            assert_eq!(InstanceUrl::parse(text), Err(error), "{text}");
        }
        assert!(InstanceUrl::parse("http://127.0.0.1:8080").is_ok());
        assert!(InstanceUrl::parse("http://[::1]:8080").is_ok());
    }

    #[test]
    fn a_tenant_cannot_leave_its_place_in_the_token_endpoint() {
        let url = AuthorityHost::default().token_endpoint("a/../b?c");
        assert_eq!(
            url.as_str(),
            "https://login.microsoftonline.com/a%2F..%2Fb%3Fc/oauth2/v2.0/token"
        );
    }

    #[test]
    fn a_budget_share_stays_between_nothing_and_all() {
        assert!(BudgetShare::new(0.0).is_none());
        assert!(BudgetShare::new(1.1).is_none());
        assert!(BudgetShare::new(f64::NAN).is_none());
        assert_eq!(BudgetShare::new(0.5).unwrap().of(6_000), 3_000);
        assert_eq!(BudgetShare::new(0.001).unwrap().of(52), 1);
    }
}
