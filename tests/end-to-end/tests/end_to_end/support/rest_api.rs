//! API Gateway's REST API on loopback, as far as a stack sets it up: a call becomes an event, the real authorizer is
//! asked first, and then the real function that the call is for.
//!
//! Never in here: what a call does, and anything else that stands between the two in the functions' own way.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request, Response};
use serde_json::{Map, Value, json};
use tokio::sync::Mutex as Turn;
use tokio::task::JoinHandle;
use web::{Problem, ProblemKind, Route};

use super::gateway::call;
use super::{ACCOUNT, FunctionProcess, REGION};

/// What the gateway asks an authorizer.
const QUESTION: &str = include_str!("../../../../../functions/authorizer/src/answer/event.json");
/// What the gateway takes.
const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;

/// The API; it goes with this.
pub(crate) struct RestApi {
    address: SocketAddr,
    task: JoinHandle<()>,
    behind: Arc<Behind>,
}

/// What stands behind it, each asked by one at a time.
struct Behind {
    authorizer: Turn<FunctionProcess>,
    changes: Turn<FunctionProcess>,
    export: Turn<FunctionProcess>,
    health: Turn<FunctionProcess>,
    answered: Mutex<BTreeMap<String, BTreeSet<u16>>>,
}

impl RestApi {
    /// Before functions with these variables.
    pub(crate) async fn start(variables: &BTreeMap<String, String>) -> Self {
        let process = async |binary| Turn::new(FunctionProcess::start(binary, variables).await);
        let behind = Arc::new(Behind {
            authorizer: process("authorizer").await,
            changes: process("changes").await,
            export: process("export").await,
            health: process("health").await,
            answered: Mutex::default(),
        });
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&behind));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            task,
            behind,
        }
    }

    /// Where it answers, without a slash at the end.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The statuses that calls were answered with since this was last asked, by method and path of their routes.
    pub(crate) fn take_answered(&self) -> BTreeMap<String, BTreeSet<u16>> {
        std::mem::take(&mut self.behind.answered.lock().unwrap())
    }

    /// Everything that the functions have written.
    pub(crate) async fn logs(&self) -> String {
        let Behind {
            authorizer,
            changes,
            export,
            health,
            ..
        } = &*self.behind;
        let mut logs = String::new();
        for function in [authorizer, changes, export, health] {
            logs.push_str(&function.lock().await.log());
        }
        logs
    }
}

impl Drop for RestApi {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(behind): State<Arc<Behind>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await.unwrap();
    // What is no route of the API never reaches a function.
    let Some(route) = web::route(&parts.method, parts.uri.path()) else {
        return refused(Problem::new(ProblemKind::NotFound, "there is no such call"));
    };
    let text = String::from_utf8_lossy(&body);
    let response = match behind.allowed(route, &parts).await {
        Ok(caller) => {
            behind
                .done(route, &event(route, &parts, &text, caller))
                .await
        }
        Err(problem) => refused(problem),
    };
    let mut answered = behind.answered.lock().unwrap();
    let call = format!("{} {}", route.method, route.path);
    let statuses = answered.entry(call).or_default();
    statuses.insert(response.status().as_u16());
    response
}

fn refused(problem: Problem) -> Response<Body> {
    problem.into_response().map(Body::from)
}

impl Behind {
    /// What the authorizer says of the caller, where one is asked.
    async fn allowed(&self, route: &Route, parts: &Parts) -> Result<Value, Problem> {
        if route.is_open() {
            return Ok(Value::Null);
        }
        // The identity source: without it the authorizer is not asked.
        if !parts.headers.contains_key("authorization") {
            return Err(Problem::unauthenticated());
        }
        let method = arn(parts);
        let mut question: Value = serde_json::from_str(QUESTION).unwrap();
        question["methodArn"] = json!(method);
        question["httpMethod"] = json!(parts.method.as_str());
        question["path"] = json!(parts.uri.path());
        with_headers(&mut question, &parts.headers);
        let policy = match self.authorizer.lock().await.ask(&question).await {
            Ok(policy) => policy,
            Err(error) if error["errorMessage"] == "Unauthorized" => {
                return Err(Problem::unauthenticated());
            }
            Err(error) => panic!("the authorizer failed: {error}"),
        };
        let allowed = policy["policyDocument"]["Statement"][0]["Resource"].as_array();
        let mut allowed = allowed.unwrap().iter().filter_map(Value::as_str);
        if !allowed.any(|pattern| fits(pattern, &method)) {
            return Err(Problem::missing_scope(route.scopes));
        }
        Ok(policy["context"].clone())
    }

