//! A Secrets Manager on loopback, whose secret a test changes, and the simulator behind it.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Mutex, Once};

use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Config, Credentials, Region};
use clock::ManualClock;
use dynamics_client::{AuthorityHost, BudgetShare};
use dynamics_simulator::{Options, Running, Simulator, test_certificates};
use serde_json::{Value, json};

use super::*;

struct World {
    simulator: Simulator,
    running: Running,
    clock: ManualClock,
    /// The secret's text, `None` while nobody may read it, and how often somebody tried.
    secret: Arc<Mutex<(Option<String>, u32)>>,
    access: Access,
}

thread_local! {
    /// What the test of this thread has logged.
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Writes to the log of the thread's own test.
struct Logged;

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Keeps what is logged. One subscriber for the process and before anything is logged: `tracing` remembers
/// of each line of code whether anybody listens to it, and asks the thread that comes there first.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::fmt().with_writer(|| Logged).finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
}

impl World {
    async fn start() -> Self {
        listen();
        let clock = ManualClock::at("2026-11-20T02:00:00Z".parse().unwrap());
        let simulator = Simulator::new(Options::default(), Arc::new(clock.clone()));
        let running = simulator.start().await.unwrap();
        let secret = Arc::new(Mutex::new((None, 0)));
        let source = DynamicsSource::Secret {
            secret_id: "dynamics/test".to_owned(),
            authority: AuthorityHost::parse(&running.base_url()).unwrap(),
            budget_share: BudgetShare::default(),
        };
        let access = Access::new(source, serve(&secret), Arc::new(clock.clone()));
        let world = Self {
            simulator,
            running,
            clock,
            secret,
            access,
        };
        let value = world.simulator.credentials().client_secret.clone();
        world.store("DYNAMICS_CLIENT_SECRET", &value);
        world
    }

    /// Stores the secret with one credential.
    fn store(&self, name: &str, value: &str) {
        let credentials = self.simulator.credentials();
        let text = json!({
            "DYNAMICS_TENANT_ID": credentials.tenant_id,
            "DYNAMICS_CLIENT_ID": credentials.client_id,
            "DYNAMICS_INSTANCE_URL": self.running.base_url(),
            name: value,
        });
        self.secret.lock().unwrap().0 = Some(text.to_string());
    }

    fn reads(&self) -> u32 {
        self.secret.lock().unwrap().1
    }

    /// Whether an invocation that begins now reaches Dynamics.
    async fn reaches_dynamics(&self) -> Result<(), String> {
        let client = self.access.client().await?;
        let answer = client.who_am_i().await;
        answer.map(|_| ()).map_err(|error| error.to_string())
    }
}

