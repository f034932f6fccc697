//! The app: how it hands changes in, which is JSON through the real door, and what it sees.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use changes::Changes;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::world::World;

impl World {
    /// The app hands a change in that is taken; its id is answered.
    pub(crate) async fn post(&self, body: &Json) -> String {
        self.post_text(&body.to_string()).await
    }

    /// The same, with every digit of a number as it is written.
    pub(crate) async fn post_text(&self, body: &str) -> String {
        let taken = self.door().accept("app", &key(), body.as_bytes()).await;
        taken.unwrap().wanted.id
    }

    /// The app hands a change in that is turned away; what is wrong with which member is answered.
    pub(crate) async fn turned_away(&self, body: &Json) -> Vec<(String, &'static str)> {
        let body = body.to_string();
        let problem = self.door().accept("app", &key(), body.as_bytes()).await;
        let problem = problem.unwrap_err();
        let faults = problem.faults().iter();
        faults
            .map(|fault| (fault.pointer.clone(), fault.code))
            .collect()
    }

    /// What the app sees of a record.
    pub(crate) async fn sees(&self, stream: &str, id: &str, field: &str) -> AttributeValue {
        let item = self.item(stream, id).await;
        item["fields"].as_m().unwrap()[field].clone()
    }

    fn door(&self) -> Changes {
        let clock = Arc::new(self.clock.clone());
        Changes::new(self.store.clone(), self.streams.clone(), clock)
    }
}

/// An `Idempotency-Key`.
fn key() -> String {
    Uuid::new_v4().to_string()
}
