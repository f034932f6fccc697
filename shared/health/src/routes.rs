//! From a request to an answer: which call it is, and whether the caller may make it.

use std::sync::PoisonError;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use situation::Level;
use streams::StreamFile;
use sync_engine::RunRequest;
use url::form_urlencoded;
use uuid::Uuid;
use web::{Base, Caller, Notice, Problem, ProblemKind, Scope};

use crate::page::Reader;
use crate::release::{self, Shown};
use crate::standing::{self, Standing};
use crate::{Health, Ready, Setup, Started, document, page};

/// How long an answer to those who are not known here serves the next of them: they must not be able to
/// keep the tables busy.
const WELL_FOR: Duration = Duration::from_secs(10);

/// A call that there is.
enum Call<'r> {
    Page,
    Health,
    Do(Act<'r>),
}

/// A button.
enum Act<'r> {
    Run,
    Release(&'r str),
    TestAlert,
}

/// Why a run was not started.
const UNDERWAY: &str =
    "a run goes on already, and no other was started; ask again once it has ended";

/// A button's outcome: for the page, and for programs.
struct Done {
    notice: Notice,
    answer: Result<(StatusCode, Value), Problem>,
}

impl Health {
    /// Answers a request, whose body has been read as far as its host allows. Never fails: what is wrong is
    /// the answer. The host may have put a [`Base`] into the request's extensions.
    pub async fn handle(&self, caller: &Caller, request: Request<Bytes>) -> Response<Bytes> {
        self.answer(caller, &request)
            .await
            .unwrap_or_else(|problem| {
                let code = problem.kind().code();
                tracing::info!(code, "a request was not done");
                problem.into_response()
            })
    }

    /// For those who need no key: whether it is well, and nothing else.
    pub async fn healthz(&self) -> Response<Bytes> {
        let (status, text) = if self.is_well().await {
            (StatusCode::OK, "ok\n")
        } else {
            (StatusCode::SERVICE_UNAVAILABLE, "not ok\n")
        };
        let mut response = Response::new(Bytes::from_static(text.as_bytes()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("text/plain; charset=utf-8");
        headers.insert(CONTENT_TYPE, kind);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    async fn is_well(&self) -> bool {
        let now = self.clock.now();
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, well)) = last
            && clock::elapsed(at, now) < WELL_FOR
        {
            return well;
        }
        let well = match self.standing(false).await {
            Standing::Known(known) => known.situation.verdict() < Level::Broken,
            Standing::NotSetUp(_) | Standing::Unreadable(_) => false,
        };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, well));
        well
    }

    async fn answer(
        &self,
        caller: &Caller,
        request: &Request<Bytes>,
    ) -> Result<Response<Bytes>, Problem> {
        let call = route(request.uri().path(), request.method())?;
        let needed = match call {
            Call::Page | Call::Health => Scope::Read,
            Call::Do(_) => Scope::Run,
        };
        if !caller.scopes.has(needed) {
            return Err(Problem::missing_scope(&[needed]));
        }
        let base = Base::among(request.extensions());
        match call {
            Call::Health => Ok(document::answer(&self.standing(false).await)),
            Call::Page => {
                let reader = Reader {
                    scopes: &caller.scopes,
                    base: &base,
                    notice: notice(request.uri().query().unwrap_or_default()),
                    now: self.clock.now(),
                };
                let standing = self.standing(true).await;
                Ok(page::answer(&standing, self.streams(), &reader))
            }
            Call::Do(act) => {
                web::refuse_cross_site(request.headers())?;
                let done = self.act(act, request).await;
                if web::wants_html(request.headers()) {
                    let notice = done.as_ref().map_or_else(Notice::of, |done| done.notice);
                    return Ok(web::back_to_page(&base, notice));
                }
                let (status, body) = done?.answer?;
                Ok(web::json(status, &body))
            }
        }
    }

    async fn standing(&self, with_changes: bool) -> Standing {
        match &*self.setup {
            Setup::Wrong { problems, .. } => Standing::NotSetUp(problems.clone()),
            Setup::Right(ready) => {
                let changes = with_changes.then_some(&ready.changes);
                standing::read(&ready.store, &ready.streams, changes, &*self.clock).await
            }
        }
    }

    async fn act(&self, act: Act<'_>, request: &Request<Bytes>) -> Result<Done, Problem> {
        let Setup::Right(ready) = &*self.setup else {
            return Err(Problem::not_set_up());
        };
        match act {
            Act::Run => self.run(ready, request.body()).await,
            Act::Release(stream) => {
                if let Some(expected) = unless_known(stream, &ready.streams) {
                    return Err(Problem::new(ProblemKind::NotFound, expected));
                }
                let shown = Shown::read(request.body())?;
                let released = release::release(&ready.store, stream, &shown).await?;
                let released = serde_json::to_value(released).unwrap_or_default();
                Ok(Done {
                    notice: Notice::Released,
                    answer: Ok((StatusCode::OK, released)),
                })
            }
            Act::TestAlert => test_alert(ready).await,
        }
    }

    /// One run at a time: a stream that is held, or one that the host knows to go on, is a run.
    async fn run(&self, ready: &Ready, body: &[u8]) -> Result<Done, Problem> {
        let mut request = asked_for(body)?;
        let mut wanted = request.streams.iter();
        if let Some(expected) = wanted.find_map(|stream| unless_known(stream, &ready.streams)) {
            return Err(Problem::malformed(format!("in `streams` {expected}")));
        }
        request.run_id = Uuid::new_v4().to_string();
        let started = match self.standing(false).await {
            Standing::Known(known) if is_underway(&known.situation) => Started::Underway,
            Standing::Known(_) => ready.runs.start(request).await.map_err(|reason| {
                tracing::error!(%reason, "no run was started");
                Problem::new(ProblemKind::Unavailable, reason.0)
            })?,
            Standing::NotSetUp(_) => return Err(Problem::not_set_up()),
            Standing::Unreadable(_) => {
                let detail = "the tables do not answer, so no run was started; ask again";
                return Err(Problem::new(ProblemKind::Unavailable, detail));
            }
        };
        Ok(match started {
            Started::Run(run_id) => {
                tracing::info!(%run_id, "a person has started a run");
                Done {
                    notice: Notice::Started,
                    answer: Ok((StatusCode::ACCEPTED, json!({ "run_id": run_id }))),
                }
            }
            Started::Underway => Done {
                notice: Notice::Underway,
                answer: Err(Problem::new(ProblemKind::NotPossible, UNDERWAY)),
            },
        })
    }
}

