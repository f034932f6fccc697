//! The control surface under `/simulator/`: the library's own calls, over HTTP in JSON. Its
//! requests are not logged and no fault strikes them.

use std::convert::Infallible;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use bytes::Bytes;
use futures::stream;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::refusal::Refusal;
use crate::truth::Truth;
use crate::{BurstSummary, FaultReport, LimitReport, RequestLog, Simulator, Switches};

/// How many rows of ground truth go into one piece of the stream.
const TRUTH_PIECE: usize = 500;

pub(super) fn router() -> Router<Simulator> {
    Router::new()
        .route("/simulator/credentials", get(credentials))
        .route("/simulator/truth/{entity_set}", get(truth))
        .route("/simulator/burst", post(burst))
        .route("/simulator/faults", get(faults).post(inject).delete(clear))
        .route("/simulator/requests", get(requests).delete(reset))
        .route("/simulator/limits", get(limits))
        .route("/simulator/switches", get(switches).post(switch))
        .route("/simulator/clock", get(time).post(advance))
        .route("/simulator/expire-change-tokens", post(expire))
        .route("/simulator/tokens", delete(revoke))
}

struct Refused(Refusal);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(json!({ "error": self.0.to_string() }))).into_response()
    }
}

async fn credentials(State(simulator): State<Simulator>) -> Json<Value> {
    let credentials = simulator.credentials();
    Json(json!({
        "tenant_id": credentials.tenant_id,
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
    }))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Which {
    /// Only the rows that the application user can read.
    visible: bool,
}

/// One row a line.
async fn truth(
    State(simulator): State<Simulator>,
    Path(entity_set): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, Refused> {
    let rows = simulator.truth(&entity_set).map_err(Refused)?;
    let rows = if which.visible { rows.visible() } else { rows };
    let pieces = stream::unfold(rows, async |mut rows: Truth| {
        let mut piece = Vec::new();
        for row in rows.by_ref().take(TRUTH_PIECE) {
            piece.extend_from_slice(Value::Object(row).to_string().as_bytes());
            piece.push(b'\n');
        }
        (!piece.is_empty()).then(|| (Ok::<_, Infallible>(Bytes::from(piece)), rows))
    });
    let headers = [("content-type", "application/x-ndjson")];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Burst {
    entity_set: String,
    #[serde(default)]
    creates: u32,
    #[serde(default)]
    updates: u32,
    #[serde(default)]
    deletes: u32,
}

async fn burst(
    State(simulator): State<Simulator>,
    Json(burst): Json<Burst>,
) -> Result<Json<BurstSummary>, Refused> {
    simulator
        .burst(
            &burst.entity_set,
            burst.creates,
            burst.updates,
            burst.deletes,
        )
        .map(Json)
        .map_err(Refused)
}

async fn faults(State(simulator): State<Simulator>) -> Json<Vec<FaultReport>> {
    Json(simulator.faults_fired())
}

async fn inject(State(simulator): State<Simulator>, Json(fault): Json<Fault>) -> StatusCode {
    simulator.inject(fault);
    StatusCode::NO_CONTENT
}

async fn clear(State(simulator): State<Simulator>) -> StatusCode {
    simulator.clear_faults();
    StatusCode::NO_CONTENT
}

async fn requests(State(simulator): State<Simulator>) -> Json<RequestLog> {
    Json(simulator.requests())
}

async fn limits(State(simulator): State<Simulator>) -> Json<LimitReport> {
    Json(simulator.limit_report())
}

async fn reset(State(simulator): State<Simulator>) -> StatusCode {
    simulator.reset_requests();
    StatusCode::NO_CONTENT
}

async fn switches(State(simulator): State<Simulator>) -> Json<Switches> {
    Json(simulator.switches())
}

/// Sets the switches that are named and leaves the others.
async fn switch(
    State(simulator): State<Simulator>,
    Json(change): Json<serde_json::Map<String, Value>>,
) -> Result<Json<Switches>, Refused> {
    let invalid =
        |error: serde_json::Error| Refused(Refusal::new(400, "switches", error.to_string()));
    let mut merged = serde_json::to_value(simulator.switches()).map_err(invalid)?;
    if let Some(merged) = merged.as_object_mut() {
        merged.extend(change);
    }
    let switches: Switches = serde_json::from_value(merged).map_err(invalid)?;
    simulator.switch(|old| old.clone_from(&switches));
    Ok(Json(switches))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: i64,
}

async fn time(State(simulator): State<Simulator>) -> Json<Value> {
    Json(json!({ "now": simulator.now().to_string() }))
}

async fn advance(State(simulator): State<Simulator>, Json(advance): Json<Advance>) -> Json<Value> {
    simulator.advance(advance.advance_seconds);
    Json(json!({ "now": simulator.now().to_string() }))
}

async fn expire(State(simulator): State<Simulator>) -> StatusCode {
    simulator.expire_change_tokens();
    StatusCode::NO_CONTENT
}

async fn revoke(State(simulator): State<Simulator>) -> StatusCode {
    simulator.revoke_tokens();
    StatusCode::NO_CONTENT
}
