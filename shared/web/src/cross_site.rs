//! Keeps pages of other sites from using the key that a browser remembers for this one.

use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use url::Url;

use crate::{Problem, ProblemKind};

/// Refuses a call that a page of another site has asked a browser for. Programs send neither header.
/// Every call that alters something asks here first.
///
/// # Errors
/// [`ProblemKind::CrossSite`].
///
/// <https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site>
pub fn refuse_cross_site(headers: &HeaderMap) -> Result<(), Problem> {
    let allowed = match headers.get("sec-fetch-site") {
        // `none`: a person, by way of the address bar.
        Some(site) => site == "same-origin" || site == "none",
        // Older browsers say only where from.
        None => headers.get(ORIGIN).is_none_or(|origin| {
            let origin = origin.to_str().ok();
            let host = headers.get(HOST).and_then(|host| host.to_str().ok());
            origin
                .and_then(host_of)
                .zip(host)
                .is_some_and(|(origin, host)| origin.eq_ignore_ascii_case(host))
        }),
    };
    if allowed {
        return Ok(());
    }
    Err(Problem::new(
        ProblemKind::CrossSite,
        "a browser says that a page of another site asks for this; use the page of this address, or a program",
    ))
}

/// The host of an origin, with its port where that is not the scheme's own.
fn host_of(origin: &str) -> Option<String> {
    let url = Url::parse(origin).ok()?;
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn passes(headers: &[(&'static str, &'static str)]) -> bool {
        let pair = |(name, value)| {
            (
                http::HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        refuse_cross_site(&headers.iter().copied().map(pair).collect()).is_ok()
    }

    #[test]
    fn another_site_is_refused_and_the_own_page_a_person_and_a_program_are_not() {
        assert!(passes(&[]));
        for (site, passed) in [
            ("same-origin", true),
            ("none", true),
            ("same-site", false),
            ("cross-site", false),
            ("", false),
        ] {
            assert_eq!(passes(&[("sec-fetch-site", site)]), passed, "{site}");
        }
        let host = ("host", "sync.example.org:8443");
        for (origin, passed) in [
            ("https://sync.example.org:8443", true),
            ("https://SYNC.example.org:8443", true),
            ("https://sync.example.org", false),
            ("https://evil.example", false),
            ("null", false),
        ] {
            assert_eq!(passes(&[host, ("origin", origin)]), passed, "{origin}");
            assert!(!passes(&[("origin", origin)]), "{origin}");
        }
    }

    #[test]
    fn what_the_browser_says_of_the_site_goes_before_the_origin() {
        let host = ("host", "sync.example.org");
        let origin = ("origin", "https://sync.example.org");
        assert!(!passes(&[host, origin, ("sec-fetch-site", "cross-site")]));
    }
}
