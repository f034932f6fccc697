//! The calls over HTTP: which address is which export, and what its headers say.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Method, Request, Response};
use jiff::Timestamp;
use web::{Caller, Problem, ProblemKind, Scope, refuse_cross_site};

use crate::body::whole;
use crate::encoding::takes_gzip;
use crate::{ExportBody, Exports, Of, Opened, Packing, Refused, Wanted};

/// Where the rows come from: `dynamics`, `copy` or `changes`.
const SOURCE: HeaderName = HeaderName::from_static("x-sync-source");
/// As of when they are.
const AS_OF: HeaderName = HeaderName::from_static("x-sync-as-of");
/// The kind of failure for which the copy stands in for Dynamics.
const FALLBACK: HeaderName = HeaderName::from_static("x-sync-fallback");

impl Exports {
    /// Answers a call that may take as long as it needs.
    pub async fn handle(&self, caller: &Caller, request: Request<Bytes>) -> Response<ExportBody> {
        self.handle_until(caller, request, Timestamp::MAX).await
    }

    /// Answers a call. A file that is not whole by `deadline` is ended a little before it.
    pub async fn handle_until(
        &self,
        caller: &Caller,
        request: Request<Bytes>,
        deadline: Timestamp,
    ) -> Response<ExportBody> {
        let answered = self.answer(caller, &request, deadline).await;
        answered.unwrap_or_else(|problem| {
            let code = problem.kind().code();
            tracing::info!(code, "a request was not done");
            whole(problem.into_response())
        })
    }

    async fn answer(
        &self,
        caller: &Caller,
        request: &Request<Bytes>,
        deadline: Timestamp,
    ) -> Result<Response<ExportBody>, Problem> {
        if !caller.scopes.has(Scope::Export) {
            return Err(Problem::missing_scope(&[Scope::Export]));
        }
        if request.method() != Method::GET {
            return Err(Problem::method_not_allowed("GET"));
        }
        // It changes nothing, but it costs requests to Dynamics.
        refuse_cross_site(request.headers())?;
        let (path, query) = (request.uri().path(), request.uri().query());
        let (wanted, file) = Wanted::of_address(path, query.unwrap_or_default(), &self.streams)?;
        let packing = match file {
            Packing::None if takes_gzip(request.headers()) => Packing::Transfer,
            other => other,
        };
        let opened = self.open(&caller.key, &wanted, deadline).await;
        let opened = opened.map_err(|refused| match refused {
            Refused::Problem(problem) => problem,
            Refused::Down { .. } => Problem::new(
                ProblemKind::Unavailable,
                "Dynamics does not answer; ask again",
            ),
        })?;
        let mut response = Response::new(());
        *response.headers_mut() = headers(&wanted, &opened, packing);
        let running = opened.start(packing).map_err(|error| {
            tracing::error!(reason = %error, "an export could not begin");
            Problem::new(
                ProblemKind::Failed,
                "the file could not be begun; the log says why",
            )
        })?;
        Ok(response.map(|()| ExportBody::pieces(running)))
    }
}

/// Every text in them is a constant, a stream's name (whose characters the stream file limits) or a time.
fn headers(wanted: &Wanted, opened: &Opened, packing: Packing) -> http::HeaderMap {
    let constant = HeaderValue::from_static;
    let mut headers = http::HeaderMap::new();
    let (kind, ending) = match packing {
        Packing::None | Packing::Transfer => ("text/csv; charset=utf-8", "csv"),
        Packing::File => ("application/gzip", "csv.gz"),
    };
    if packing == Packing::Transfer {
        headers.insert(CONTENT_ENCODING, constant("gzip"));
    }
    headers.insert(CONTENT_TYPE, constant(kind));
    headers.insert(CACHE_CONTROL, constant("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, constant("nosniff"));
    headers.insert(VARY, constant("accept-encoding"));
    headers.insert(SOURCE, constant(opened.source.name()));
    let stem = match wanted.of {
        Of::Rows { .. } => opened.stream.clone(),
        Of::Changes { .. } => format!("changes-{}", opened.stream),
    };
    let texts = [
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{stem}.{ending}\""),
        ),
        (AS_OF, format!("{:.0}", opened.as_of)),
    ];
    for (name, text) in texts {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
    if let Some(kind) = opened.fallback {
        headers.insert(FALLBACK, constant(kind));
    }
    headers
}
