//! The environment's rows as tests and people set them up: past the protocol, by the world's own rules.

use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::Simulator;
use crate::refusal::Refusal;
use crate::truth::Truth;
use crate::web;
use crate::world::{BurstSummary, Changes, World};

impl Simulator {
    /// How many live rows a table has.
    ///
    /// # Errors
    ///
    /// For an unknown table.
    pub fn rows(&self, entity_set: &str) -> Result<u64, Refusal> {
        self.known(entity_set)?;
        Ok(self
            .world()
            .rows(entity_set)
            .map_or(0, crate::world::Rows::live))
    }

    /// A table's live rows by rising key, past the protocol.
    ///
    /// # Errors
    ///
    /// For an unknown table: an empty truth would hide a misspelt name.
    pub fn truth(&self, entity_set: &str) -> Result<Truth, Refusal> {
        self.known(entity_set)?;
        Ok(Truth::new(self.clone(), entity_set))
    }

    /// Creates a row as a person would. Columns go by their property names; a lookup may be set as
    /// `_x_value`, a decimal as text.
    ///
    /// # Errors
    ///
    /// For an unknown table or column, a value that does not fit, a key that is taken.
    pub fn create(&self, entity_set: &str, row: Map<String, Json>) -> Result<Uuid, Refusal> {
        let now = self.now();
        let mut world = self.world_mut();
        let (key, changes) = self.changes(&world, entity_set, row)?;
        let user = world.layout.person();
        world
            .create(entity_set, key, changes, now, user)
            .ok_or_else(|| Refusal::new(412, "0x80040237", "Cannot insert duplicate key."))
    }

    /// Changes a row's columns; false when there is no such row.
    ///
    /// # Errors
    ///
    /// For an unknown table or column, or a value that does not fit.
    pub fn update(
        &self,
        entity_set: &str,
        id: Uuid,
        row: Map<String, Json>,
    ) -> Result<bool, Refusal> {
        let now = self.now();
        let mut world = self.world_mut();
        let (_, changes) = self.changes(&world, entity_set, row)?;
        let user = world.layout.person();
        Ok(world.update(entity_set, id, changes, now, user).is_some())
    }

    /// Deletes a row; false when there is no such row.
    ///
    /// # Errors
    ///
    /// For an unknown table.
    pub fn delete(&self, entity_set: &str, id: Uuid) -> Result<bool, Refusal> {
        self.known(entity_set)?;
        Ok(self.world_mut().delete(entity_set, id))
    }

    /// Merges a row into another one: it becomes inactive, and says which row stands for it; false when one
    /// of them is missing, or the table's rows cannot be merged.
    ///
    /// # Errors
    ///
    /// For an unknown table.
    pub fn merge(&self, entity_set: &str, id: Uuid, master: Uuid) -> Result<bool, Refusal> {
        self.known(entity_set)?;
        let now = self.now();
        let mut world = self.world_mut();
        let user = world.layout.person();
        Ok(world.merge(entity_set, id, master, now, user).is_some())
    }

    /// Creates, updates and deletes rows, drawn from the seed.
    ///
    /// # Errors
    ///
    /// For an unknown table.
    pub fn burst(
        &self,
        entity_set: &str,
        creates: u32,
        updates: u32,
        deletes: u32,
    ) -> Result<BurstSummary, Refusal> {
        let now = self.now();
        self.world_mut()
            .burst(entity_set, creates, updates, deletes, now)
            .ok_or_else(|| Refusal::unknown_segment(entity_set))
    }

    fn known(&self, entity_set: &str) -> Result<(), Refusal> {
        match self.world().rows(entity_set) {
            Some(_) => Ok(()),
            None => Err(Refusal::unknown_segment(entity_set)),
        }
    }
}

impl Simulator {
    fn changes(
        &self,
        world: &World,
        entity_set: &str,
        row: Map<String, Json>,
    ) -> Result<(Option<Uuid>, Changes), Refusal> {
        let rows = world
            .rows(entity_set)
            .ok_or_else(|| Refusal::unknown_segment(entity_set))?;
        let body = row
            .into_iter()
            .map(|(name, value)| Ok((name, RawValue::from_string(value.to_string())?)))
            .collect::<Result<_, serde_json::Error>>()
            .map_err(|error| Refusal::bad_payload(error.to_string()))?;
        web::read_changes(world, &self.switches(), &rows.table, &body, true)
    }
}
