//! Rows by alternate key: an index for those that were written, a formula for the seeded ones.

use uuid::Uuid;

use super::schema::AlternateKey;
use super::{Row, Rows, Value};

impl Rows {
    /// A row's entries in the indexes of the alternate keys.
    pub(super) fn entries(&self, id: Uuid, values: &[Value]) -> Vec<(usize, String, Uuid)> {
        let value = |position: usize| values.get(position).cloned().unwrap_or(Value::Null);
        let keys = self.table.keys.iter().enumerate();
        keys.filter_map(|(place, key)| Some((place, self.table.key_text(key, value)?, id)))
            .collect()
    }

    /// A live row other than `except` that holds these values in an alternate key.
    pub(crate) fn by_key(
        &self,
        key: &AlternateKey,
        value: impl Fn(usize) -> Value,
        except: Option<Uuid>,
    ) -> Option<Row<'_>> {
        let place = self
            .table
            .keys
            .iter()
            .position(|own| own.name == key.name)?;
        let text = self.table.key_text(key, &value)?;
        let start = (place, text.clone(), Uuid::nil());
        let written = self
            .keyed
            .range(start..)
            .take_while(|(other, held, _)| (*other, held) == (place, &text))
            .map(|(_, _, id)| *id)
            .find(|id| Some(*id) != except);
        if let Some(id) = written {
            return self.get(id);
        }
        let values: Vec<Value> = key
            .columns
            .iter()
            .filter_map(|name| self.table.by_name(name))
            .map(|(position, _)| value(position))
            .collect();
        let index = (key.seeded)(&values).filter(|index| *index < self.ids.count())?;
        let row = self.seeded(index);
        let same = self
            .table
            .key_text(key, |position| row.value(position).into_owned());
        let free = !self.overlay.contains_key(&row.id) && Some(row.id) != except;
        (free && same == Some(text)).then_some(row)
    }
}
