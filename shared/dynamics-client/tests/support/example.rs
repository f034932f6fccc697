// What every example of the documentation runs in, and does not show: a simulated environment, and a
// client of it. As in `environment.rs`, an inner comment has no place here.

use dynamics_client::{DynamicsClient, HttpTransport};

include!("environment.rs");

type Ended = Result<(), Box<dyn std::error::Error>>;

/// Runs an example.
pub(crate) fn run(example: impl AsyncFnOnce(DynamicsClient) -> Ended) {
    show(async |here: &Environment| {
        let transport = Arc::new(HttpTransport::new()?);
        let clock = Arc::new(clock::SystemClock);
        example(DynamicsClient::new(here.config(), transport, clock, 1)).await
    });
}

/// Runs what takes an environment's address, Entra's, a tenant, a client id and a secret.
pub(crate) fn tour(example: impl AsyncFnOnce(&str, &str, &str, &str, &str) -> Ended) {
    show(async |here: &Environment| {
        let (url, known) = (here.running.base_url(), here.simulator.credentials());
        let (tenant, id) = (&known.tenant_id, &known.client_id);
        example(&url, &url, tenant, id, &known.client_secret).await
    });
}

fn show(example: impl AsyncFnOnce(&Environment) -> Ended) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let clock = Arc::new(clock::SystemClock);
        let here = Environment::start(clock).await.unwrap();
        example(&here).await.unwrap();
    });
}
