//! One row written from what was sent for it, with all that the service checks.
//!
//! A refusal may leave a half-done write behind: callers do this within [`World::atomically`].

use uuid::Uuid;

use super::key::RowKey;
use super::payload::{Body, read_changes};
use super::{Context, rights};
use crate::refusal::Refusal;
use crate::switches::KeyStatus;
use crate::world::schema::Table;
use crate::world::{Changes, World};

/// Creates a row.
pub(crate) fn create(
    context: &Context<'_>,
    world: &mut World,
    table: &Table,
    sent: &Body,
) -> Result<Uuid, Refusal> {
    let (id, changes) = read(context, world, table, sent)?;
    insert(context, world, table, id, changes)
}

/// Changes the live row `id`.
pub(crate) fn change(
    context: &Context<'_>,
    world: &mut World,
    table: &Table,
    id: Uuid,
    sent: &Body,
) -> Result<(), Refusal> {
    let (_, changes) = read(context, world, table, sent)?;
    replace(context, world, table, id, changes)
}

/// Changes the row of this key, or creates it; its id, and whether it is new.
pub(crate) fn upsert(
    context: &Context<'_>,
    world: &mut World,
    table: &Table,
    key: &RowKey,
    sent: &Body,
) -> Result<(Uuid, bool), Refusal> {
    let found = world
        .rows(table.name.entity_set())
        .and_then(|rows| key.find(rows))
        .map(|row| row.id);
    let (own, mut changes) = read(context, world, table, sent)?;
    match (key, found) {
        (RowKey::Id(_), Some(id)) => replace(context, world, table, id, changes)?,
        (RowKey::Alternate { values, .. }, Some(id)) => {
            // The columns of the key are dropped.
            changes.retain(|(position, _)| values.iter().all(|(at, _)| at != position));
            replace(context, world, table, id, changes)?;
        }
        (RowKey::Id(id), None) => {
            let id = insert(context, world, table, Some(*id), changes)?;
            return Ok((id, true));
        }
        (RowKey::Alternate { values, .. }, None) => {
            // What the body says comes later, and wins.
            let all = values.iter().cloned().chain(changes).collect();
            let id = insert(context, world, table, own, all)?;
            return Ok((id, true));
        }
    }
    Ok((found.unwrap_or_default(), false))
}

fn read(
    context: &Context<'_>,
    world: &World,
    table: &Table,
    sent: &Body,
) -> Result<(Option<Uuid>, Changes), Refusal> {
    let (id, changes) = read_changes(world, &context.switches, table, sent, false)?;
    for (position, _) in &changes {
        rights::may_write(context, table, *position)?;
    }
    Ok((id, changes))
}

fn insert(
    context: &Context<'_>,
    world: &mut World,
    table: &Table,
    id: Option<Uuid>,
    changes: Changes,
) -> Result<Uuid, Refusal> {
    let user = world.layout.application_user();
    let id = world
        .create(table.name.entity_set(), id, changes, context.now, user)
        .ok_or_else(|| Refusal::new(412, "0x80040237", "Cannot insert duplicate key."))?;
    unique(context, world, table, id)?;
    Ok(id)
}

fn replace(
    context: &Context<'_>,
    world: &mut World,
    table: &Table,
    id: Uuid,
    changes: Changes,
) -> Result<(), Refusal> {
    let user = world.layout.application_user();
    world
        .update(table.name.entity_set(), id, changes, context.now, user)
        .ok_or_else(|| Refusal::unknown_row(table.name.logical(), id))?;
    unique(context, world, table, id)
}

/// Whether no other row holds what this one holds in an alternate key.
fn unique(context: &Context<'_>, world: &World, table: &Table, id: Uuid) -> Result<(), Refusal> {
    let Some(rows) = world.rows(table.name.entity_set()) else {
        return Ok(());
    };
    let Some(row) = rows.get(id) else {
        return Ok(());
    };
    for key in table.keys {
        let active = context.switches.key_status(key.name) == KeyStatus::Active;
        let value = |position: usize| row.value(position).into_owned();
        if active && rows.by_key(key, value, Some(id)).is_some() {
            return Err(Refusal::new(
                412,
                "0x80060892",
                format!(
                    "Entity Key {} violated. A record with the same value for {} already exists. A \
                     duplicate record cannot be created. Select one or more unique values and try \
                     again.",
                    key.label,
                    key.columns.join(", ")
                ),
            ));
        }
    }
    Ok(())
}
