//! The Lambda function `export`: API Gateway asks for a stream's rows, or its changes, as CSV, and gets them
//! as they are read.
//!
//! Wiring only. Whatever can be decided is decided in the library `exports`.

mod breaking_off;
mod wiring;

use exports::{ExportBody, Exports};
use jiff::Timestamp;
use lambda_http::http::Response;
use lambda_http::{Error, Request, RequestExt, service_fn};
use web::Problem;

use crate::breaking_off::BreakingOff;

#[tokio::main]
async fn main() -> Result<(), Error> {
    logging::to_json();
    // A function that cannot be built still answers: each call then with a problem, and not with what the
    // gateway makes of an exit code.
    let exports = wiring::build(&settings::process_environment).await;
    if let Err(reason) = &exports {
        tracing::error!(%reason, "the function cannot start");
    }
    let exports = exports.ok();
    lambda_http::run_with_streaming_response(service_fn(async |request: Request| {
        let response = answer(exports.as_ref(), request).await;
        Ok::<_, Error>(response.map(BreakingOff::new))
    }))
    .await
}

/// Answers a call; without settings nothing but that.
async fn answer(exports: Option<&Exports>, request: Request) -> Response<ExportBody> {
    let deadline = i64::try_from(request.lambda_context().deadline)
        .ok()
        .and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok())
        .unwrap_or(Timestamp::MAX);
    let problem = match (exports, gateway::call(request)) {
        (None, _) => Problem::not_set_up(),
        (Some(_), Err(problem)) => problem,
        (Some(exports), Ok((caller, request))) => {
            // Boxed, because the compiler gives up on futures that are nested as deep as these.
            return Box::pin(exports.handle_until(&caller, request, deadline)).await;
        }
    };
    problem.into_response().map(ExportBody::whole)
}
