//! What was asked: exact counts by class and table, and the last requests themselves.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

/// How many requests are kept in full; counts go on beyond.
const KEPT: usize = 20_000;

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The token endpoint.
    Token,
    /// `WhoAmI`.
    WhoAmI,
    /// `EntityDefinitions` and what hangs below.
    Metadata,
    /// What tells which privileges and roles a user holds.
    Privileges,
    /// Rows: pages of a table, deltas, single rows, counts.
    Read,
    /// Create, update, upsert, delete; bulk actions too.
    Write,
    /// `$batch`, whatever is in it.
    Batch,
    /// Anything else.
    Other,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    /// What it was about.
    pub class: Class,
    /// The HTTP method.
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// The headers that change what it means or name it, in lower case: `Prefer`, `If-Match`, `MSCRM.*`,
    /// `x-ms-*` and the like.
    pub headers: BTreeMap<String, String>,
    /// The table it addressed, if any.
    pub entity_set: Option<String>,
    /// If it read a page: how many rows that may have had.
    pub page_rows: Option<u32>,
}

/// A count of one class and table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// What the requests were about.
    pub class: Class,
    /// The table they addressed, if any.
    pub entity_set: Option<String>,
    /// How many there were.
    pub requests: u64,
}

/// All requests since the start or the last reset. The control surface does not count itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RequestLog {
    /// How many there were.
    pub total: u64,
    /// How many of each class and table.
    pub counts: Vec<Count>,
    /// The last of them, oldest first; 20,000 at most.
    pub last: Vec<Request>,
}

impl RequestLog {
    /// How many requests of a class there were.
    pub fn of(&self, class: Class) -> u64 {
        self.sum(|count| count.class == class)
    }

    /// How many requests of a class addressed a table.
    pub fn of_table(&self, class: Class, entity_set: &str) -> u64 {
        self.sum(|count| count.class == class && count.entity_set.as_deref() == Some(entity_set))
    }

    fn sum(&self, wanted: impl Fn(&Count) -> bool) -> u64 {
        self.counts
            .iter()
            .filter(|count| wanted(count))
            .map(|count| count.requests)
            .sum()
    }
}

/// The log as it is being written.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    counts: BTreeMap<(Class, Option<String>), u64>,
    last: VecDeque<Request>,
}

impl Requests {
    pub(crate) fn record(&mut self, request: Request) {
        let key = (request.class, request.entity_set.clone());
        let count = self.counts.entry(key).or_default();
        *count = count.saturating_add(1);
        if self.last.len() >= KEPT {
            self.last.pop_front();
        }
        self.last.push_back(request);
    }

    pub(crate) fn snapshot(&self) -> RequestLog {
        RequestLog {
            total: self.counts.values().sum(),
            counts: self
                .counts
                .iter()
                .map(|((class, entity_set), requests)| Count {
                    class: *class,
                    entity_set: entity_set.clone(),
                    requests: *requests,
                })
                .collect(),
            last: self.last.iter().cloned().collect(),
        }
    }
}
