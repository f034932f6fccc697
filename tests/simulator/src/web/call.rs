//! One request, taken apart once.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request};
use bytes::Bytes;

use super::address::Address;
use super::prefer::Preferences;
use crate::query::QueryOptions;
use crate::requests::{self, Class};

/// The largest body that is read.
const MAX_BODY: usize = 128 * 1024 * 1024;
/// Where the Web API lives.
pub(crate) const API_PATH: &str = "/api/data/v9.2";

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
    pub(crate) async fn read(request: Request<Body>) -> Self {
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
        let scheme = parts.uri.scheme_str().unwrap_or("http");
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

    /// The Web API's address as the caller knows it.
    pub(crate) fn api(&self) -> String {
        format!("{}{API_PATH}", self.origin)
    }

    /// The address of this very request.
    pub(crate) fn own_url(&self) -> String {
        format!("{}{}", self.origin, self.target)
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
            Address::Definitions(_) => Class::Metadata,
            Address::Function { .. } => Class::Privileges,
            Address::Rows(_) | Address::Count(_) | Address::Row { .. } => {
                if self.method == Method::GET {
                    Class::Read
                } else {
                    Class::Write
                }
            }
            Address::Root | Address::Unknown(_) => Class::Other,
        };
        requests::Request {
            class,
            method: self.method.to_string(),
            target: self.target.clone(),
            entity_set,
            page_rows: self.page_rows(largest_page),
        }
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
