//! A client against the simulator, which checks what is written as Dataverse does.

use std::collections::BTreeSet;
use std::sync::Arc;

use clock::ManualClock;
use dynamics_client::{
    Change, Counters, DynamicsClient, Error, HttpTransport, Record, Table, Written,
};
use dynamics_simulator::{Class, Effect, Fault, RequestLog, Running, Simulator};
use uuid::Uuid;

use crate::environment::Environment;

pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) clock: ManualClock,
    pub(crate) client: DynamicsClient,
    pub(crate) counters: Arc<Counters>,
    pub(crate) accounts: Table,
    before: u64,
    _running: Running,
}

impl World {
    /// The log of requests is empty, and the client knows its token.
    pub(crate) async fn start() -> Self {
        let clock = ManualClock::at("2026-11-20T02:00:00Z".parse().unwrap());
        let environment = Environment::start(Arc::new(clock.clone())).await.unwrap();
        let (config, simulator) = (environment.config(), environment.simulator);
        let transport = Arc::new(HttpTransport::new().unwrap());
        let counters = Arc::<Counters>::default();
        let client = DynamicsClient::new(config, transport, Arc::new(clock.clone()), 7)
            .counting(Arc::clone(&counters));
        let accounts = client.table("accounts", &[]).await.unwrap();
        simulator.reset_requests();
        Self {
            before: simulator.rows("accounts").unwrap(),
            simulator,
            clock,
            client,
            counters,
            accounts,
            _running: environment.running,
        }
    }

    /// Creates accounts in bulk.
    pub(crate) async fn create_multiple(&self, rows: &[Record]) -> Vec<Result<Written, Error>> {
        self.client.create_multiple(&self.accounts, rows).await
    }

    /// Creates accounts as a batch.
    pub(crate) async fn batch(&self, rows: &[Record]) -> Vec<Result<Written, Error>> {
        let create = |row| Change::create(&self.accounts, row);
        let changes: Vec<_> = rows.iter().map(create).collect();
        self.client.batch(&changes).await
    }

    /// Creates one account.
    pub(crate) async fn create(&self, row: &Record) -> Result<Written, Error> {
        self.client.create(&self.accounts, row).await
    }

    /// Spoils the next request of this class.
    pub(crate) fn spoil(&self, class: Class, effect: Effect) {
        self.simulator.inject(Fault::on(class, effect));
    }

    /// How many accounts were added.
    pub(crate) fn added(&self) -> u64 {
        self.simulator.rows("accounts").unwrap() - self.before
    }

    pub(crate) fn requests(&self) -> RequestLog {
        self.simulator.requests()
    }

    pub(crate) fn writes(&self) -> u64 {
        self.requests().of(Class::Write)
    }

    pub(crate) fn batches(&self) -> u64 {
        self.requests().of(Class::Batch)
    }

    /// The names of all accounts.
    pub(crate) fn names(&self) -> Vec<String> {
        let truth = self.simulator.truth("accounts").unwrap();
        truth
            .map(|row| row["name"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

pub(crate) fn id(number: usize) -> Uuid {
    Uuid::from_u128(0xa000_0000_0000 + number as u128)
}

pub(crate) fn account(number: usize) -> Record {
    Record::new().text("name", &format!("New {number}"))
}

pub(crate) fn accounts(count: usize) -> Vec<Record> {
    (0..count).map(account).collect()
}

/// With the ids that [`id`] gives.
pub(crate) fn with_ids(count: usize) -> Vec<Record> {
    (0..count)
        .map(|number| account(number).id(id(number)))
        .collect()
}

/// Longer than the column.
pub(crate) fn bad() -> Record {
    Record::new().text("name", &"x".repeat(500))
}

/// The places of the rows that failed.
pub(crate) fn failed(results: &[Result<Written, Error>]) -> BTreeSet<usize> {
    results
        .iter()
        .enumerate()
        .filter(|(_, result)| result.is_err())
        .map(|(place, _)| place)
        .collect()
}
