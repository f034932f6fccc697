//! The Lambda function `sync`: the state machine's event, or any scheduled event of EventBridge,
//! becomes one invocation of a run.
//!
//! Wiring only. Whatever can be decided is decided in `sync-engine`.

mod wiring;

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;
use sync_engine::{RunReport, RunRequest};
use tracing::Instrument;

use crate::wiring::{Failure, Function};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    logging::to_json();
    // A function that cannot be built still polls: each invocation then fails with the whole list of
    // what is wrong, which reaches the state machine, instead of an exit code that says nothing.
    let function = Function::build(&settings::process_environment).await;
    if let Err(failure) = &function {
        tracing::error!(reason = %failure, "the function cannot start");
    }
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let function = function
            .as_ref()
            .map_err(Failure::clone)
            .map_err(diagnostic)?;
        handle(function, event).await.map_err(diagnostic)
    }))
    .await
}

async fn handle(function: &Function, event: LambdaEvent<Value>) -> Result<RunReport, Failure> {
    let request = RunRequest::from_event(&event.payload, &event.context.request_id)
        .map_err(Failure::request)?;
    let deadline = i64::try_from(event.context.deadline)
        .ok()
        .and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok())
        .unwrap_or(Timestamp::MAX);
    let run = function.run(&request, deadline);
    run.instrument(request.span()).await.map_err(Failure::run)
}

fn diagnostic(failure: Failure) -> Diagnostic {
    tracing::error!(reason = %failure, "the invocation failed");
    Diagnostic {
        error_type: failure.name().to_owned(),
        error_message: failure.to_string(),
    }
}
