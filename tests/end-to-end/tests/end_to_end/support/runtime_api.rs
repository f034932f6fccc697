//! Lambda's Runtime API, as far as functions need it: one process of the real binary, to which events are handed
//! one after the other, and which answers them whole or streamed.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use axum::routing::{get, post};
use clock::{Clock, SystemClock};
use http_body_util::BodyExt;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::{Mutex, mpsc};

use super::binaries;

/// A function that has not answered by then never will: it may have ended at its start.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between the prelude and the body of a streamed answer.
const DELIMITER: &[u8] = &[0; 8];

/// A function's process, and the API that it polls.
pub(crate) struct FunctionProcess {
    events: mpsc::Sender<Value>,
    answers: mpsc::Receiver<Posted>,
    process: Child,
    log: PathBuf,
    _folder: TempDir,
}

/// What the function posts about one event.
struct Posted {
    headers: HeaderMap,
    bytes: Vec<u8>,
    /// The transfer broke off.
    aborted: bool,
    /// It is an error document, and not an answer.
    failed: bool,
}

/// A streamed answer.
#[derive(Debug)]
pub(crate) struct Streamed {
    /// Headers of the function's own request to the API.
    pub(crate) headers: HeaderMap,
    /// Status and headers of the answer.
    pub(crate) prelude: Value,
    pub(crate) body: Vec<u8>,
    /// The transfer broke off.
    pub(crate) aborted: bool,
}

#[derive(Clone)]
struct Api {
    events: Arc<Mutex<mpsc::Receiver<Value>>>,
    answers: mpsc::Sender<Posted>,
}

impl FunctionProcess {
    /// Starts a binary with these variables, and nothing of this process's own.
    pub(crate) async fn start(binary: &str, variables: &BTreeMap<String, String>) -> Self {
        let (events, waiting) = mpsc::channel(1);
        let (told, answers) = mpsc::channel(1);
        let api = Api {
            events: Arc::new(Mutex::new(waiting)),
            answers: told,
        };
        let invocation = "/2018-06-01/runtime/invocation";
        let router = Router::new()
            .route(&format!("{invocation}/next"), get(next))
            .route(&format!("{invocation}/{{id}}/response"), post(response))
            .route(&format!("{invocation}/{{id}}/error"), post(error))
            .with_state(api);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let output = File::create(&log).unwrap();
        let process = Command::new(binaries::built(binary))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", binary)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        Self {
            events,
            answers,
            process,
            log,
            _folder: folder,
        }
    }

    /// Hands an event to a function that streams, and takes its answer.
    pub(crate) async fn invoke(&mut self, event: &Value) -> Streamed {
        let Posted {
            headers,
            mut bytes,
            aborted,
            failed,
        } = self.posted(event).await;
        assert!(!failed, "the invocation failed: {}", self.log());
        let at = bytes
            .windows(DELIMITER.len())
            .position(|eight| eight == DELIMITER);
        let at = at.expect("no delimiter after the prelude");
        Streamed {
            headers,
            prelude: serde_json::from_slice(&bytes[..at]).unwrap(),
            body: bytes.split_off(at + DELIMITER.len()),
            aborted,
        }
    }

    /// Hands an event to a function that answers whole: its answer, or its error document.
    pub(crate) async fn ask(&mut self, event: &Value) -> Result<Value, Value> {
        let posted = self.posted(event).await;
        let document = serde_json::from_slice(&posted.bytes).unwrap();
        if posted.failed {
            Err(document)
        } else {
            Ok(document)
        }
    }

    async fn posted(&mut self, event: &Value) -> Posted {
        self.events.send(event.clone()).await.unwrap();
        let posted = tokio::select! {
            posted = self.answers.recv() => posted,
            () = SystemClock.sleep(PATIENCE) => None,
        };
        posted.unwrap_or_else(|| panic!("no answer: {}", self.log()))
    }

    /// Everything that it has written.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// The exit code of a process that ends by itself.
    pub(crate) async fn exit_code(mut self) -> Option<i32> {
        let wait = move || self.process.wait().unwrap().code();
        tokio::task::spawn_blocking(wait).await.unwrap()
    }
}

impl Drop for FunctionProcess {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn next(State(api): State<Api>) -> Response<Body> {
    let event = api.events.lock().await.recv().await;
    let Some(event) = event else {
        return std::future::pending().await;
    };
    let deadline = clock::after(SystemClock.now(), Duration::from_secs(60));
    Response::builder()
        .header(
            "lambda-runtime-aws-request-id",
            "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        )
        .header("lambda-runtime-deadline-ms", deadline.as_millisecond())
        .header(
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-north-1:123456789012:function:export",
        )
        .body(Body::from(event.to_string()))
        .unwrap()
}

async fn response(
    State(api): State<Api>,
    Path(_): Path<String>,
    request: Request<Body>,
) -> StatusCode {
    take(&api, request, false).await
}

async fn error(
    State(api): State<Api>,
    Path(_): Path<String>,
    request: Request<Body>,
) -> StatusCode {
    take(&api, request, true).await
}

async fn take(api: &Api, request: Request<Body>, failed: bool) -> StatusCode {
    let (parts, mut body) = request.into_parts();
    let (mut bytes, mut aborted) = (Vec::new(), false);
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => bytes.extend(frame.into_data().unwrap_or_default()),
            Err(_) => aborted = true,
        }
    }
    let posted = Posted {
        headers: parts.headers,
        bytes,
        aborted,
        failed,
    };
    // Nobody waits any more for what comes after a test's end.
    let _ = api.answers.send(posted).await;
    StatusCode::ACCEPTED
}
