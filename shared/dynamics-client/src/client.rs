//! The client: what can be asked of Dataverse.

use std::fmt;
use std::sync::Arc;

use clock::Clock;
use futures::Stream;
use futures::stream::try_unfold;
use http::{HeaderValue, Method};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;
use uuid::Uuid;

use crate::call::{Call, Repeat, Scope, Target};
use crate::classify::{Failure, request_id};
use crate::config::ClientConfig;
use crate::counters::{Counters, RequestClass};
use crate::credential::Credential;
use crate::error::{Error, ErrorKind, Problem};
use crate::page::{self, Next, Page, PageRequest};
use crate::pipeline::Core;
use crate::transport::Transport;
use crate::unusable::unreadable;
use crate::walk::{Walk, endless};
use crate::write_options::WriteOptions;

/// A client for one Dataverse environment.
///
/// Clones are cheap and share the token, the request budget and the retry budget.
#[derive(Clone)]
pub struct DynamicsClient {
    pub(crate) core: Arc<Core>,
    pub(crate) scope: Scope,
}

/// Who the application is in the environment.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "PascalCase")]
pub struct WhoAmI {
    /// The application user.
    pub user_id: Uuid,
    /// Its business unit.
    pub business_unit_id: Uuid,
    /// The environment's organization: another id means another environment, or a copy of it.
    pub organization_id: Uuid,
}

impl DynamicsClient {
    /// A client that sends over `transport` and takes time from `clock`. `seed` fixes the jitter of
    /// its waits and the ids of its requests.
    pub fn new(
        config: ClientConfig,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        seed: u64,
    ) -> Self {
        Self {
            core: Arc::new(Core::new(config, transport, clock, seed)),
            scope: Scope::default(),
        }
    }

    /// The same client, which waits for nothing (a retry, the budget, a throttle, another request)
    /// beyond `deadline`, nor beyond an earlier one it already has, but fails with [`ErrorKind::Deadline`] instead.
    pub fn until(&self, deadline: Timestamp) -> Self {
        let mut client = self.clone();
        let earliest = client
            .scope
            .deadline
            .map_or(deadline, |held| held.min(deadline));
        client.scope.deadline = Some(earliest);
        client
    }

    /// Goes on with another credential of the same application, for all clones: the token got with the
    /// old one is dropped, and whatever this client knows of its budget and of throttles is kept.
    pub fn renew_credential(&self, credential: Credential) {
        self.core.tokens.renew_credential(credential);
    }

    /// The same client, whose requests are counted in `counters` too.
    pub fn counting(&self, counters: Arc<Counters>) -> Self {
        let mut client = self.clone();
        client.scope.counters.push(counters);
        client
    }

    /// The same client, whose writes are made with `options`.
    pub fn writing(&self, options: WriteOptions) -> Self {
        let mut client = self.clone();
        client.scope.writing = options;
        client
    }

    /// Asks who the application is: the cheapest proof that token, address and user are right.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn who_am_i(&self) -> Result<WhoAmI, Error> {
        let operation = format!("connect to {}", self.core.config.instance);
        self.get(RequestClass::WhoAmI, operation, "WhoAmI", &Ok)
            .await
    }

    /// Reads one page: whole, or not at all. The links on it are this environment's.
    ///
    /// # Errors
    /// [`ErrorKind::DeltaExpired`] and [`ErrorKind::LinkRefused`] if the request's link is no longer
    /// accepted; [`ErrorKind::ForeignLink`] if a link, the request's or the page's, leads elsewhere;
    /// else see [`ErrorKind`].
    pub async fn page(&self, request: &PageRequest) -> Result<Page, Error> {
        let instance = &self.core.config.instance;
        let entity_set = match request {
            PageRequest::Query(query) => query.entity_set().to_owned(),
            PageRequest::Link { link, .. } => link.entity_set(),
        };
        let operation = format!("read {entity_set}");
        let fail = |problem| Error::new(&operation, problem);
        let url = match request {
            PageRequest::Query(query) => query.url(&instance.api()),
            PageRequest::Link { link, .. } => link.resolve(instance),
        };
        let prefer = request
            .preferences()
            .header()
            .and_then(|text| HeaderValue::from_str(&text).ok());
        let call = Call {
            class: RequestClass::Page,
            operation: operation.clone(),
            repeat: Repeat::Always,
            target: Target::Api {
                method: Method::GET,
                url: url.map_err(fail)?,
                prefer,
                by_link: request.link().is_some(),
            },
        };
        self.core
            .carry_out(&self.scope, &call, &|answer| {
                let page = page::read(call.asked(), answer)?;
                if let Next::Page(link) | Next::Delta(link) = &page.next {
                    link.resolve(instance).map_err(Failure::unusable)?;
                }
                if let Next::Page(link) = &page.next
                    && request.link() == Some(link)
                {
                    let problem = endless("the next page is this page again");
                    return Err(Failure::unusable(problem));
                }
                Ok(page)
            })
            .await
    }

    /// Reads `first` and every page after it. Ends after the page that has no next page, or after the
    /// first error.
    ///
    /// ```
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/example.rs")); }
    /// # fn main() { example::run(async |client| {
    /// use dynamics_client::{Entry, Filter, Query};
    /// use futures::TryStreamExt;
    ///
    /// let active = Query::new("contacts")
    ///     .select(["fullname"])
    ///     .filter(Filter::eq_integer("statecode", 0))
    ///     .order_by(["contactid"])
    ///     .max_page_size(5);
    /// let mut pages = Box::pin(client.pages(active.into()));
    /// while let Some(page) = pages.try_next().await? {
    ///     for entry in page.entries {
    ///         if let Entry::Row(row) = entry {
    ///             println!("{:?}", row.cell("fullname").text()?);
    ///         }
    ///     }
    /// }
    /// # Ok(()) }) }
    /// ```
    ///
    /// # Errors
    /// As [`Self::page`]; [`ErrorKind::Protocol`] if a link comes a second time or the pages do not end.
    pub fn pages(
        &self,
        first: PageRequest,
    ) -> impl Stream<Item = Result<Page, Error>> + Send + use<> {
        try_unfold(Walk::new(self.clone(), first), Walk::step)
    }

    /// Reads a whole document and what `refine` makes of it.
    pub(crate) async fn get<D: DeserializeOwned, T>(
        &self,
        class: RequestClass,
        operation: String,
        path: &str,
        refine: &(dyn Fn(D) -> Result<T, Box<Problem>> + Sync),
    ) -> Result<T, Error> {
        let url = address(&self.core.config.instance.api(), path)
            .map_err(|problem| Error::new(&operation, problem))?;
        let call = Call {
            class,
            operation,
            repeat: Repeat::Always,
            target: Target::Api {
                method: Method::GET,
                url,
                prefer: None,
                by_link: false,
            },
        };
        self.core
            .carry_out(&self.scope, &call, &|answer| {
                let document = serde_json::from_slice(answer.body())
                    .map_err(|error| unreadable(call.asked(), answer, &error))?;
                refine(document).map_err(|mut problem| {
                    problem.request_id = request_id(answer.headers());
                    Failure::unusable(problem)
                })
            })
            .await
    }
}

impl fmt::Debug for DynamicsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicsClient")
            .field("instance", &self.core.config.instance)
            .field("deadline", &self.scope.deadline)
            .finish_non_exhaustive()
    }
}

pub(crate) fn address(api: &Url, path: &str) -> Result<Url, Box<Problem>> {
    api.join(path).map_err(|_| {
        Problem::new(ErrorKind::BadRequest, "the request was not sent")
            .because("its address is malformed")
            .advise("This is a fault of this client; report it.")
    })
}
