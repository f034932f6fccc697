//! One request, taken apart once.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request};
use bytes::Bytes;

use super::address::Address;
use super::answer::AFFINITY;
use super::prefer::Preferences;
use crate::query::QueryOptions;
use crate::requests::{self, Class};

/// The largest body that is read.
const MAX_BODY: usize = 128 * 1024 * 1024;
/// Where the Web API lives.
pub(crate) const API_PATH: &str = "/api/data/v9.2";

/// A request within another one, as sent.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A request with its body.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) options: QueryOptions,
    pub(crate) address: Address,
    /// Scheme and authority as the caller used them: links are made from it.
    pub(crate) origin: String,
    /// Path and query as sent.
    pub(crate) target: String,
}

impl Call {
    /// Takes a request apart; with `https`, links in the answer are made so.
    pub(crate) async fn read(request: Request<Body>, https: bool) -> Self {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, MAX_BODY)
            .await
            .unwrap_or_default();
        let authority = parts
            .headers
            .get("host")
            .and_then(|host| host.to_str().ok())
            .or_else(|| parts.uri.authority().map(|authority| authority.as_str()))
            .unwrap_or("localhost");
        let scheme = match parts.uri.scheme_str() {
            _ if https => "https",
            Some(scheme) => scheme,
            None => "http",
        };
        let target = parts
            .uri
            .path_and_query()
            .map_or_else(String::new, ToString::to_string);
        Self {
            address: Address::parse(parts.uri.path()),
            options: QueryOptions::parse(parts.uri.query().unwrap_or_default()),
            origin: format!("{scheme}://{authority}"),
            method: parts.method,
            headers: parts.headers,
            body,
            target,
        }
    }

    /// A request that came within another one. Its address is absolute, a path, or relative to the Web
    /// API.
    pub(crate) fn within(&self, part: Part) -> Self {
        let after_origin = part
            .url
            .split_once("://")
            .map(|(_, rest)| rest.split_at(rest.find('/').unwrap_or(rest.len())).1);
        let target = match after_origin {
            Some(target) => target.to_owned(),
            None if part.url.starts_with('/') => part.url,
            None => format!("{API_PATH}/{}", part.url),
        };
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        Self {
            address: Address::parse(path),
            options: QueryOptions::parse(query),
            origin: self.origin.clone(),
            method: part.method,
            headers: part.headers,
            body: part.body,
            target,
        }
    }

    /// The Web API's address as the caller knows it.
    pub(crate) fn api(&self) -> String {
        format!("{}{API_PATH}", self.origin)
    }

    /// The address of this very request.
    pub(crate) fn own_url(&self) -> String {
        format!("{}{}", self.origin, self.target)
    }

    /// The same without its query.
    pub(crate) fn own_address(&self) -> String {
        let path = self.target.split('?').next().unwrap_or_default();
        format!("{}{path}", self.origin)
    }

    /// The server that a cookie pins the caller to.
    pub(crate) fn pinned_server(&self) -> Option<usize> {
        let cookies = self.header("cookie")?.split(';');
        let named = cookies.filter_map(|cookie| cookie.trim().split_once('='));
        let mut values = named.filter(|(name, _)| *name == AFFINITY);
        values.next()?.1.parse().ok()
    }

    /// How many rows a bulk action carries, or requests a batch; one for anything else.
    pub(crate) fn rows(&self) -> u64 {
        let mark: &[u8] = match self.address {
            Address::Action { .. } => b"\"@odata.type\"",
            Address::Batch => b" HTTP/1.1\r\n",
            _ => return 1,
        };
        let found = self.body.windows(mark.len()).filter(|part| *part == mark);
        u64::try_from(found.count()).unwrap_or(u64::MAX)
    }

    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What the log and the faults look at; no page has more than `largest_page` rows.
    pub(crate) fn facts(&self, largest_page: u32) -> requests::Request {
        let entity_set = self.address.entity_set().map(str::to_owned);
        let class = match &self.address {
            Address::Token { .. } => Class::Token,
            Address::WhoAmI => Class::WhoAmI,
            Address::Definitions(_)
            | Address::MetadataChanges(_)
            | Address::RowCounts(_)
            | Address::Languages
            | Address::RelationshipDefinitions => Class::Metadata,
            Address::Batch => Class::Batch,
            Address::Property { .. } if self.method == Method::GET => Class::Privileges,
            Address::Action { .. } | Address::Property { .. } | Address::BulkDelete => Class::Write,
            Address::Function { .. } => Class::Privileges,
            Address::Rows(_) | Address::Count(_) | Address::Row { .. } => {
                if self.method == Method::GET {
                    Class::Read
                } else {
                    Class::Write
                }
            }
            Address::OpenId { .. } | Address::Root | Address::Unknown(_) => Class::Other,
        };
        requests::Request {
            class,
            method: self.method.to_string(),
            target: self.target.clone(),
            headers: self.logged_headers(),
            entity_set,
            page_rows: self.page_rows(largest_page),
        }
    }

    /// The headers that change what a request means, or that name it.
    fn logged_headers(&self) -> BTreeMap<String, String> {
        let logged = |name: &str| {
            name.starts_with("mscrm")
                || name.starts_with("x-ms-")
                || [
                    "prefer",
                    "if-match",
                    "if-none-match",
                    "consistency",
                    "callerobjectid",
                    "user-agent",
                ]
                .contains(&name)
        };
        let headers = self.headers.iter();
        headers
            .filter(|(name, _)| logged(name.as_str()))
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect()
    }

    fn page_rows(&self, largest: u32) -> Option<u32> {
        let is_page = self.method == Method::GET && matches!(self.address, Address::Rows(_));
        let size = Preferences::read(&self.headers, largest).max_page_size;
        // A page size makes `$top` be ignored.
        let rows = size.or_else(|| self.options.top().ok().flatten());
        let rows = rows.and_then(|rows| u32::try_from(rows).ok());
        is_page.then(|| rows.unwrap_or(largest).min(largest))
    }
}
