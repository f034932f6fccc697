//! A world at a moment, to go back to: Dynamics' rows, both tables, the time. Going back costs a few
//! requests, so that a scenario need not be played from its start for each place where it is killed.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use clock::Clock;
use dynamics_simulator::Snapshot;
use jiff::Timestamp;

use crate::world::World;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// What DynamoDB takes in one request.
const BATCH: usize = 25;

/// A world at a moment. Faults and switches are not part of it.
pub(crate) struct Frozen {
    now: Timestamp,
    rows: Snapshot,
    tables: BTreeMap<&'static str, Vec<Item>>,
}

impl World {
    pub(crate) async fn freeze(&self) -> Frozen {
        let client = self.dynamodb();
        let mut tables = BTreeMap::new();
        for table in ["state", "records"] {
            tables.insert(table, items_of(&client, table).await);
        }
        Frozen {
            now: self.clock.now(),
            rows: self.simulator.snapshot(),
            tables,
        }
    }

    /// Goes back. Processes of before write into a store that nobody reads any more.
    pub(crate) async fn thaw(&mut self, frozen: &Frozen) {
        self.clock.set(frozen.now);
        self.simulator.clear_faults();
        self.simulator.restore(frozen.rows.clone());
        self.empty_store().await;
        let client = self.dynamodb();
        for (table, items) in &frozen.tables {
            for some in items.chunks(BATCH) {
                put(&client, table, some).await;
            }
        }
    }

    pub(crate) fn dynamodb(&self) -> Client {
        Client::from_conf(self.engine.config().build())
    }
}

pub(crate) async fn items_of(client: &Client, table: &str) -> Vec<Item> {
    let pages = client.scan().table_name(table).into_paginator();
    pages.items().send().try_collect().await.unwrap()
}

async fn put(client: &Client, table: &str, items: &[Item]) {
    let put = |item: &Item| {
        let item = PutRequest::builder().set_item(Some(item.clone())).build();
        WriteRequest::builder().put_request(item.unwrap()).build()
    };
    let puts = items.iter().map(put).collect();
    let answer = client.batch_write_item().request_items(table, puts);
    let left = answer.send().await.unwrap().unprocessed_items;
    assert!(
        left.unwrap_or_default().is_empty(),
        "not everything was put back"
    );
}
