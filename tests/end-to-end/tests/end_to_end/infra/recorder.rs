//! Stands between a function and the emulated AWS, and notes what the function asks for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response};
use serde_json::Value;

/// What a function asked for, in the terms of a policy.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Asked {
    /// Such as `dynamodb:PutItem`.
    pub(super) action: String,
    /// A table's name, an index of it as `{table}/index/{index}`, or what else the request names.
    pub(super) resource: String,
    /// The partition key, where the request says one.
    pub(super) leading_key: Option<String>,
}

/// A loopback address that hands everything on.
#[derive(Clone)]
pub(super) struct Recorder {
    pub(super) endpoint: String,
    behind: String,
    http: reqwest::Client,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Recorder {
    pub(super) async fn before(behind: &str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let recorder = Self {
            endpoint: format!("http://{}", listener.local_addr().unwrap()),
            behind: behind.to_owned(),
            http: reqwest::Client::new(),
            asked: Arc::default(),
        };
        let router = Router::new().fallback(hand_on).with_state(recorder.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        recorder
    }

    /// Everything that was asked for so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

async fn hand_on(State(recorder): State<Recorder>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let asked = read(&parts.headers, &body);
    recorder
        .asked
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .extend(asked);
    let request = recorder
        .http
        .request(parts.method, format!("{}{}", recorder.behind, parts.uri));
    let answer = request
        .headers(parts.headers)
        .body(body)
        .send()
        .await
        .unwrap();
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    *response.body_mut() = Body::from(answer.bytes().await.unwrap());
    response
}

fn read(headers: &HeaderMap, body: &Bytes) -> Vec<Asked> {
    let target = headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    let Some((service, action)) = target.and_then(|target| target.split_once('.')) else {
        return vec![of_form(body)];
    };
    let body: Value = serde_json::from_slice(body).unwrap();
    let named = |member: &str| body[member].as_str().unwrap_or_default().to_owned();
    let (prefix, resource) = match service {
        "DynamoDB_20120810" => return of_dynamodb(action, &body),
        "secretsmanager" => ("secretsmanager", named("SecretId")),
        "AWSStepFunctions" => ("states", named("stateMachineArn")),
        other => panic!("{other} is not known here"),
    };
    vec![Asked {
        action: format!("{prefix}:{action}"),
        resource,
        leading_key: None,
    }]
}

/// SNS, which takes forms.
fn of_form(body: &Bytes) -> Asked {
    let text = String::from_utf8(body.to_vec()).unwrap();
    let address = reqwest::Url::parse(&format!("http://form/?{text}")).unwrap();
    let form: BTreeMap<_, _> = address.query_pairs().into_owned().collect();
    Asked {
        action: format!("sns:{}", form["Action"]),
        resource: form["TopicArn"].clone(),
        leading_key: None,
    }
}

fn of_dynamodb(action: &str, body: &Value) -> Vec<Asked> {
    match action {
        "BatchGetItem" => {
            let tables = body["RequestItems"].as_object().unwrap().keys();
            tables
                .map(|table| Asked {
                    action: "dynamodb:BatchGetItem".to_owned(),
                    resource: table.clone(),
                    leading_key: None,
                })
                .collect()
        }
        // Each of its writes needs the permission of its own kind.
        "TransactWriteItems" => {
            let items = body["TransactItems"].as_array().unwrap().iter();
            let writes = items.flat_map(|item| item.as_object().unwrap());
            writes
                .map(|(kind, write)| match kind.as_str() {
                    "ConditionCheck" => one("ConditionCheckItem", write),
                    kind => one(&format!("{kind}Item"), write),
                })
                .collect()
        }
        action => vec![one(action, body)],
    }
}

fn one(action: &str, body: &Value) -> Asked {
    let table = body["TableName"].as_str().unwrap();
    let resource = match body["IndexName"].as_str() {
        Some(index) => format!("{table}/index/{index}"),
        None => table.to_owned(),
    };
    let key = ["Key", "Item"]
        .iter()
        .find_map(|member| body[*member]["pk"]["S"].as_str());
    Asked {
        action: format!("dynamodb:{action}"),
        resource,
        leading_key: key.map(str::to_owned),
    }
}
