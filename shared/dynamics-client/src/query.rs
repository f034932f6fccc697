//! What to read: a table's rows, or its changes, as the query string of the Web API.
//!
//! Names are checked and literals quoted here, so that no name or value can change what a query
//! means. Never in here: sending.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::error::{ErrorKind, Problem};
use crate::filter::Filter;

/// Everything but the unreserved characters of RFC 3986.
pub(crate) const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A first read of a table.
///
/// ```
/// use dynamics_client::{Filter, Query};
///
/// let everything_and_then_changes = Query::new("contacts").select(["fullname"]).track_changes();
/// let since = "2026-11-20T02:00:00Z".parse()?;
/// let recent = Query::new("contacts")
///     .select(["fullname", "modifiedon"])
///     .filter(Filter::ge_time("modifiedon", since))
///     .order_by(["modifiedon", "contactid"])
///     .max_page_size(500);
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Query {
    entity_set: String,
    select: Vec<String>,
    filter: Option<Filter>,
    order_by: Vec<String>,
    top: Option<u32>,
    max_page_size: Option<u32>,
    track_changes: bool,
}

impl Query {
    /// All rows and all columns of `entity_set`.
    pub fn new(entity_set: impl Into<String>) -> Self {
        Self {
            entity_set: entity_set.into(),
            select: Vec::new(),
            filter: None,
            order_by: Vec::new(),
            top: None,
            max_page_size: None,
            track_changes: false,
        }
    }

    /// Only these columns, by their [names for selecting](crate::Table::select_name). The primary key
    /// always comes too, and others may.
    pub fn select<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.select = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Only rows for which `filter` is true.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = Some(filter);
        self
    }

    /// In ascending order of these columns. The order must be unique, so end it with the primary
    /// key: each page is a query of its own, and ties would repeat or skip rows.
    pub fn order_by<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.order_by = columns.into_iter().map(Into::into).collect();
        self
    }

    /// At most this many rows in all. Dataverse ignores it if a page size is asked for as well.
    pub fn top(mut self, rows: u32) -> Self {
        self.top = Some(rows);
        self
    }

    /// At most this many rows a page; Dataverse's own maximum is 5,000.
    pub fn max_page_size(mut self, rows: u32) -> Self {
        self.max_page_size = Some(rows);
        self
    }

    /// The last page brings a delta link, from which later reads go on with what changed since.
    ///
    /// Dataverse refuses it together with a filter, an order or a top; a request made of such a
    /// query fails with [`ErrorKind::BadRequest`] before anything is sent.
    pub fn track_changes(mut self) -> Self {
        self.track_changes = true;
        self
    }

    pub(crate) fn entity_set(&self) -> &str {
        &self.entity_set
    }

    pub(crate) fn preferences(&self) -> Preferences {
        Preferences {
            max_page_size: self.max_page_size,
            track_changes: self.track_changes,
        }
    }

    /// The address to read, below the Web API's root `api`.
    pub(crate) fn url(&self, api: &Url) -> Result<Url, Box<Problem>> {
        self.check()?;
        let mut options = Vec::new();
        if !self.select.is_empty() {
            options.push(format!("$select={}", self.select.join(",")));
        }
        if let Some(filter) = &self.filter {
            let text = utf8_percent_encode(filter.text(), ENCODED);
            options.push(format!("$filter={text}"));
        }
        if !self.order_by.is_empty() {
            let order: Vec<String> = self
                .order_by
                .iter()
                .map(|name| format!("{name}%20asc"))
                .collect();
            options.push(format!("$orderby={}", order.join(",")));
        }
        if let Some(top) = self.top {
            options.push(format!("$top={top}"));
        }
        let mut url = api
            .join(&self.entity_set)
            .map_err(|_| bad_name(&self.entity_set))?;
        if !options.is_empty() {
            url.set_query(Some(&options.join("&")));
        }
        Ok(url)
    }

    fn check(&self) -> Result<(), Box<Problem>> {
        let filtered = self.filter.iter().flat_map(Filter::columns);
        let names = [&self.entity_set]
            .into_iter()
            .chain(&self.select)
            .chain(&self.order_by);
        for name in names.chain(filtered) {
            check_name(name)?;
        }
        let plain = self.filter.is_none() && self.order_by.is_empty() && self.top.is_none();
        if self.track_changes && !plain {
            return Err(
                Problem::new(ErrorKind::BadRequest, "the request was not sent")
                    .because("change tracking allows no filter, no order and no top")
                    .advise("Read the whole table and filter what comes."),
            );
        }
        Ok(())
    }
}

