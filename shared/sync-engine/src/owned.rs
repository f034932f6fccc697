//! Fields that the app owns: where Dynamics has come to say something else, the app's value is asserted
//! again, as a change like any other.
//!
//! What the app asserts is what the copy has. Never in here: what Dynamics made of our own write, which
//! would be a quarrel without end; it is only counted.

use std::collections::BTreeMap;

use streams::{Field, Owner};
use sync_store::{
    ChangeKey, DynamicsRow, Fields, NewChange, Operation, Origin, RecordParts, Value, Wanted,
};
use uuid::Uuid;

use crate::Failure;
use crate::expiry::ExpiryRule;
use crate::pull::Pull;
use crate::push::same;
use crate::row_reader::ReadRow;

/// Records looked at in one request.
const RECORDS_AT_ONCE: usize = 100;

impl Pull<'_> {
    /// Hands in the values of the app's own fields that these rows, which are not stored yet, would change.
    pub(crate) async fn assert_owned(&mut self, rows: &[ReadRow]) -> Result<(), Failure> {
        let stream = &self.plan.stream;
        let owned = |field: &&Field| field.owner == Owner::App;
        if !stream.direction.pushes() || !stream.fields.iter().any(|field| owned(&field)) {
            return Ok(());
        }
        for rows in rows.chunks(RECORDS_AT_ONCE) {
            let ids: Vec<String> = rows.iter().map(|row| row.id().to_owned()).collect();
            let mut records = self.store.records_by_id(&stream.name, &ids).await?;
            for row in rows {
                // A damaged record says nothing about what the app asserts.
                if let ReadRow::Member(row) = row
                    && let Some(Ok(record)) = records.remove(&row.id)
                {
                    let fields = self.overridden(row, &record);
                    if !fields.is_empty() {
                        self.assert(row, fields).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The app's own values that the row says differently, and nothing is on its way for.
    fn overridden(&self, row: &DynamicsRow, record: &RecordParts) -> Fields {
        let known = !record.deleted
            && (record.generation, record.version) < (row.generation, row.version)
            && record.generation == row.generation;
        let owned = self.plan.stream.fields.iter();
        let owned = owned.filter(|field| known && field.owner == Owner::App);
        let changed = owned.filter_map(|field| {
            let asserted = record.dynamics.get(&field.name)?;
            let says = row.fields.get(&field.name).unwrap_or(&Value::Null);
            let ours =
                record.pending.contains_key(&field.name) || record.written.contains(&field.name);
            let may = *asserted != Value::Null || field.clearable;
            (!same(asserted, says) && !ours && may).then(|| (field.name.clone(), asserted.clone()))
        });
        changed.collect()
    }

    async fn assert(&mut self, row: &DynamicsRow, fields: Fields) -> Result<(), Failure> {
        self.keeper.ensure().await?;
        let (stream, now) = (&self.plan.stream, self.clock.now());
        // Once for each time that Dynamics changed it.
        let name = format!("assertion of {} {} {}", stream.name, row.id, row.version);
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string();
        let wanted = fields.into_iter();
        let wanted: BTreeMap<_, _> = wanted
            .map(|(name, value)| (name, Wanted::Value(value)))
            .collect();
        let change = NewChange {
            stream: stream.name.clone(),
            operation: Operation::Update,
            key: ChangeKey::Id(row.id.clone()),
            fields: wanted,
            base_version: None,
            changed_at: now,
            accepted_at: now,
            origin: Origin::Assertion,
            digest: id.clone(),
            id,
        };
        let time_zone = &self.invocation.engine.streams.time_zone;
        let rule = ExpiryRule::of(stream, time_zone, now);
        let hiding = |wanted: &Fields, unverified| rule.hiding(wanted, unverified);
        self.store.accept(&change, None, &hiding, true).await?;
        self.asserted += 1;
        self.mismatched.push(row.id.clone());
        Ok(())
    }
}
