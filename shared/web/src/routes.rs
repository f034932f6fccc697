//! Every call that there is, and which scopes it takes: for the authorizer, which must tell the gateway all
//! that a key is good for, and for the host on loopback. The libraries check for themselves; tests hold
//! them against this.

use http::Method;

use crate::{Scope, Scopes};

/// A call that there is.
#[derive(Debug)]
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its path; `{…}` stands for one part of it, whatever that says.
    pub path: &'static str,
    /// A key is good for it that has one of these. None: everybody may, without a key.
    pub scopes: &'static [Scope],
}

/// All of them.
pub static ROUTES: [Route; 14] = [
    get("/", &[Scope::Read]),
    get("/health", &[Scope::Read]),
    get("/healthz", &[]),
    get("/export/{file}", &[Scope::Export]),
    get("/changes", &[Scope::Changes, Scope::Read]),
    get("/changes/{id}", &[Scope::Changes, Scope::Read]),
    post("/changes", &[Scope::Changes]),
    post("/changes/{id}/retry", &[Scope::Run]),
    post("/changes/{id}/drop", &[Scope::Run]),
    post("/changes/{id}/keep-app", &[Scope::Run]),
    post("/changes/{id}/keep-dynamics", &[Scope::Run]),
    post("/runs", &[Scope::Run]),
    post("/streams/{stream}/release", &[Scope::Run]),
    post("/alerts/test", &[Scope::Run]),
];

const fn get(path: &'static str, scopes: &'static [Scope]) -> Route {
    let method = Method::GET;
    Route {
        method,
        path,
        scopes,
    }
}

const fn post(path: &'static str, scopes: &'static [Scope]) -> Route {
    let method = Method::POST;
    Route {
        method,
        path,
        scopes,
    }
}

impl Route {
    /// Whether it needs no key.
    pub fn is_open(&self) -> bool {
        self.scopes.is_empty()
    }

    /// Whether a key with these scopes is good for it.
    pub fn is_for(&self, scopes: &Scopes) -> bool {
        self.is_open() || scopes.has_any(self.scopes)
    }

    fn is_at(&self, path: &str) -> bool {
        let mut given = path.split('/');
        let same = |pattern: &str| match given.next() {
            Some(part) if pattern.starts_with('{') => !part.is_empty(),
            part => part == Some(pattern),
        };
        self.path.split('/').all(same) && given.next().is_none()
    }
}

/// The call that is made with this method at this path.
pub fn route(method: &Method, path: &str) -> Option<&'static Route> {
    let mut routes = ROUTES.iter();
    routes.find(|route| route.method == *method && route.is_at(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(method: Method, path: &str) -> Option<&'static str> {
        route(&method, path).map(|route| route.path)
    }

    #[test]
    fn a_path_is_a_call_only_whole_and_with_its_method() {
        assert_eq!(at(Method::GET, "/"), Some("/"));
        let members = at(Method::GET, "/export/members.csv");
        assert_eq!(members, Some("/export/{file}"));
        let retry = at(Method::POST, "/changes/0f0c/retry");
        assert_eq!(retry, Some("/changes/{id}/retry"));
        for (method, path) in [
            (Method::POST, "/"),
            (Method::GET, ""),
            (Method::GET, "//"),
            (Method::GET, "/healthz/"),
            (Method::GET, "/export/"),
            (Method::GET, "/export/a/b"),
            (Method::GET, "/changes/0f0c/retry"),
            (Method::POST, "/changes//retry"),
            (Method::POST, "/changes/0f0c/retry/"),
            (Method::HEAD, "/health"),
        ] {
            assert_eq!(at(method, path), None, "{path}");
        }
    }

    #[test]
    fn only_the_sign_of_life_is_open_and_no_two_calls_are_the_same() {
        let open: Vec<_> = ROUTES.iter().filter(|route| route.is_open()).collect();
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].path, "/healthz");
        assert!(open[0].is_for(&Scopes::default()));
        for this in &ROUTES {
            let found = route(&this.method, this.path).unwrap();
            assert!(std::ptr::eq(found, this), "{} is there twice", this.path);
        }
    }
}
