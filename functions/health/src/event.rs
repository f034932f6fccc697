//! The two kinds of event: a call of API Gateway's, and anything of a schedule's.

use std::time::Duration;

use clock::{Clock, SystemClock};
use health::Health;
use jiff::Timestamp;
use lambda_http::{Body, Request};
use lambda_runtime::{Diagnostic, LambdaEvent};
use metrics::Metrics;
use serde_json::{Map, Value, json};

/// What a check leaves of its time, so that its end is told by itself and not by the platform.
const MARGIN: Duration = Duration::from_secs(2);

/// Answers an event.
pub(crate) async fn answer(
    health: &Health,
    metrics: &Metrics,
    event: LambdaEvent<Value>,
) -> Result<Value, Diagnostic> {
    let LambdaEvent { payload, context } = event;
    if payload.get("httpMethod").is_some() {
        return called(health, &payload).await;
    }
    let deadline = i64::try_from(context.deadline)
        .ok()
        .and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok())
        .and_then(|end| end.checked_sub(MARGIN).ok())
        .unwrap_or(Timestamp::MAX);
    let checked = health.check(deadline).await.map_err(|reason| {
        tracing::error!(reason = reason.0, "the check came to nothing");
        failure("DynamicsSync.NotChecked", reason.0)
    })?;
    let lines = metrics.of_check(checked.lag_seconds, checked.waiting, SystemClock.now());
    metrics::write(&lines);
    Ok(json!(checked))
}

async fn called(health: &Health, event: &Value) -> Result<Value, Diagnostic> {
    let request = lambda_http::request::from_str(&event.to_string()).map_err(|error| {
        // The event may hold anything; what is wrong with it is said without it.
        tracing::error!(
            line = error.line(),
            column = error.column(),
            "not an event of API Gateway's"
        );
        failure(
            "DynamicsSync.Request",
            "the event is not one of API Gateway's".to_owned(),
        )
    })?;
    let response = answered(health, request).await;
    let text = |value: &lambda_http::http::HeaderValue| value.to_str().ok().map(str::to_owned);
    let headers: Map<String, Value> = response
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), json!(text(value)?))))
        .collect();
    let status = response.status().as_u16();
    let body = match response.body() {
        Body::Text(body) => body.as_str(),
        _ => "",
    };
    Ok(json!({
        "statusCode": status,
        "headers": headers,
        "body": body,
        "isBase64Encoded": false,
    }))
}

async fn answered(health: &Health, request: Request) -> lambda_http::http::Response<Body> {
    // The only route that no authorizer stands before.
    let response = if gateway::own_path(&request) == "/healthz" {
        health.healthz().await
    } else {
        match gateway::call(request) {
            Ok((caller, request)) => health.handle(&caller, request).await,
            Err(problem) => problem.into_response(),
        }
    };
    gateway::answer(response)
}

fn failure(name: &str, message: String) -> Diagnostic {
    Diagnostic {
        error_type: name.to_owned(),
        error_message: message,
    }
}
