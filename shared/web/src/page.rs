//! For those who call from the page: where it is, and how they get back to it.

use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL, LOCATION};
use http::{Extensions, HeaderMap, HeaderValue, Response, StatusCode};

use crate::{Problem, ProblemKind};

/// The address under which a host has put the calls: `/production/` behind API Gateway, whose stage stands
/// before every path. A host puts it into the extensions of a request; without it that is `/`.
///
/// It is said, and not left to relative links, because the page is also asked for without the slash at
/// the end of its address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Base(String);

/// What became of a button. It goes through the address back to the page, so it is a word out of a few.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Notice {
    /// A run was started.
    Started,
    /// One goes on already.
    Underway,
    /// A guard was released.
    Released,
    /// A test message was sent.
    Tested,
    /// A change was decided about.
    Resolved,
    /// It cannot be done any more.
    NotPossible,
    /// It could not be done.
    Failed,
}

impl Base {
    /// Of a host that has put `/health` at `path`, when it was asked for `/health`. Anything that is no plain
    /// path counts for nothing.
    pub fn of(path: &str, own: &str) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/_-.~".contains(c);
        let stage = path
            .trim_end_matches('/')
            .strip_suffix(own.trim_end_matches('/'))
            // Two slashes in front would be the address of another host.
            .filter(|stage| stage.chars().all(plain) && !stage.contains("//"))
            .unwrap_or_default();
        Self(format!("{}/", stage.trim_end_matches('/')))
    }

    /// The one that the host of a request has put there.
    pub fn among(extensions: &Extensions) -> Self {
        extensions.get().cloned().unwrap_or_default()
    }

    /// With a slash at both ends.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Base {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl Notice {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Started,
        Self::Underway,
        Self::Released,
        Self::Tested,
        Self::Resolved,
        Self::NotPossible,
        Self::Failed,
    ];

    /// As it stands in the address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Underway => "underway",
            Self::Released => "released",
            Self::Tested => "tested",
            Self::Resolved => "resolved",
            Self::NotPossible => "not-possible",
            Self::Failed => "failed",
        }
    }

    /// What it says on the page of something that was not done.
    pub fn of(problem: &Problem) -> Self {
        match problem.kind() {
            ProblemKind::NotPossible | ProblemKind::NotFound => Self::NotPossible,
            _ => Self::Failed,
        }
    }
}

/// Whether this comes from a button of the page: who asks for HTML before anything else is a browser, and
/// must get back to the page instead of being shown JSON.
pub fn wants_html(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get(ACCEPT)
        .and_then(|accepted| accepted.to_str().ok());
    let first = accepted.and_then(|accepted| accepted.split([',', ';']).next());
    first.is_some_and(|first| first.trim().eq_ignore_ascii_case("text/html"))
}

/// Back to the page, which says what became of the button.
pub fn back_to_page(base: &Base, notice: Notice) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    let location = format!("{}?done={}", base.as_str(), notice.name());
    if let Ok(location) = HeaderValue::try_from(location) {
        headers.insert(LOCATION, location);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_found_behind_a_stage_a_mapped_domain_and_on_its_own() {
        for (path, own, base) in [
            ("/production/health", "/health", "/production/"),
            ("/production/", "/", "/production/"),
            ("/production", "/", "/production/"),
            ("/a/b/streams/x/release", "/streams/x/release", "/a/b/"),
            ("/health", "/health", "/"),
            ("/", "/", "/"),
            ("", "/", "/"),
            ("//evil.example/", "/", "/"),
            ("/\"><script>/", "/", "/"),
            ("/elsewhere", "/health", "/"),
        ] {
            assert_eq!(Base::of(path, own).as_str(), base, "{path}");
        }
    }

    #[test]
    fn a_browser_gets_back_to_the_page_and_a_program_gets_its_answer() {
        for (accept, browser) in [
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                true,
            ),
            ("text/html; q=1", true),
            ("application/json, text/html", false),
            ("*/*", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(wants_html(&headers), browser, "{accept}");
        }
        assert!(!wants_html(&HeaderMap::new()));
        let response = back_to_page(&Base::of("/test/runs", "/runs"), Notice::Started);
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(response.headers()[LOCATION], "/test/?done=started");
    }
}
