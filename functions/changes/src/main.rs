//! The Lambda function `changes`: API Gateway hands in changes for Dynamics, and asks what became of them.
//!
//! Wiring only. Whatever can be decided is decided in the library `changes`.

mod gateway;
mod wiring;

use lambda_http::{Error, Request, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    logging::to_json();
    // A function that cannot be built still answers: each call then with a problem, and not with what the
    // gateway makes of an exit code.
    let changes = wiring::build(&settings::process_environment).await;
    if let Err(reason) = &changes {
        tracing::error!(%reason, "the function cannot start");
    }
    let changes = changes.ok();
    lambda_http::run(service_fn(async |request: Request| {
        Ok::<_, Error>(gateway::answer(changes.as_ref(), request).await)
    }))
    .await
}
