//! The simulator as a handle that is cheap to clone.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};
use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::credentials::Credentials;
use crate::entra::Entra;
use crate::faults::{Fault, FaultReport, Faults, Plan};
use crate::limits::{LimitReport, Limiter};
use crate::locks::{lock, read, write};
use crate::options::Options;
use crate::registered_certificate::RegisteredCertificate;
use crate::requests::{self, RequestLog, Requests};
use crate::shifted_clock::ShiftedClock;
use crate::switches::Switches;
use crate::web;
use crate::world::World;

/// A simulated Dataverse environment with its Entra tenant. Clones share everything.
#[derive(Clone)]
pub struct Simulator {
    inner: Arc<Inner>,
}

struct Inner {
    seed: u64,
    page_size_max: u32,
    credentials: Credentials,
    clock: ShiftedClock,
    world: RwLock<World>,
    entra: Mutex<Entra>,
    faults: Mutex<Faults>,
    requests: Mutex<Requests>,
    limiter: Mutex<Limiter>,
    switches: RwLock<Switches>,
    cleared: watch::Sender<u64>,
    numbers: AtomicU64,
}

impl Simulator {
    /// A fresh environment. Time is `clock`'s, moved by [`Simulator::advance`].
    pub fn new(options: Options, clock: Arc<dyn clock::Clock>) -> Self {
        let credentials = Credentials::new(options.seed);
        let inner = Inner {
            seed: options.seed,
            page_size_max: options.page_size_max,
            clock: ShiftedClock::new(clock),
            world: RwLock::new(World::new(&options)),
            entra: Mutex::new(Entra::new(credentials.client_secret.clone())),
            credentials,
            faults: Mutex::default(),
            requests: Mutex::default(),
            limiter: Mutex::default(),
            switches: RwLock::default(),
            cleared: watch::Sender::new(0),
            numbers: AtomicU64::new(0),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// All routes, for use in process. Links are made from the request's `Host` header, or from an
    /// absolute request URI.
    pub fn router(&self) -> axum::Router {
        web::router(self.clone())
    }

    /// Answers one request in process, without a network, and so on a clock that nothing else moves;
    /// `None` where a fault cuts the connection. It does not answer the control surface.
    pub async fn answer(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let answer = web::serve(State(self.clone()), request.map(Body::from)).await;
        let (head, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.ok()?;
        Some(Response::from_parts(head, body))
    }

    /// What the token endpoint accepts, unless [`Simulator::set_secret`] changed it.
    pub fn credentials(&self) -> &Credentials {
        &self.inner.credentials
    }

    /// Replaces the accepted client secret.
    pub fn set_secret(&self, secret: &str) {
        self.entra().set_secret(secret.to_owned());
    }

    /// Accepts a certificate beside the secret and those accepted already: the first that is in `pem`.
    /// Answers whether there is one.
    #[must_use]
    pub fn register_certificate(&self, pem: &str) -> bool {
        let read = RegisteredCertificate::read(pem);
        let found = read.is_some();
        if let Some(certificate) = read {
            self.entra().register(certificate);
        }
        found
    }

    /// Accepts a certificate no longer. Answers whether there is one in `pem`.
    #[must_use]
    pub fn remove_certificate(&self, pem: &str) -> bool {
        let read = RegisteredCertificate::read(pem);
        if let Some(certificate) = &read {
            self.entra().remove(certificate);
        }
        read.is_some()
    }

    /// Makes every token issued so far worthless.
    pub fn revoke_tokens(&self) {
        self.entra().revoke_all();
    }

    /// Makes every delta token issued so far count as expired.
    pub fn expire_change_tokens(&self) {
        self.world_mut().expire_change_tokens();
    }

    /// Moves the simulator's time by `seconds`, also back.
    pub fn advance(&self, seconds: i64) {
        self.inner.clock.advance(seconds);
    }

    /// The simulator's time.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// The switches as they stand.
    pub fn switches(&self) -> Switches {
        read(&self.inner.switches).clone()
    }

    /// Changes switches.
    pub fn switch(&self, change: impl FnOnce(&mut Switches)) {
        change(&mut write(&self.inner.switches));
    }

    /// Orders a fault.
    pub fn inject(&self, fault: Fault) {
        lock(&self.inner.faults).inject(fault);
    }

    /// Every fault ordered since the last clearing, with what became of it.
    pub fn faults_fired(&self) -> Vec<FaultReport> {
        lock(&self.inner.faults).report()
    }

    /// Takes all faults back and lets stalled bodies go on.
    pub fn clear_faults(&self) {
        lock(&self.inner.faults).clear();
        self.inner
            .cleared
            .send_modify(|epoch| *epoch = epoch.wrapping_add(1));
    }

    /// What was asked since the start or the last reset.
    pub fn requests(&self) -> RequestLog {
        lock(&self.inner.requests).snapshot()
    }

    /// What the limits of [`Switches::limits`] saw since the start or the last reset.
    pub fn limit_report(&self) -> LimitReport {
        self.limiter().report
    }

    /// Forgets all requests. The limits go on counting what lies within their window.
    pub fn reset_requests(&self) {
        *lock(&self.inner.requests) = Requests::default();
        self.limiter().report = LimitReport::default();
    }
}

/// What the wire needs.
impl Simulator {
    pub(crate) fn world(&self) -> RwLockReadGuard<'_, World> {
        read(&self.inner.world)
    }

    pub(crate) fn world_mut(&self) -> RwLockWriteGuard<'_, World> {
        write(&self.inner.world)
    }

    pub(crate) fn limiter(&self) -> MutexGuard<'_, Limiter> {
        lock(&self.inner.limiter)
    }

    pub(crate) fn page_size_max(&self) -> u32 {
        self.inner.page_size_max
    }

    pub(crate) fn clock(&self) -> ShiftedClock {
        self.inner.clock.clone()
    }

    /// Tells when the faults are cleared.
    pub(crate) fn cleared(&self) -> watch::Receiver<u64> {
        self.inner.cleared.subscribe()
    }

    /// Logs a request and decides which faults strike it.
    pub(crate) fn plan(&self, request: requests::Request) -> Plan {
        let plan = lock(&self.inner.faults).plan(&request);
        lock(&self.inner.requests).record(request);
        plan
    }

    /// Takes back the faults that found nothing to strike.
    pub(crate) fn settle(&self, plan: &Plan) {
        lock(&self.inner.faults).settle(plan);
    }

    pub(crate) fn issue_token(&self, now: Timestamp, seconds: u32) -> String {
        let number = self.next_number();
        self.entra().issue(self.inner.seed, number, now, seconds)
    }

    pub(crate) fn token_expiry(&self, token: &str) -> Option<Timestamp> {
        self.entra().expiry(token)
    }

    pub(crate) fn secret_is(&self, secret: &str) -> bool {
        self.entra().secret_is(secret)
    }

    pub(crate) fn certificates(&self) -> Vec<RegisteredCertificate> {
        self.entra().certificates()
    }

    /// A number for ids: a different one each time.
    pub(crate) fn next_number(&self) -> u64 {
        self.inner.numbers.fetch_add(1, Ordering::Relaxed)
    }

    fn entra(&self) -> MutexGuard<'_, Entra> {
        lock(&self.inner.entra)
    }
}
