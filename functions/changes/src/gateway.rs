//! A call of API Gateway's, answered.

use changes::Changes;
use lambda_http::http::Response;
use lambda_http::{Body, Request};
use web::Problem;

/// Answers a call; without settings nothing but that.
pub(crate) async fn answer(changes: Option<&Changes>, request: Request) -> Response<Body> {
    let response = match (changes, gateway::call(request)) {
        (None, _) => Problem::not_set_up().into_response(),
        (Some(_), Err(problem)) => problem.into_response(),
        (Some(changes), Ok((caller, request))) => changes.handle(&caller, request).await,
    };
    gateway::answer(response)
}

#[cfg(test)]
mod tests;
