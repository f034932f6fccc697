//! The calls over HTTP, on this machine: the same handlers as behind API Gateway, and in front of them what
//! the gateway and its authorizer do there.
//!
//! Never in here: a call that others than this machine can make; and what a call does.

mod own_address;
mod runs;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use access::Access;
use alerts::Watch;
use anyhow::Context;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use changes::Changes;
use clock::{Clock, SystemClock};
use exports::Exports;
use health::{Health, NotChecked, Parts};
use http::HeaderMap;
use keys::Shown;
use secrecy::ExposeSecret;
use streams::StreamFile;
use sync_store::Store;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use web::{Caller, Problem, ProblemKind, Route, Scope};

use crate::interrupt::Signals;
use crate::keys_file::{self, KeysFile};
use crate::telling::Telling;
use own_address::refuse_foreign_host;
use runs::Runs;

/// What the key is called that is made when there is none.
const FIRST_KEY: &str = "local";
/// More than any call takes; how much it takes is for the call to say.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// As long may answers take that are underway when somebody stops this.
const LAST_ANSWERS: Duration = Duration::from_secs(5);
/// From one check to the next: often enough that the page need not doubt the last.
const CHECK_AGAIN: Duration = Duration::from_secs(60 * 60);

/// Everything that answers.
pub(crate) struct Host {
    keys: KeysFile,
    changes: Changes,
    exports: Exports,
    health: Health,
    runs: Arc<Runs>,
}

impl Host {
    pub(crate) fn new(
        store: &Store,
        streams: &StreamFile,
        dynamics: &Arc<Access>,
        watch: Watch,
        keys: KeysFile,
    ) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let (store, streams) = (|| store.clone(), || streams.clone());
        let time = || Arc::clone(&clock);
        let dynamics = || Arc::clone(dynamics);
        let runs = Arc::new(Runs {
            store: store(),
            streams: streams(),
            dynamics: dynamics(),
            watch: watch.clone(),
            turn: Arc::default(),
            underway: Mutex::default(),
        });
        Self {
            keys,
            changes: Changes::new(store(), streams(), time()),
            exports: Exports::new(store(), streams(), dynamics(), time()),
            health: Health::new(Parts {
                store: store(),
                streams: streams(),
                runs: Arc::clone(&runs) as _,
                watch,
                access: dynamics(),
                clock,
            }),
            runs,
        }
    }

    /// Prints the address, and a key if there is none yet; answers until Ctrl-C.
    pub(crate) async fn stay_up(self, port: u16, telling: Telling) -> anyhow::Result<()> {
        telling.begin_log_of_host();
        let signals = Signals::listen().context("cannot listen for Ctrl-C")?;
        let mut interrupt = signals.watch(None);
        let listener = TcpListener::bind(("127.0.0.1", port))
            .await
            .with_context(|| format!("cannot listen on port {port} of 127.0.0.1"))?;
        let address = format!("http://{}/", listener.local_addr()?);
        telling.note("Open this address in a browser on this machine; Ctrl-C stops it:");
        anstream::println!("{address}");
        self.introduce(telling)?;
        let host = Arc::new(self);
        let router = Router::new().fallback(answer).with_state(Arc::clone(&host));
        let (stop, stopped) = oneshot::channel();
        let server = axum::serve(listener, router).with_graceful_shutdown(async {
            // It comes, or the process ends.
            let _ = stopped.await;
        });
        let ending = async {
            interrupt.told().await;
            host.runs.stop().await;
            let _ = stop.send(());
            SystemClock.sleep(LAST_ANSWERS).await;
        };
        tokio::select! {
            served = server => served?,
            () = host.check_again_and_again() => {}
            () = ending => {}
        }
        Ok(())
    }

    /// What a schedule does in AWS.
    async fn check_again_and_again(&self) {
        loop {
            self.check(clock::after(SystemClock.now(), CHECK_AGAIN))
                .await;
            SystemClock.sleep(CHECK_AGAIN).await;
        }
    }

    /// Checks once; whether that came to anything.
    pub(crate) async fn check(&self, deadline: jiff::Timestamp) -> bool {
        let checked = self.health.check(deadline).await;
        if let Err(NotChecked(reason)) = &checked {
            tracing::error!(%reason, "the check came to nothing");
        }
        checked.is_ok()
    }

    /// Says with what to log in.
    fn introduce(&self, telling: Telling) -> anyhow::Result<()> {
        let file = self.keys.path().display();
        if !self.keys.read()?.is_empty() {
            telling.note(format_args!(
                "It asks for the name of a key and the key. Which there are is in {file}; \
                 `dynamics-sync keys new` makes another."
            ));
            return Ok(());
        }
        let new = keys_file::make(FIRST_KEY, &Scope::ALL)?;
        self.keys.add(new.entry.clone())?;
        telling.note(format_args!(
            "It asks for the name of a key, which is `{FIRST_KEY}`, and for the key itself, which is shown \
             only now (its hash is in {file}):"
        ));
        anstream::println!("{}", new.key.expose_secret());
        Ok(())
    }

    async fn answered(&self, request: Request) -> Result<Response, Problem> {
        refuse_foreign_host(&request)?;
        let route = web::route(request.method(), request.uri().path());
        if route.is_some_and(Route::is_open) {
            return Ok(self.health.healthz().await.map(Body::from));
        }
        let caller = self.caller(request.headers())?;
        if let Some(route) = route
            && !route.is_for(&caller.scopes)
        {
            return Err(Problem::missing_scope(route.scopes));
        }
        Ok(self.handled(&caller, whole(request).await?).await)
    }

    /// The answer of those who do it.
    pub(crate) async fn handled(&self, caller: &Caller, request: http::Request<Bytes>) -> Response {
        let area = request.uri().path().split('/').nth(1);
        match area.unwrap_or_default() {
            "changes" => self.changes.handle(caller, request).await.map(Body::from),
            "export" => self.exports.handle(caller, request).await.map(Body::new),
            _ => self.health.handle(caller, request).await.map(Body::from),
        }
    }

    /// Who calls. The file is read each time: a key that was just made is good at once, and one that was taken
    /// out is not.
    fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let shown = Shown::in_headers(headers).ok_or_else(Problem::unauthenticated)?;
        let keys = self.keys.read().map_err(|error| {
            tracing::error!("{error:#}");
            let detail = "the keys file cannot be read; the terminal says why";
            Problem::new(ProblemKind::Failed, detail)
        })?;
        keys.caller(&shown).ok_or_else(Problem::unauthenticated)
    }
}

async fn answer(State(host): State<Arc<Host>>, request: Request) -> Response {
    let answered = host.answered(request).await;
    answered.unwrap_or_else(|problem| problem.into_response().map(Body::from))
}

/// The request with its body.
async fn whole(request: Request) -> Result<http::Request<Bytes>, Problem> {
    let (parts, body) = request.into_parts();
    // A caller that went away meanwhile does not read the answer.
    let body = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| {
        let detail = "the body is larger than any call takes";
        Problem::new(ProblemKind::TooLarge, detail)
    })?;
    Ok(http::Request::from_parts(parts, body))
}

#[cfg(test)]
mod tests;
