//! From a request to an answer: which call it is, and whether the caller may make it.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use serde::Serialize;
use sync_store::Change;

use crate::Changes;
use crate::listing::Filter;
use crate::resolution::Resolution;
use crate::view::View;
use web::{Base, Caller, Notice, Problem, ProblemKind, Scope};

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The scopes that see values: who hands changes in knows them, and who decides about them must.
const SEES_VALUES: [Scope; 2] = [Scope::Changes, Scope::Run];

/// A call that there is.
enum Call<'r> {
    HandIn,
    List,
    Show(&'r str),
    Resolve(&'r str, Resolution),
}

/// A page of changes.
#[derive(Serialize)]
struct Listed<'a> {
    changes: Vec<View<'a>>,
    /// The address of the next page, relative to this one: what stands before it is the host's business.
    next: Option<String>,
}

impl Changes {
    /// Answers a request, whose body has been read as far as its host allows. Never fails: what is wrong is
    /// the answer.
    pub async fn handle(&self, caller: &Caller, request: Request<Bytes>) -> Response<Bytes> {
        self.answer(caller, &request)
            .await
            .unwrap_or_else(|problem| {
                tracing::info!(
                    code = problem.kind().code(),
                    faults = problem.faults().len(),
                    "a request was not done"
                );
                problem.into_response()
            })
    }

    async fn answer(
        &self,
        caller: &Caller,
        request: &Request<Bytes>,
    ) -> Result<Response<Bytes>, Problem> {
        let call = route(request.uri().path(), request.method())?;
        let needed: &[Scope] = match call {
            Call::HandIn => &[Scope::Changes],
            Call::List | Call::Show(_) => &[Scope::Changes, Scope::Read],
            Call::Resolve(..) => &[Scope::Run],
        };
        if !caller.scopes.has_any(needed) {
            return Err(Problem::missing_scope(needed));
        }
        let with_values = caller.scopes.has_any(&SEES_VALUES);
        match call {
            Call::HandIn => {
                web::refuse_cross_site(request.headers())?;
                self.hand_in(caller, request).await
            }
            Call::List => self.listed(request.uri().query(), with_values).await,
            Call::Show(id) => {
                let change = self.change(id).await?;
                Ok(web::json(StatusCode::OK, &View::of(&change, with_values)))
            }
            Call::Resolve(id, resolution) => {
                web::refuse_cross_site(request.headers())?;
                let resolved = self.resolve(id, resolution).await;
                if web::wants_html(request.headers()) {
                    let notice = resolved
                        .as_ref()
                        .map_or_else(Notice::of, |_| Notice::Resolved);
                    return Ok(web::back_to_page(
                        &Base::among(request.extensions()),
                        notice,
                    ));
                }
                Ok(web::json(
                    StatusCode::OK,
                    &View::of(&resolved?, with_values),
                ))
            }
        }
    }

    async fn hand_in(
        &self,
        caller: &Caller,
        request: &Request<Bytes>,
    ) -> Result<Response<Bytes>, Problem> {
        check_media_type(request.headers())?;
        let key = idempotency_key(request.headers())?;
        let change = self.accept(&caller.key, key, request.body()).await?;
        Ok(accepted(&change))
    }

    async fn listed(
        &self,
        query: Option<&str>,
        with_values: bool,
    ) -> Result<Response<Bytes>, Problem> {
        let filter = Filter::of_query(query.unwrap_or_default())?;
        let page = self.list(&filter).await?;
        let listed = Listed {
            changes: page
                .changes
                .iter()
                .map(|one| View::of(one, with_values))
                .collect(),
            next: page.next.map(|next| format!("?{}", filter.to_query(&next))),
        };
        Ok(web::json(StatusCode::OK, &listed))
    }
}

fn route<'r>(path: &'r str, method: &Method) -> Result<Call<'r>, Problem> {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let (call, allowed) = match (parts.as_slice(), method) {
        (["changes", "", ..], _) => return Err(nothing_here()),
        (["changes"], &Method::POST) => (Some(Call::HandIn), ""),
        (["changes"], &Method::GET) => (Some(Call::List), ""),
        (["changes"], _) => (None, "GET, POST"),
        (["changes", id], &Method::GET) => (Some(Call::Show(id)), ""),
        (["changes", _], _) => (None, "GET"),
        (["changes", id, name], method) => {
            let resolution = Resolution::named(name).ok_or_else(nothing_here)?;
            let posted = method == Method::POST;
            (posted.then_some(Call::Resolve(id, resolution)), "POST")
        }
        _ => return Err(nothing_here()),
    };
    call.ok_or_else(|| Problem::method_not_allowed(allowed))
}

fn nothing_here() -> Problem {
    Problem::new(
        ProblemKind::NotFound,
        "expected /changes, /changes/{id}, or /changes/{id}/ with retry, drop, keep-app or keep-dynamics",
    )
}

/// A form of another site's page can send a body, but not as JSON.
fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers
        .get(CONTENT_TYPE)
        .and_then(|given| given.to_str().ok());
    let mut parts = given.unwrap_or_default().split(';').map(str::trim);
    let is_json = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let is_utf_8 = parts.all(|parameter| {
        parameter.eq_ignore_ascii_case("charset=utf-8")
            || parameter.eq_ignore_ascii_case("charset=\"utf-8\"")
    });
    if is_json && is_utf_8 {
        return Ok(());
    }
    Err(Problem::new(
        ProblemKind::UnsupportedMediaType,
        "expected the header Content-Type: application/json, in UTF-8",
    ))
}

fn idempotency_key(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    match (given.next(), given.next()) {
        (Some(key), None) => key.to_str().map_err(|_| {
            Problem::malformed(
                "the Idempotency-Key is malformed; expected visible ASCII characters",
            )
        }),
        (None, _) => Err(Problem::malformed(
            "the header Idempotency-Key is missing; expected one that is the same whenever this change is handed in, such as a GUID",
        )),
        (Some(_), Some(_)) => Err(Problem::malformed(
            "the header Idempotency-Key is there more than once; expected one",
        )),
    }
}

/// The answer to a change that was taken in. Without values: it says how the change stands, and the caller
/// has just said the rest.
fn accepted(change: &Change) -> Response<Bytes> {
    let mut response = web::json(StatusCode::ACCEPTED, &View::of(change, false));
    // Relative to the address of the call: a stage or a proxy may stand before it.
    let location = format!("changes/{}", change.wanted.id);
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}