/// What is asked for in the `Prefer` header. Every follow-up of a read repeats that of the first.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Preferences {
    pub(crate) max_page_size: Option<u32>,
    pub(crate) track_changes: bool,
}

impl Preferences {
    /// The header's text, if anything is asked for.
    pub(crate) fn header(self) -> Option<String> {
        let track = self.track_changes.then(|| "odata.track-changes".to_owned());
        let size = self
            .max_page_size
            .map(|rows| format!("odata.maxpagesize={rows}"));
        let parts: Vec<String> = track.into_iter().chain(size).collect();
        (!parts.is_empty()).then(|| parts.join(","))
    }
}

/// Checks the name of an entity set, column or privilege: it becomes part of an address.
pub(crate) fn check_name(name: &str) -> Result<(), Box<Problem>> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.is_empty() || !name.bytes().all(fits) {
        return Err(bad_name(name));
    }
    Ok(())
}

fn bad_name(name: &str) -> Box<Problem> {
    Problem::new(ErrorKind::BadRequest, "the request was not sent")
        .because(format!(
            "{name:?} is not the name of a table, column or privilege"
        ))
        .advise("A name has only letters a to z, digits and underscores.")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;

    fn url(query: &Query) -> Result<String, Box<Problem>> {
        let api = Url::parse("https://contoso.crm4.dynamics.com/api/data/v9.2/").unwrap();
        query
            .url(&api)
            .map(|url| url[url::Position::BeforePath..].to_owned())
    }

    #[test]
    fn a_query_is_written_as_the_web_api_reads_it() {
        let since: Timestamp = "2024-05-01T00:00:00.75Z".parse().unwrap();
        let id = Uuid::from_u128(0x49b0_be2e);
        let query = Query::new("contacts")
            .select(["fullname", "_hlf_contactid_value"])
            .filter(Filter::ge_time("modifiedon", since).and(Filter::eq_guid("contactid", id)))
            .order_by(["modifiedon", "contactid"])
            .top(10);
        assert_eq!(
            url(&query).unwrap(),
            "/api/data/v9.2/contacts?$select=fullname,_hlf_contactid_value\
             &$filter=%28modifiedon%20ge%202024-05-01T00%3A00%3A00Z%20and%20\
             contactid%20eq%2000000000-0000-0000-0000-000049b0be2e%29\
             &$orderby=modifiedon%20asc,contactid%20asc&$top=10"
        );
    }

    #[test]
    fn a_text_cannot_leave_its_quotes_or_its_place_in_the_address() {
        let filter = Filter::eq_text("lastname", "O'Brian & co + ø#?=")
            .or(Filter::eq_integer("statecode", 0));
        assert_eq!(
            url(&Query::new("contacts").filter(filter)).unwrap(),
            "/api/data/v9.2/contacts?$filter=%28lastname%20eq%20%27O%27%27Brian%20%26%20co%20%2B%20\
             %C3%B8%23%3F%3D%27%20or%20statecode%20eq%200%29"
        );
    }

    #[test]
    fn a_name_that_is_no_name_is_refused_before_anything_is_sent() {
        let queries = [
            Query::new(""),
            Query::new("contacts/../x"),
            Query::new("contacts").select(["a&$top=1"]),
            Query::new("contacts").order_by(["a desc"]),
            Query::new("contacts").filter(Filter::eq_integer("a eq 1 or b", 2)),
        ];
        for query in queries {
            assert_eq!(
                url(&query).unwrap_err().kind,
                ErrorKind::BadRequest,
                "{query:?}"
            );
        }
    }

    #[test]
    fn change_tracking_with_a_filter_an_order_or_a_top_is_refused_before_anything_is_sent() {
        let tracked = Query::new("contacts").select(["fullname"]).track_changes();
        assert!(url(&tracked).is_ok());
        for query in [
            tracked.clone().filter(Filter::eq_integer("statecode", 0)),
            tracked.clone().order_by(["contactid"]),
            tracked.top(1),
        ] {
            assert_eq!(url(&query).unwrap_err().kind, ErrorKind::BadRequest);
        }
    }

    #[test]
    fn preferences_share_one_header() {
        let query = Query::new("contacts").max_page_size(500);
        assert_eq!(
            query.preferences().header().unwrap(),
            "odata.maxpagesize=500"
        );
        assert_eq!(
            query.track_changes().preferences().header().unwrap(),
            "odata.track-changes,odata.maxpagesize=500"
        );
        assert_eq!(Query::new("contacts").preferences().header(), None);
    }

    #[test]
    fn a_filters_values_do_not_show_in_debug() {
        let filter = Filter::eq_text("lastname", "Hansen");
        assert!(!format!("{:?}", Query::new("contacts").filter(filter)).contains("Hansen"));
    }
}
