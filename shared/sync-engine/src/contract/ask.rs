//! What a stream depends on and the table's definition does not tell: it takes requests of its own.

use std::collections::{BTreeMap, BTreeSet};

use dynamics_client::{ColumnKind, DynamicsClient, Error, Limits, Table};
use streams::{ConditionValue, FieldKind, Key, Stream};

use super::{Choices, Contract, is_written, texts};

impl Contract {
    /// Asks for it. One request for each kind of choice that the stream names (choice, state, reason for the
    /// state), and two for lookups, a further one for every 20 tables beyond the first 20 that these refer to.
    /// Of a stream that pushes also one each for single lines and for lines of text, and one for its key. So
    /// a stream without any of these costs nothing, and with all of them eight requests.
    ///
    /// # Errors
    /// See [`dynamics_client::ErrorKind`]. Part of it may be filled in then.
    pub(super) async fn ask(
        &mut self,
        client: &DynamicsClient,
        stream: &Stream,
        table: &Table,
    ) -> Result<(), Error> {
        self.ask_for_choices(client, stream, table).await?;
        self.ask_for_lengths(client, stream, table).await?;
        self.ask_for_targets(client, stream, table).await?;
        let Key::Columns(columns) = &stream.key else {
            return Ok(());
        };
        if stream.direction.pushes() {
            let keys = client.alternate_keys(table).await?.into_iter();
            let ours = keys.filter(|key| {
                let is_part = |column| key.columns.contains(column);
                key.columns.len() == columns.len() && columns.iter().all(is_part)
            });
            self.keys = Some(ours.map(|key| (key.name, key.status)).collect());
        }
        Ok(())
    }

    async fn ask_for_choices(
        &mut self,
        client: &DynamicsClient,
        stream: &Stream,
        table: &Table,
    ) -> Result<(), Error> {
        let named = named_choices(stream, table);
        let columns: Vec<&str> = named.keys().copied().collect();
        for (name, options) in client.choices(table, &columns).await? {
            let mut choices = Choices::default();
            let named = named.get(name.as_str());
            for option in options {
                if named.is_some_and(|named| named.contains(&i64::from(option.value))) {
                    let number = option.value.to_string();
                    choices.named.insert(number, texts(&option.labels));
                } else {
                    choices.others.insert(option.value);
                }
            }
            if let Some(column) = self.columns.get_mut(&name) {
                column.choices = Some(choices);
            }
        }
        Ok(())
    }

    async fn ask_for_lengths(
        &mut self,
        client: &DynamicsClient,
        stream: &Stream,
        table: &Table,
    ) -> Result<(), Error> {
        let written = stream.fields.iter().filter(|f| is_written(stream, f));
        let written: BTreeSet<&str> = written.map(|field| field.column.as_str()).collect();
        let mut texts = table.clone();
        texts.columns.retain(|name, column| {
            let is_text = matches!(column.kind, ColumnKind::Text | ColumnKind::Memo);
            is_text && written.contains(name.as_str())
        });
        for (name, limits) in client.limits(&texts).await? {
            if let (Limits::Text { max_length, .. }, Some(column)) =
                (limits, self.columns.get_mut(&name))
            {
                column.max_length = Some(max_length);
            }
        }
        Ok(())
    }

    async fn ask_for_targets(
        &mut self,
        client: &DynamicsClient,
        stream: &Stream,
        table: &Table,
    ) -> Result<(), Error> {
        let lookups = stream.fields.iter().filter(|field| {
            let column = table.columns.get(&field.column);
            matches!(field.kind, FieldKind::Lookup { .. })
                && column.is_some_and(|column| column.kind == ColumnKind::Lookup)
        });
        let lookups: Vec<&str> = lookups.map(|field| field.column.as_str()).collect();
        for (name, targets) in client.lookup_targets(table, &lookups).await? {
            let sets = targets.into_iter();
            let sets = sets.map(|target| target.entity_set.unwrap_or(target.table));
            if let Some(column) = self.columns.get_mut(&name) {
                column.targets = Some(sets.collect());
            }
        }
        Ok(())
    }
}

/// The choices that the stream file names, by column.
fn named_choices<'s>(stream: &'s Stream, table: &Table) -> BTreeMap<&'s str, BTreeSet<i64>> {
    use ColumnKind::{Choice, State, Status};
    let of_fields = stream.fields.iter().filter_map(|field| match &field.kind {
        FieldKind::Choice(labels) => {
            Some((field.column.as_str(), labels.keys().copied().collect()))
        }
        _ => None,
    });
    let of_where = stream.filter.iter().filter_map(|one| match one.value {
        ConditionValue::Integer(number) => Some((one.column.as_str(), BTreeSet::from([number]))),
        _ => None,
    });
    let mut named: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    for (column, numbers) in of_fields.chain(of_where) {
        let kind = table.columns.get(column).map(|column| &column.kind);
        if matches!(kind, Some(Choice | State | Status)) {
            named.entry(column).or_default().extend(numbers);
        }
    }
    named
}
