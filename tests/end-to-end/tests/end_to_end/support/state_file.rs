//! What the command line left in its state file. Only for use while no command runs.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use changes::Changes;
use clock::SystemClock;
use local_store::LocalStore;
use serde_json::Value;
use streams::StreamFile;
use sync_store::{Store, TableNames};

use super::Terminal;

/// The state file of a terminal's folder, opened.
pub(crate) struct StateFile {
    pub(crate) store: Store,
    engine: LocalStore,
}

impl StateFile {
    pub(crate) async fn of(terminal: &Terminal) -> Self {
        let path = terminal.folder.path().join("dynamics-sync.db");
        let engine = LocalStore::open(&path).await.unwrap();
        let tables = TableNames {
            state: "state".to_owned(),
            records: "records".to_owned(),
            changes: "changes".to_owned(),
        };
        Self {
            store: Store::new(engine.config(), tables),
            engine,
        }
    }

    /// The app hands in a change of a stream of this stream file; its id is answered.
    pub(crate) async fn hand_in(&self, streams: &str, change: &Value) -> String {
        let file = StreamFile::parse(streams, "streams.toml").unwrap();
        let changes = Changes::new(self.store.clone(), file, Arc::new(SystemClock));
        let body = change.to_string();
        let key = "a-key-of-its-own";
        let accepted = changes.accept("app", key, body.as_bytes()).await;
        accepted.unwrap().wanted.id
    }

    /// Writes an attribute of a stream's cursor item over, past the store.
    pub(crate) async fn damage(&self, stream: &str, attribute: &str, value: AttributeValue) {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        Client::from_conf(self.engine.config().build())
            .update_item()
            .table_name("state")
            .key("pk", text(&format!("stream#{stream}")))
            .key("sk", text("cursor"))
            .update_expression("SET #attribute = :value")
            .expression_attribute_names("#attribute", attribute)
            .expression_attribute_values(":value", value)
            .send()
            .await
            .unwrap();
    }
}
