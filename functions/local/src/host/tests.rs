//! The libraries' own checks, without those in front of them, held against the table of calls.

use dynamics_client::{AuthorityHost, BudgetShare, ClientConfig, Credential, InstanceUrl};
use local_store::LocalStore;
use web::{ROUTES, Scopes};

use super::*;
use crate::connections::{self, OpenStore};

const STREAMS: &str = "time_zone = \"Europe/Oslo\"\n[[stream]]\nname = \"members\"\ntable = \"contacts\"\n\
    fields = { email = \"emailaddress1\" }\n";

/// A host of an empty store, whose Dynamics is nowhere.
async fn host() -> (Host, OpenStore) {
    let open = OpenStore::embedded(LocalStore::in_memory().await.unwrap());
    let open = open.await.unwrap();
    let config = ClientConfig {
        instance: InstanceUrl::parse("http://127.0.0.1:9").unwrap(),
        tenant: "contoso.onmicrosoft.com".to_owned(),
        client_id: "11111111-2222-3333-4444-555555555555".to_owned(),
        credential: Credential::ClientSecret("x".into()),
        authority: AuthorityHost::parse("http://127.0.0.1:9").unwrap(),
        budget_share: BudgetShare::default(),
    };
    let dynamics = Arc::new(Access::known(config, Arc::new(SystemClock)));
    let streams = StreamFile::parse(STREAMS, "streams.toml").unwrap();
    let keys = KeysFile::at("nowhere.json".into());
    let watch = connections::watch_here(&open.store, &streams);
    (
        Host::new(&open.store, &streams, &dynamics, watch, keys),
        open,
    )
}

/// The code of the answer's problem, or nothing.
async fn code(host: &Host, scopes: Scopes, route: &Route) -> String {
    let caller = Caller {
        key: "app".to_owned(),
        scopes,
    };
    // The copy, so that nobody waits for Dynamics.
    let file = "members.csv?source=copy";
    let path = route.path.replace("{file}", file);
    let path = path.replace("{id}", "0f0c").replace("{stream}", "members");
    let request = http::Request::builder().method(&route.method).uri(path);
    let answer = host.handled(&caller, request.body(Bytes::new()).unwrap());
    let body = to_bytes(answer.await.into_body(), BODY_BYTES_MAX).await;
    let body: serde_json::Value = serde_json::from_slice(&body.unwrap()).unwrap_or_default();
    body["code"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn every_library_asks_for_the_scopes_that_the_table_says_and_knows_every_call_of_it() {
    let (host, _open) = host().await;
    for route in ROUTES.iter().filter(|route| !route.is_open()) {
        for scope in Scope::ALL {
            let code = code(&host, [scope].into_iter().collect(), route).await;
            let at = format!(
                "{} {} with {}: {code}",
                route.method,
                route.path,
                scope.name()
            );
            let refused = !route.scopes.contains(&scope);
            assert_eq!(code == "missing-scope", refused, "{at}");
            let unknown = !route.path.contains('{') && code == "not-found";
            assert!(!unknown && code != "method-not-allowed", "{at}");
        }
    }
}