    /// The answer of the function that the call is for.
    async fn done(&self, route: &Route, event: &Value) -> Response<Body> {
        let area = route.path.split('/').nth(1).unwrap();
        let function = match area {
            "export" => {
                let answer = self.export.lock().await.invoke(event).await;
                assert!(!answer.aborted, "a transfer broke off");
                return response(&answer.prelude, answer.body);
            }
            "changes" => &self.changes,
            _ => &self.health,
        };
        let answer = function.lock().await.ask(event).await.unwrap();
        assert_eq!(answer["isBase64Encoded"], false);
        let body = answer["body"].as_str().unwrap_or_default();
        response(&answer, body.to_owned().into_bytes())
    }
}

/// The event of a call that was let pass.
fn event(route: &Route, parts: &Parts, body: &str, caller: Value) -> Value {
    let mut event = call(parts.method.as_str(), parts.uri.path(), "", None);
    with_headers(&mut event, &parts.headers);
    let (mut one, mut all) = (Map::new(), BTreeMap::<String, Vec<String>>::new());
    let address = format!("http://127.0.0.1{}", parts.uri);
    for (name, value) in reqwest::Url::parse(&address).unwrap().query_pairs() {
        one.insert(name.to_string(), json!(value));
        let values = all.entry(name.into_owned()).or_default();
        values.push(value.into_owned());
    }
    if !one.is_empty() {
        event["queryStringParameters"] = one.into();
        event["multiValueQueryStringParameters"] = json!(all);
    }
    event["resource"] = json!(route.path);
    event["requestContext"]["resourcePath"] = json!(route.path);
    event["requestContext"]["authorizer"] = caller;
    if !body.is_empty() {
        event["body"] = json!(body);
    }
    event
}

/// Headers in both forms: of several of a name the last one, and all of them.
fn with_headers(event: &mut Value, headers: &HeaderMap) {
    let text = |value: &http::HeaderValue| {
        // The gateway knows no bytes.
        json!(String::from_utf8_lossy(value.as_bytes()))
    };
    let last = headers.keys().map(|name| {
        (
            name.to_string(),
            headers.get_all(name).iter().next_back().map(text),
        )
    });
    let all = headers.keys().map(|name| {
        let values: Vec<Value> = headers.get_all(name).iter().map(text).collect();
        (name.to_string(), values)
    });
    event["headers"] = json!(last.collect::<BTreeMap<_, _>>());
    event["multiValueHeaders"] = json!(all.collect::<BTreeMap<_, _>>());
}

fn arn(parts: &Parts) -> String {
    let (method, path) = (&parts.method, parts.uri.path());
    format!("arn:aws:execute-api:{REGION}:{ACCOUNT}:a1b2c3d4e5/prod/{method}{path}")
}

/// Whether a policy's pattern, in which a `*` is anything, means this ARN.
fn fits(pattern: &str, arn: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == arn;
    };
    let Some(rest) = arn.strip_prefix(before) else {
        return false;
    };
    let mut ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    ends.any(|at| fits(after, &rest[at..]))
}

/// What the caller gets of a function's answer. A header that is there in both forms is what the second says.
fn response(answer: &Value, body: Vec<u8>) -> Response<Body> {
    let mut headers = BTreeMap::new();
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        headers.insert(name, vec![value.clone()]);
    }
    for (name, values) in answer["multiValueHeaders"]
        .as_object()
        .into_iter()
        .flatten()
    {
        headers.insert(name, values.as_array().unwrap().clone());
    }
    let status = u16::try_from(answer["statusCode"].as_u64().unwrap()).unwrap();
    let mut response = Response::builder().status(status);
    for (name, values) in headers {
        for value in values {
            response = response.header(name, value.as_str().unwrap());
        }
    }
    response.body(Body::from(body)).unwrap()
}
