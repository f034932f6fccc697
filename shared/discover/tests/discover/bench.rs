//! A small simulated environment, with a client whose requests are counted from here on.

use std::sync::Arc;

use clock::SystemClock;
use discover::{Description, describe};
use dynamics_client::{
    AuthorityHost, BudgetShare, ClientConfig, Credential, DynamicsClient, HttpTransport,
    InstanceUrl,
};
use dynamics_simulator::{Options, Running, Simulator};

pub(crate) const ENGLISH: &[u32] = &[1033];

pub(crate) struct Bench {
    pub(crate) simulator: Simulator,
    pub(crate) client: DynamicsClient,
    _running: Running,
}

pub(crate) async fn bench() -> Bench {
    let options = Options {
        contacts: 12,
        certifications: 7,
        ..Options::default()
    };
    let simulator = Simulator::new(options, Arc::new(SystemClock));
    let running = simulator.start().await.unwrap();
    let (url, known) = (running.base_url(), simulator.credentials());
    let config = ClientConfig {
        instance: InstanceUrl::parse(&url).unwrap(),
        tenant: known.tenant_id.clone(),
        client_id: known.client_id.clone(),
        credential: Credential::ClientSecret(known.client_secret.as_str().into()),
        authority: AuthorityHost::parse(&url).unwrap(),
        budget_share: BudgetShare::default(),
    };
    let transport = Arc::new(HttpTransport::new().unwrap());
    let client = DynamicsClient::new(config, transport, Arc::new(SystemClock), 1);
    client.who_am_i().await.unwrap();
    simulator.reset_requests();
    Bench {
        simulator,
        client,
        _running: running,
    }
}

impl Bench {
    pub(crate) async fn described(&self, table: &str) -> Description {
        describe(&self.client, table, ENGLISH).await.unwrap()
    }
}
