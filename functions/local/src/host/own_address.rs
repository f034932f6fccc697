//! Keeps pages of other sites from reaching this host by a name of theirs that suddenly means 127.0.0.1
//! (DNS rebinding): a browser then takes them for pages of this host, and sends the key along.

use http::Request;
use http::header::HOST;
use http::uri::Authority;
use web::{Problem, ProblemKind};

/// Refuses a request that names another host than this machine. The port may be any: a tunnel has one of its
/// own.
pub(super) fn refuse_foreign_host<B>(request: &Request<B>) -> Result<(), Problem> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok(),
        _ => None,
    };
    let named = host.and_then(|host| host.parse::<Authority>().ok());
    // A request may name the host in its first line too.
    let also = request.uri().authority();
    if named.as_ref().is_some_and(is_loopback) && also.is_none_or(is_loopback) {
        return Ok(());
    }
    let detail = "expected 127.0.0.1 or localhost as the host of the address";
    Err(Problem::new(ProblemKind::ForeignHost, detail))
}

fn is_loopback(authority: &Authority) -> bool {
    // With a name before it, it is not what a browser would send.
    let bare = !authority.as_str().contains('@');
    bare && ["127.0.0.1", "localhost", "[::1]"].contains(&authority.host())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(uri: &str, hosts: &[&str]) -> bool {
        let mut request = Request::get(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        refuse_foreign_host(&request.body(()).unwrap()).is_ok()
    }

    #[test]
    fn only_this_machine_by_its_own_names_is_this_host() {
        for host in ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "[::1]:8080"] {
            assert!(passes("/", &[host]), "{host}");
        }
        for host in [
            "",
            "example.org",
            "example.org:8080",
            "127.0.0.1.example.org",
            "localhost.example.org:80",
            "localhost@example.org",
            "example.org@127.0.0.1",
            "127.0.0.2",
            "0.0.0.0",
            "127.0.0.1, example.org",
        ] {
            assert!(!passes("/", &[host]), "{host}");
        }
        assert!(!passes("/", &[]));
        assert!(!passes("/", &["127.0.0.1", "127.0.0.1"]));
        assert!(!passes("http://example.org/", &["127.0.0.1"]));
        assert!(passes("http://127.0.0.1/", &["127.0.0.1"]));
    }
}
