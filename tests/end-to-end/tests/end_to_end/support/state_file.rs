//! What the command line left in its state file. Only for use while no command runs.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use local_store::LocalStore;
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
