//! A Secrets Manager on loopback, whose secret a test changes.

use std::sync::Mutex as StdMutex;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_secretsmanager::config::{BehaviorVersion, Config, Credentials, Region};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clock::ManualClock;
use jiff::civil::date;
use keys::{Entry, NewKey};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use web::Scope;

use super::*;

/// The secret's text, `None` while nobody may read it, and how often somebody tried.
type Secret = Arc<StdMutex<(Option<String>, u32)>>;

/// A ring, and what it reads from.
pub(crate) struct World {
    pub(crate) ring: Ring,
    clock: ManualClock,
    secret: Secret,
    /// It takes what it is asked, and does not answer.
    silent: Arc<AtomicBool>,
    server: JoinHandle<()>,
}

/// A key of a test.
pub(crate) struct Made {
    /// Name and key with a colon between them.
    pub(crate) text: String,
    entry: Entry,
}

pub(crate) fn key(seed: u8, name: &str, scopes: &[Scope]) -> Made {
    let made = NewKey::generate([seed; 32], name, scopes, date(2026, 11, 21)).unwrap();
    Made {
        text: made.pair().expose_secret().to_owned(),
        entry: made.entry,
    }
}

impl World {
    /// A secret with these keys.
    pub(crate) async fn of(keys: &[&Made]) -> Self {
        let secret = Secret::default();
        let served = Arc::clone(&secret);
        let silent = Arc::new(AtomicBool::new(false));
        let is_silent = Arc::clone(&silent);
        let answer = async move || {
            if is_silent.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            let mut secret = served.lock().unwrap();
            secret.1 += 1;
            match &secret.0 {
                Some(text) => (StatusCode::OK, Json(json!({ "SecretString": text }))),
                None => {
                    let denied: Value = json!({ "__type": "AccessDeniedException" });
                    (StatusCode::BAD_REQUEST, Json(denied))
                }
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", post(answer));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-north-1"))
            .credentials_provider(Credentials::new("id", "key", None, None, "test"))
            .endpoint_url(format!("http://{address}"));
        let clock = ManualClock::at("2026-11-21T12:00:00Z".parse().unwrap());
        let secrets = settings::secrets_client(config);
        let ring = Ring::new(secrets, "sync/keys".to_owned(), Arc::new(clock.clone()));
        let world = Self {
            ring,
            clock,
            secret,
            silent,
            server,
        };
        world.store(keys);
        world
    }

    fn store(&self, made: &[&Made]) {
        let mut keys = Keys::default();
        for one in made {
            keys.add(one.entry.clone()).unwrap();
        }
        self.secret.lock().unwrap().0 = Some(keys.to_json());
    }

    fn reads(&self) -> u32 {
        self.secret.lock().unwrap().1
    }

    /// Whether this key is known, `after` so many seconds.
    async fn knows(&self, made: &Made, after: u64) -> Result<bool, String> {
        self.clock.advance(Duration::from_secs(after));
        let value = format!("Basic {}", BASE64_STANDARD.encode(&made.text));
        let caller = self.ring.caller(&Shown::of(&value).unwrap()).await?;
        Ok(caller.is_some())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[tokio::test]
async fn the_secret_is_read_on_first_use_and_again_after_five_minutes() {
    let (old, new) = (key(1, "app", &[Scope::Read]), key(2, "app", &[Scope::Read]));
    let world = World::of(&[&old]).await;
    assert_eq!(world.reads(), 0);
    assert_eq!(world.knows(&old, 0).await, Ok(true));
    world.store(&[&new]);
    assert_eq!(world.knows(&old, 299).await, Ok(true));
    assert_eq!(world.reads(), 1);
    assert_eq!(world.knows(&old, 1).await, Ok(false));
    assert_eq!(world.knows(&new, 0).await, Ok(true));
    assert_eq!(world.reads(), 2);
}

#[tokio::test]
async fn a_key_that_is_not_known_is_looked_for_in_the_secret_but_not_all_the_time() {
    let (old, new) = (key(1, "app", &[Scope::Read]), key(2, "app", &[Scope::Read]));
    let world = World::of(&[&old]).await;
    for _ in 0..10 {
        assert_eq!(world.knows(&new, 0).await, Ok(false));
    }
    assert_eq!(world.reads(), 1);
    world.store(&[&old, &new]);
    assert_eq!(world.knows(&new, 29).await, Ok(false));
    assert_eq!(world.knows(&new, 1).await, Ok(true));
    assert_eq!(world.knows(&old, 0).await, Ok(true));
    assert_eq!(world.reads(), 2);
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_at_first_fails_and_is_read_with_the_next_call() {
    let app = key(1, "app", &[Scope::Read]);
    let world = World::of(&[]).await;
    for text in [
        None,
        Some("hunter2".to_owned()),
        Some("{\"version\": 1, \"keys\": [7]}".to_owned()),
    ] {
        world.secret.lock().unwrap().0 = text;
        let reason = world.knows(&app, 0).await.unwrap_err();
        assert!(
            reason.contains("the secret \"sync/keys\" ") && !reason.contains("hunter"),
            "{reason}"
        );
    }
    world.store(&[&app]);
    assert_eq!(world.knows(&app, 0).await, Ok(true));
}

#[tokio::test]
async fn a_secrets_manager_that_does_not_answer_keeps_nobody_out_whose_key_is_known() {
    let app = key(1, "app", &[Scope::Read]);
    let world = World::of(&[&app]).await;
    assert_eq!(world.knows(&app, 0).await, Ok(true));
    world.silent.store(true, Ordering::Relaxed);
    let patience = Duration::from_secs(20);
    let known = tokio::time::timeout(patience, world.knows(&app, 300)).await;
    assert_eq!(known.expect("it waits without end"), Ok(true));
    // Nor is it asked again at once.
    assert_eq!(world.knows(&app, 0).await, Ok(true));
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_again_locks_nobody_out_for_an_hour() {
    let app = key(1, "app", &[Scope::Read]);
    let world = World::of(&[&app]).await;
    assert_eq!(world.knows(&app, 0).await, Ok(true));
    world.secret.lock().unwrap().0 = None;
    assert_eq!(world.knows(&app, 3_599).await, Ok(true));
    assert_eq!(world.reads(), 2);
    // Nobody waits for Secrets Manager in every call.
    assert_eq!(world.knows(&app, 0).await, Ok(true));
    assert_eq!(world.reads(), 2);
    assert!(world.knows(&app, 1).await.is_err());
    world.store(&[&app]);
    assert_eq!(world.knows(&app, 30).await, Ok(true));
}
