//! A certificate in place of a secret, against the simulator, which checks the signature by itself.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use clock::ManualClock;
use dynamics_client::{
    AuthorityHost, BudgetShare, Certificate, ClientConfig, Credential, DynamicsClient, Error,
    ErrorKind, HttpTransport, InstanceUrl,
};
use dynamics_simulator::test_certificates::{EXPIRED, FIRST, SECOND};
use dynamics_simulator::{Class, Options, Running, Simulator};
use serde_json::Value;

use crate::support::{Bench, contacts, empty_page};

struct World {
    simulator: Simulator,
    clock: ManualClock,
    client: DynamicsClient,
    _running: Running,
}

fn credential(pem: &str) -> Credential {
    Credential::Certificate(Certificate::from_pem(pem).unwrap())
}

impl World {
    /// A client with a certificate, and a simulator that accepts those registered.
    async fn start(pem: &str, registered: &[&str]) -> Self {
        let clock = ManualClock::at("2026-11-20T02:00:00Z".parse().unwrap());
        let simulator = Simulator::new(Options::default(), Arc::new(clock.clone()));
        for pem in registered {
            assert!(simulator.register_certificate(pem));
        }
        let running = simulator.start().await.unwrap();
        let config = ClientConfig {
            instance: InstanceUrl::parse(&running.base_url()).unwrap(),
            tenant: simulator.credentials().tenant_id.clone(),
            client_id: simulator.credentials().client_id.clone(),
            credential: credential(pem),
            authority: AuthorityHost::parse(&running.base_url()).unwrap(),
            budget_share: BudgetShare::default(),
        };
        let transport = Arc::new(HttpTransport::new().unwrap());
        let client = DynamicsClient::new(config, transport, Arc::new(clock.clone()), 7);
        Self {
            simulator,
            clock,
            client,
            _running: running,
        }
    }

    async fn refused(&self) -> Error {
        self.client.who_am_i().await.map(|_| ()).unwrap_err()
    }

    fn token_requests(&self) -> u64 {
        self.simulator.requests().of(Class::Token)
    }
}

#[tokio::test]
async fn a_registered_certificate_opens_the_environment() {
    let world = World::start(FIRST, &[FIRST]).await;
    world.client.who_am_i().await.unwrap();
    assert_eq!(world.token_requests(), 1);
}

#[tokio::test]
async fn a_certificate_that_is_not_registered_is_said_to_be_so() {
    let world = World::start(FIRST, &[SECOND]).await;
    let error = world.refused().await;
    assert_eq!(error.kind(), ErrorKind::Credentials);
    let text = error.to_string();
    assert!(
        text.contains("AADSTS700027")
            && text.ends_with(
                ": the certificate is not registered with the application, or no longer. Upload it \
                 to the app registration; if it is there, check that it has not expired."
            ),
        "{text}"
    );
    assert_eq!(world.token_requests(), 1, "tried once");
}

#[tokio::test]
async fn certificates_are_rotated_without_a_restart_and_without_a_gap() {
    let world = World::start(FIRST, &[FIRST]).await;
    world.client.who_am_i().await.unwrap();
    assert!(world.simulator.register_certificate(SECOND));
    world.client.renew_credential(credential(SECOND));
    world.client.who_am_i().await.unwrap();
    assert_eq!(world.token_requests(), 2);

    assert!(world.simulator.remove_certificate(FIRST));
    world.simulator.revoke_tokens();
    world.client.who_am_i().await.unwrap();
    world.client.renew_credential(credential(FIRST));
    let error = world.refused().await;
    assert_eq!(error.kind(), ErrorKind::Credentials);
}

#[tokio::test]
async fn the_same_certificate_read_again_keeps_the_token() {
    let world = World::start(FIRST, &[FIRST]).await;
    world.client.who_am_i().await.unwrap();
    world.client.renew_credential(credential(FIRST));
    world.client.who_am_i().await.unwrap();
    assert_eq!(world.token_requests(), 1);
}

#[tokio::test]
async fn an_expired_certificate_is_not_even_sent() {
    let world = World::start(EXPIRED, &[EXPIRED]).await;
    let error = world.refused().await;
    assert_eq!((error.kind(), error.tries()), (ErrorKind::Credentials, 0));
    let text = error.to_string();
    assert!(
        text.ends_with(
            ": Entra was not asked: the certificate expired at 2025-01-01T00:00:00Z. Make a new one, \
             upload it to the app registration, and store it with its key in place of the old one."
        ),
        "{text}"
    );
    assert_eq!(world.token_requests(), 0);
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_named_as_the_reason() {
    let world = World::start(FIRST, &[FIRST]).await;
    world.simulator.advance(3_600);
    let text = world.refused().await.to_string();
    assert!(
        text.contains("AADSTS700024") && text.ends_with("it differs from Entra's by minutes."),
        "{text}"
    );
    world.clock.advance(Duration::from_secs(3_600));
    world.simulator.advance(-3_600);
    world.client.who_am_i().await.unwrap();
}

/// Header and claims of the assertion in a token request's form.
fn assertion(form: &str) -> (Value, Value) {
    let mut fields = url::form_urlencoded::parse(form.as_bytes());
    let (_, jwt) = fields.find(|(name, _)| name == "client_assertion").unwrap();
    let mut parts = jwt
        .split('.')
        .map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut json = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (json(), json())
}

#[tokio::test]
async fn an_assertion_says_what_entra_wants_and_is_never_used_twice() {
    let bench = Bench::new().await;
    bench.client.renew_credential(credential(FIRST));
    bench.server.script([empty_page(), empty_page()]);
    bench.client.page(&contacts()).await.unwrap();
    bench.clock.advance(Duration::from_secs(3_600));
    bench.client.page(&contacts()).await.unwrap();

    let requests = bench.server.token_requests();
    let names: Vec<_> = url::form_urlencoded::parse(requests[0].body.as_bytes())
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(
        names,
        [
            "grant_type",
            "client_id",
            "client_assertion_type",
            "client_assertion",
            "scope"
        ]
    );
    let (header, claims) = assertion(&requests[0].body);
    assert_eq!(header["alg"], "PS256");
    assert_eq!(header["typ"], "JWT");
    assert_eq!(
        header["x5t#S256"],
        "eOyUu7Xs3sRK5EBm7-2STqsIkbNVzgiFFk8bAwWMSUA"
    );
    let endpoint = format!("{}/hlf.example/oauth2/v2.0/token", bench.server.url());
    assert_eq!(claims["aud"], endpoint.as_str());
    assert_eq!(
        (&claims["iss"], &claims["sub"]),
        (&"8f1b".into(), &"8f1b".into())
    );
    let now = "2026-11-20T02:00:00Z"
        .parse::<jiff::Timestamp>()
        .unwrap()
        .as_second();
    assert_eq!((&claims["nbf"], &claims["iat"]), (&now.into(), &now.into()));
    assert_eq!(claims["exp"], now + 600);
    let (_, later) = assertion(&requests[1].body);
    assert_eq!(later["iat"], now + 3_600);
    assert_ne!(later["jti"], claims["jti"]);
}
