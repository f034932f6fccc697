//! Many single writes under the simulator's enforced limits, in virtual time: how long they take, and
//! whether the client keeps to its share and heeds what it is told.
//!
//! Simulator and client share a process, a clock and nothing else: no request meets a network, so that
//! hours pass in seconds, the same each time. The benchmarks measure with this file too, hence it
//! returns its errors.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use clock::{Clock, VirtualClock};
use dynamics_client::{
    AuthorityHost, BudgetShare, ClientConfig, Counters, Counts, Credential, DynamicsClient,
    InstanceUrl, Record, RowKey, Transport, TransportError, TransportErrorKind,
};
use dynamics_simulator::{LimitReport, Limits, Options, Simulator};
use futures::future::BoxFuture;
use futures::{StreamExt, TryStreamExt, stream};
use http::header::{AUTHORIZATION, RETRY_AFTER};
use http::{Request, Response};
use uuid::Uuid;

pub(crate) type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// How many writes want to be under way.
const WRITERS: usize = 100;
/// A request is on its way for this long at most, and its answer again; each for another time.
const LONGEST_FLIGHT_MS: u64 = 40;

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// The client's share of the documented limits, in thousandths.
    pub(crate) share: u32,
    /// What the simulator enforces.
    pub(crate) limits: Limits,
    pub(crate) writes: u32,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Pace {
    pub(crate) took: Duration,
    pub(crate) counts: Counts,
    pub(crate) report: LimitReport,
    /// Requests that were sent although this client had been told to wait.
    pub(crate) despite: u64,
}

impl Case {
    /// The writes that share and limits allow within 300 seconds.
    fn writes_a_window(&self) -> u64 {
        let share = |whole: u64| whole * u64::from(self.share) / 1_000;
        let requests = share(6_000).min(self.limits.requests.into());
        let time = share(1_200_000).min(self.limits.execution_ms);
        let time = time.checked_div(self.limits.request_ms);
        requests.min(time.unwrap_or(u64::MAX)).max(1)
    }

    /// How long the writes, and the one request that prepares them, take at least: if in each 300
    /// seconds all are sent that may be, at once, and answered in no time.
    pub(crate) fn allowed(&self) -> Duration {
        let full_windows = u64::from(self.writes) / self.writes_a_window();
        Duration::from_secs(full_windows * 300)
    }

    /// Writes, and looks how it went.
    pub(crate) fn measure(&self) -> Result<Pace, AnyError> {
        let clock = VirtualClock::at("2026-11-20T02:00:00Z".parse()?);
        let pace = clock.run(self.write(&clock));
        pace.unwrap_or_else(|| Err("a write waits for what never comes".into()))
    }

    async fn write(&self, clock: &VirtualClock) -> Result<Pace, AnyError> {
        let options = Options {
            contacts: 1,
            certifications: 0,
            accounts: 1,
            ..Options::default()
        };
        let simulator = Simulator::new(options, Arc::new(clock.clone()));
        simulator.switch(|switches| {
            switches.dop_hint = 52;
            switches.limits = Limits {
                flight_ms: 2 * LONGEST_FLIGHT_MS,
                ..self.limits
            };
        });
        let wire = Arc::new(Wire {
            simulator: simulator.clone(),
            clock: clock.clone(),
            flights: AtomicU64::new(0),
            told_until_ms: AtomicU64::new(0),
            despite: AtomicU64::new(0),
        });
        let transport = Arc::clone(&wire) as Arc<dyn Transport>;
        let config = config(&simulator, f64::from(self.share) / 1_000.0)?;
        let counters = Arc::<Counters>::default();
        let client = DynamicsClient::new(config, transport, Arc::new(clock.clone()), 1)
            .counting(Arc::clone(&counters));
        let accounts = client.table("accounts", &[]).await?;
        let begun = clock.now();
        let record = Record::new().text("name", "One of many");
        let (client, accounts, record) = (&client, &accounts, &record);
        let key = |number| RowKey::Id(Uuid::from_u128(0xa000_0000_0000 + u128::from(number)));
        stream::iter(0..self.writes)
            .map(|number| async move { client.upsert(accounts, &key(number), record).await })
            .buffer_unordered(WRITERS)
            .try_for_each(async |_| Ok(()))
            .await?;
        Ok(Pace {
            took: clock::elapsed(begun, clock.now()),
            counts: counters.snapshot(),
            report: simulator.limit_report(),
            despite: wire.despite.load(Ordering::Relaxed),
        })
    }
}

fn config(simulator: &Simulator, share: f64) -> Result<ClientConfig, AnyError> {
    let known = simulator.credentials();
    Ok(ClientConfig {
        instance: InstanceUrl::parse("https://contoso.crm4.dynamics.com")?,
        tenant: known.tenant_id.clone(),
        client_id: known.client_id.clone(),
        credential: Credential::ClientSecret(known.client_secret.as_str().into()),
        authority: AuthorityHost::parse("https://contoso.crm4.dynamics.com")?,
        budget_share: BudgetShare::new(share).ok_or("a share is above 0 and at most 1")?,
    })
}

/// A way to the simulator that takes its time, and knows what this client was told.
struct Wire {
    simulator: Simulator,
    clock: VirtualClock,
    flights: AtomicU64,
    /// Until when Dataverse asked to wait.
    told_until_ms: AtomicU64,
    despite: AtomicU64,
}

impl Wire {
    /// The numbers differ, so that requests overtake each other.
    async fn fly(&self) {
        let number = self.flights.fetch_add(1, Ordering::Relaxed);
        let ms = 1 + number * 17 % LONGEST_FLIGHT_MS;
        self.clock.sleep(Duration::from_millis(ms)).await;
    }

    fn now_ms(&self) -> u64 {
        self.clock.now().as_millisecond().unsigned_abs()
    }

    fn hear(&self, answer: &Response<Bytes>) -> Option<()> {
        let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?;
        let until = self.now_ms() + seconds.parse::<u64>().ok()? * 1_000;
        self.told_until_ms.fetch_max(until, Ordering::Relaxed);
        Some(())
    }
}

impl Transport for Wire {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            // Entra has no part in this.
            let counts = request.headers().contains_key(AUTHORIZATION);
            if counts && self.now_ms() < self.told_until_ms.load(Ordering::Relaxed) {
                self.despite.fetch_add(1, Ordering::Relaxed);
            }
            self.fly().await;
            let answer = self.simulator.answer(request).await;
            self.fly().await;
            let cut = || TransportError::new(TransportErrorKind::Unknown, "the wire was cut");
            let answer = answer.ok_or_else(cut)?;
            self.hear(&answer);
            Ok(answer)
        })
    }
}