/// A client of a Secrets Manager that knows one secret.
fn serve(secret: &Arc<Mutex<(Option<String>, u32)>>) -> aws_sdk_secretsmanager::Client {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let secret = Arc::clone(secret);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut length = 0;
            for line in reader.by_ref().lines() {
                let line = line.unwrap().to_ascii_lowercase();
                if let Some(value) = line.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.is_empty() {
                    break;
                }
            }
            reader.read_exact(&mut vec![0; length]).unwrap();
            let (status, body): (u16, Value) = {
                let mut secret = secret.lock().unwrap();
                secret.1 += 1;
                match &secret.0 {
                    Some(text) => (200, json!({ "SecretString": text })),
                    None => (400, json!({ "__type": "AccessDeniedException" })),
                }
            };
            let body = body.to_string();
            write!(
                stream,
                "HTTP/1.1 {status} .\r\ncontent-type: application/x-amz-json-1.1\r\n\
                 content-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
        }
    });
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-north-1"))
        .credentials_provider(Credentials::new("id", "key", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(format!("http://{address}"))
        .build();
    aws_sdk_secretsmanager::Client::from_conf(config)
}

#[tokio::test]
async fn a_rotated_secret_is_used_after_a_quarter_of_an_hour_without_a_restart() {
    let world = World::start().await;
    world.reaches_dynamics().await.unwrap();
    let before = world.access.client().await.unwrap();
    world.clock.advance(Duration::from_secs(899));
    world.reaches_dynamics().await.unwrap();
    assert_eq!(world.reads(), 1);

    world.simulator.set_secret("rotated");
    world.simulator.revoke_tokens();
    world.store("DYNAMICS_CLIENT_SECRET", "rotated");
    world.clock.advance(Duration::from_secs(1));
    world.reaches_dynamics().await.unwrap();
    assert_eq!(world.reads(), 2);
    before
        .who_am_i()
        .await
        .expect("the same client, so all clones of it");
    world.clock.advance(Duration::from_secs(899));
    world.reaches_dynamics().await.unwrap();
    assert_eq!(world.reads(), 2);
}

#[tokio::test]
async fn reading_the_same_secret_again_asks_for_no_other_token() {
    let world = World::start().await;
    world.reaches_dynamics().await.unwrap();
    world.clock.advance(READ_AGAIN);
    world.reaches_dynamics().await.unwrap();
    assert_eq!(world.reads(), 2);
    let tokens = world
        .simulator
        .requests()
        .of(dynamics_simulator::Class::Token);
    assert_eq!(tokens, 1);
}

#[tokio::test]
async fn after_a_run_that_failed_the_secret_is_read_again_at_once() {
    let world = World::start().await;
    world.reaches_dynamics().await.unwrap();
    world.simulator.set_secret("rotated");
    world.simulator.revoke_tokens();
    world.store("DYNAMICS_CLIENT_SECRET", "rotated");
    let error = world.reaches_dynamics().await.unwrap_err();
    assert!(error.contains("AADSTS7000215"), "{error}");
    world.access.ended(true).await;
    world.reaches_dynamics().await.unwrap();
    world.access.ended(false).await;
    world.reaches_dynamics().await.unwrap();
    assert_eq!(world.reads(), 2);
}

#[tokio::test]
async fn a_certificate_takes_a_secrets_place_without_a_restart() {
    let world = World::start().await;
    world.reaches_dynamics().await.unwrap();
    assert!(
        world
            .simulator
            .register_certificate(test_certificates::FIRST)
    );
    world.simulator.set_secret("removed");
    world.simulator.revoke_tokens();
    world.store("DYNAMICS_CLIENT_CERTIFICATE", test_certificates::FIRST);
    world.clock.advance(READ_AGAIN);
    world.reaches_dynamics().await.unwrap();
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_again_stops_only_a_client_in_doubt() {
    let world = World::start().await;
    world.reaches_dynamics().await.unwrap();
    world.secret.lock().unwrap().0 = None;
    world.clock.advance(READ_AGAIN);
    world.reaches_dynamics().await.unwrap();
    world.access.ended(true).await;
    let error = world.reaches_dynamics().await.unwrap_err();
    assert!(error.contains("must not be read by the role"), "{error}");
}

#[tokio::test]
async fn a_credential_whose_end_is_near_or_unknown_is_logged_once_a_process() {
    let first = test_certificates::FIRST;
    for (name, value, today, lines) in [
        (
            "DYNAMICS_CLIENT_SECRET",
            "hunter2",
            "2026-11-20T02:00:00Z",
            1,
        ),
        (
            "DYNAMICS_CLIENT_CERTIFICATE",
            first,
            "2026-11-20T02:00:00Z",
            0,
        ),
        (
            "DYNAMICS_CLIENT_CERTIFICATE",
            first,
            "2125-12-30T02:00:00Z",
            1,
        ),
    ] {
        let world = World::start().await;
        world.clock.set(today.parse().unwrap());
        world.store(name, value);
        for _ in 0..3 {
            world.access.client().await.unwrap();
            world.clock.advance(READ_AGAIN);
        }
        let logged = String::from_utf8(LOGGED.take()).unwrap();
        let found = logged.matches("the credential needs attention").count();
        assert_eq!(found, lines, "{name} {today}: {logged}");
        assert!(!logged.contains("hunter2"), "{logged}");
    }
}
