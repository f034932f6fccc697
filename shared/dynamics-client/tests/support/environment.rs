// A simulated environment, and what a client must be told to connect to it: for tests, and for the
// examples of the documentation, which include this file without showing it. Never in here: a
// client, which every example and test makes for itself; an inner comment, which no included file may have.

use std::io;
use std::sync::Arc;

use clock::Clock;
use dynamics_client::{AuthorityHost, BudgetShare, ClientConfig, Credential, InstanceUrl};
use dynamics_simulator::{Options, Running, Simulator};

/// Ends when it is dropped.
pub(crate) struct Environment {
    pub(crate) simulator: Simulator,
    pub(crate) running: Running,
}

impl Environment {
    /// A small one: ten rows a table.
    pub(crate) async fn start(clock: Arc<dyn Clock>) -> io::Result<Self> {
        let options = Options {
            contacts: 10,
            certifications: 10,
            accounts: 10,
            ..Options::default()
        };
        let simulator = Simulator::new(options, clock);
        let running = simulator.start().await?;
        Ok(Self { simulator, running })
    }

    /// For a client of it.
    pub(crate) fn config(&self) -> ClientConfig {
        let (url, known) = (self.running.base_url(), self.simulator.credentials());
        ClientConfig {
            instance: InstanceUrl::parse(&url).unwrap(),
            tenant: known.tenant_id.clone(),
            client_id: known.client_id.clone(),
            credential: Credential::ClientSecret(known.client_secret.as_str().into()),
            authority: AuthorityHost::parse(&url).unwrap(),
            budget_share: BudgetShare::default(),
        }
    }
}