/// A test message to everybody who is told of something.
async fn test_alert(ready: &Ready) -> Result<Done, Problem> {
    let mut body = serde_json::Map::new();
    let mut unsent = None;
    for (audience, taken) in ready.watch.send_test().await {
        let name = format!("{audience:?}").to_lowercase();
        body.insert(name, json!(taken.is_ok()));
        unsent = unsent.or(taken.err());
    }
    match unsent {
        None => Ok(Done {
            notice: Notice::Tested,
            answer: Ok((StatusCode::OK, body.into())),
        }),
        Some(unsent) => {
            tracing::error!(reason = %unsent, "a test message was not sent");
            Err(Problem::new(ProblemKind::Unavailable, unsent.to_string()))
        }
    }
}

fn is_underway(situation: &situation::Situation) -> bool {
    let mut streams = situation.streams.iter();
    streams.any(|stream| stream.running_until.is_some())
}

/// Which streams there are, unless this is one of them.
fn unless_known(stream: &str, file: &StreamFile) -> Option<String> {
    let known = file.streams.iter().map(|one| one.name.as_str());
    let known: Vec<&str> = known.collect();
    let near = web::did_you_mean(stream, known.iter().copied());
    let is_known = known.contains(&stream);
    (!is_known).then(|| format!("expected {}{near}", web::one_of(known)))
}

/// The run that is asked for. A form of the page has nothing to say; a program may say in JSON what the sync
/// function takes.
fn asked_for(body: &[u8]) -> Result<RunRequest, Problem> {
    if body.is_empty() {
        return Ok(RunRequest::new(""));
    }
    // What the parser says of a wrong value repeats it.
    let malformed = || {
        Problem::malformed(
            "expected no body, or JSON with `mode` (delta, full or reconcile), `streams` (a list of names) and \
             `dry_run` (true or false), all optional",
        )
    };
    let event: Value = serde_json::from_slice(body).map_err(|_| malformed())?;
    RunRequest::from_event(&event, "by-hand").map_err(|_| malformed())
}

fn notice(query: &str) -> Option<Notice> {
    let mut parameters = form_urlencoded::parse(query.as_bytes());
    let (_, done) = parameters.find(|(name, _)| name == "done")?;
    Notice::ALL.into_iter().find(|notice| notice.name() == done)
}

fn route<'r>(path: &'r str, method: &Method) -> Result<Call<'r>, Problem> {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let (call, allowed) = match parts.as_slice() {
        [] | [""] => (Call::Page, "GET"),
        ["health"] => (Call::Health, "GET"),
        ["runs"] => (Call::Do(Act::Run), "POST"),
        ["streams", stream, "release"] => (Call::Do(Act::Release(stream)), "POST"),
        ["alerts", "test"] => (Call::Do(Act::TestAlert), "POST"),
        _ => {
            let detail = "expected /, /health, /runs, /streams/{stream}/release or /alerts/test";
            return Err(Problem::new(ProblemKind::NotFound, detail));
        }
    };
    if method.as_str() == allowed {
        return Ok(call);
    }
    Err(Problem::method_not_allowed(allowed))
}
