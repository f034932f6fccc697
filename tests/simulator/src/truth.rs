//! The ground truth: what a correct copy must hold, read past the protocol.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::Simulator;
use crate::depth::Depth;

/// How many rows are read under one lock.
const CHUNK: usize = 1_000;

/// A row of ground truth: every column under its property name (a lookup as `_x_value`). Nulls are
/// present; exact decimals are text, so that no reader rounds them.
pub type TruthRow = Map<String, Json>;

/// All live rows of a table by rising key, read in small pieces: mutations in between show.
pub struct Truth {
    simulator: Simulator,
    entity_set: String,
    read: std::vec::IntoIter<TruthRow>,
    last: Option<Uuid>,
    more: bool,
    /// `None` when no row can be seen.
    depth: Option<Depth>,
}

impl Truth {
    pub(crate) fn new(simulator: Simulator, entity_set: &str) -> Self {
        Self {
            simulator,
            entity_set: entity_set.to_owned(),
            read: Vec::new().into_iter(),
            last: None,
            more: true,
            depth: Some(Depth::Global),
        }
    }

    /// Only the rows that the application user can read as the switches stand now. Their hidden columns
    /// are shown all the same.
    pub fn visible(self) -> Self {
        let depth = self.simulator.switches().depth(&self.entity_set);
        Self { depth, ..self }
    }

    fn read_more(&mut self) {
        let world = self.simulator.world();
        let Some(rows) = world.rows(&self.entity_set) else {
            self.more = false;
            return;
        };
        let properties: Vec<String> = rows
            .table
            .columns
            .iter()
            .map(crate::world::schema::Column::property)
            .collect();
        let mut read = Vec::new();
        let mut seen = 0_usize;
        for row in rows.after(self.last).take(CHUNK) {
            self.last = Some(row.id);
            seen = seen.saturating_add(1);
            if !self.depth.is_some_and(|depth| depth.shows(row.id)) {
                continue;
            }
            let values = properties
                .iter()
                .enumerate()
                .map(|(position, property)| (property.clone(), row.value(position).to_truth()));
            read.push(values.collect());
        }
        self.more = seen == CHUNK;
        self.read = read.into_iter();
    }
}

impl Iterator for Truth {
    type Item = TruthRow;

    fn next(&mut self) -> Option<TruthRow> {
        while self.read.len() == 0 && self.more {
            self.read_more();
        }
        self.read.next()
    }
}
