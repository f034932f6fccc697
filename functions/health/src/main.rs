//! The Lambda function `health`: API Gateway shows how the sync stands and hands on what people decide; a
//! schedule has it look after the connections.
//!
//! Wiring only. Whatever can be decided is decided in the library `health`.

mod event;
mod state_machine;
mod wiring;

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    logging::to_json();
    // Wrong settings are what it shows then.
    let (health, metrics) = wiring::build(&settings::process_environment).await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        event::answer(&health, &metrics, event).await
    }))
    .await
}
