//! The page's handlers on loopback, for a browser that holds every key: what a gateway would call, without one.

use std::net::SocketAddr;
use std::sync::Arc;

use access::Access;
use alerts::Watch;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use changes::Changes;
use clock::SystemClock;
use dynamics_client::{AuthorityHost, BudgetShare, ClientConfig, Credential, InstanceUrl};
use futures::future::BoxFuture;
use health::{Health, NotStarted, Parts, StartRun, Started};
use http::{Request, Response};
use local_store::LocalStore;
use settings::AlertSettings;
use streams::StreamFile;
use sync_engine::RunRequest;
use sync_store::{Store, TableNames};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use web::{Caller, Scope};

/// A page that a browser can open; it goes with this.
pub(crate) struct PageHost {
    pub(crate) store: Store,
    pub(crate) changes: Changes,
    address: SocketAddr,
    task: JoinHandle<()>,
    _engine: LocalStore,
}

/// Starts nothing, and says that it did.
#[derive(Debug)]
struct NoRuns;

impl StartRun for NoRuns {
    fn start(&self, request: RunRequest) -> BoxFuture<'_, Result<Started, NotStarted>> {
        Box::pin(async { Ok(Started::Run(request.run_id)) })
    }
}

impl PageHost {
    /// On empty tables.
    pub(crate) async fn start(file: StreamFile) -> Self {
        let engine = LocalStore::in_memory().await.unwrap();
        let tables = TableNames {
            state: "state".into(),
            records: "records".into(),
            changes: "changes".into(),
        };
        let store = Store::new(engine.config(), tables);
        store.create_tables().await.unwrap();
        let clock = Arc::new(SystemClock);
        let changes = Changes::new(store.clone(), file.clone(), clock.clone());
        // No topic is set, so that SNS is never asked.
        let sns = aws_sdk_sns::config::Builder::new();
        let settings = AlertSettings::default();
        let health = Health::new(Parts {
            runs: Arc::new(NoRuns),
            watch: Watch::new(store.clone(), file.clone(), settings, sns, clock.clone()),
            access: Arc::new(Access::known(nowhere(), clock.clone())),
            store: store.clone(),
            streams: file,
            clock,
        });
        let router = Router::new()
            .fallback(answer)
            .with_state((health, changes.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            store,
            changes,
            address,
            task,
            _engine: engine,
        }
    }

    /// Where the page is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for PageHost {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    State((health, changes)): State<(Health, Changes)>,
    request: Request<Body>,
) -> Response<Body> {
    let caller = Caller {
        key: "office".into(),
        scopes: Scope::ALL.into_iter().collect(),
    };
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 16).await.unwrap();
    let request = Request::from_parts(parts, body);
    let of_changes = request.uri().path().starts_with("/changes");
    let response: Response<Bytes> = if of_changes {
        changes.handle(&caller, request).await
    } else {
        health.handle(&caller, request).await
    };
    response.map(Body::from)
}

/// Nobody looks at Dynamics here.
fn nowhere() -> ClientConfig {
    ClientConfig {
        instance: InstanceUrl::parse("https://nowhere.invalid").unwrap(),
        tenant: "nowhere.invalid".into(),
        client_id: "0".into(),
        credential: Credential::ClientSecret("0".into()),
        authority: AuthorityHost::parse("https://nowhere.invalid").unwrap(),
        budget_share: BudgetShare::default(),
    }
}
