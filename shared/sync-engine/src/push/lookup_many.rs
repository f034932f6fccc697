//! Which rows the keys of many changes name: asked for together, where it is certain of each row which key
//! it has.
//!
//! Never in here: what one key leads to.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::pin::pin;

use dynamics_client::{Entry, Filter, PageRequest, Query, RowKey};
use futures::{StreamExt, TryStreamExt, stream};
use sync_store::{Change, ChangeKey, Fields, Value, Wanted};
use uuid::Uuid;

use crate::Failure;
use crate::plan::Plan;
use crate::push::Judging;
use crate::push::folded::{Folded, folded, folded_of_row};
use crate::push::lookup::Found;
use crate::push::rows::Unfit;
use crate::push::writing::Writing;

/// Requests side by side.
const LOOKUPS_AT_ONCE: usize = 8;
/// Keys asked for in one request, each of which may have several columns; Dataverse takes 500 conditions.
const KEYS_A_REQUEST: usize = 50;
/// Bytes of their values: an address of 32 KB must carry them, where one letter may take three.
const KEY_BYTES_A_REQUEST: usize = 6_000;
/// More rows than that are not gone through for keys that were asked for together.
const MATCHES_TOGETHER: usize = 500;
/// What the keys of a round's changes lead to.
#[derive(Default)]
pub(crate) struct LookedUp(HashMap<KeyName, Found>);

/// A stream, and a key of it. Not to be shown: it may be about a person.
type KeyName = (String, String);

/// The keys of one stream that are to be looked up.
struct Keys<'k> {
    plan: &'k Plan,
    writing: &'k Writing<'k>,
    keys: BTreeMap<String, &'k Fields>,
}

impl LookedUp {
    /// What the key of a row of `plan`'s stream leads to.
    pub(crate) fn get(&self, plan: &Plan, key: &Fields) -> Found {
        let name = (plan.stream.name.clone(), key_name(key));
        self.0.get(&name).cloned().unwrap_or(Found::Nothing)
    }
}

impl Judging<'_> {
    /// Looks up the rows that lookups of these changes are to refer to, and those that changes in `by_key`
    /// name by their key.
    pub(crate) async fn look_up_all(
        &self,
        changes: &[Change],
        by_key: impl Fn(&Change) -> bool,
    ) -> Result<LookedUp, Failure> {
        let mut named: Vec<(&Plan, &Writing<'_>, &Fields)> = Vec::new();
        for change in changes {
            if let ChangeKey::Fields(key) = &change.wanted.key
                && by_key(change)
            {
                named.push((self.plan, &self.writing, key));
            }
            for (field, wanted) in &change.wanted.fields {
                if let Wanted::Row(key) = wanted
                    && let Some((plan, writing)) = self.referred.get(field)
                {
                    named.push((plan, writing, key));
                }
            }
        }
        let mut streams: BTreeMap<&str, Keys<'_>> = BTreeMap::new();
        for (plan, writing, key) in named {
            let keys = streams.entry(&plan.stream.name).or_insert_with(|| Keys {
                plan,
                writing,
                keys: BTreeMap::new(),
            });
            keys.keys.insert(key_name(key), key);
        }
        let mut found = LookedUp::default();
        for keys in streams.into_values() {
            let stream = keys.plan.stream.name.clone();
            let of_stream = self.look_up_keys(keys).await?;
            let named = of_stream
                .into_iter()
                .map(|(name, found)| ((stream.clone(), name), found));
            found.0.extend(named);
        }
        Ok(found)
    }

    async fn look_up_keys(&self, keys: Keys<'_>) -> Result<Vec<(String, Found)>, Failure> {
        let Keys {
            plan,
            writing,
            keys,
        } = keys;
        let (mut found, mut alone, mut several) = (Vec::new(), Vec::new(), Vec::new());
        for (name, key) in keys {
            match writing.key(key) {
                Err(why) => found.push((name, Found::Unfit(Unfit::Refused(why)))),
                Ok(key) => match folded(&key) {
                    Some(folded) => several.push((name, key, folded)),
                    None => alone.push((name, key)),
                },
            }
        }
        let chunks: Vec<_> = stream::iter(chunks(several))
            .map(|chunk| async move {
                let rows = match self.look_up_together(plan, &chunk).await {
                    // What one of them cannot be looked up by stops no other.
                    Err(failure) if failure.is_lasting() => None,
                    rows => rows?,
                };
                Ok::<_, Failure>((chunk, rows))
            })
            .buffered(LOOKUPS_AT_ONCE)
            .try_collect()
            .await?;
        for (chunk, rows) in chunks {
            for (name, key, folded) in chunk {
                match &rows {
                    Some(rows) => {
                        let of_key = rows.get(&folded);
                        found.push((name, Found::of(of_key.into_iter().flatten().copied())));
                    }
                    None => alone.push((name, key)),
                }
            }
        }
        let alone: Vec<_> = stream::iter(alone)
            .map(|(name, key)| async move {
                let found = match self.look_up(plan, &key).await {
                    Err(failure) if failure.is_lasting() => {
                        Found::Unfit(Unfit::Later(failure.to_string()))
                    }
                    found => found?,
                };
                Ok::<_, Failure>((name, found))
            })
            .buffered(LOOKUPS_AT_ONCE)
            .try_collect()
            .await?;
        found.extend(alone);
        Ok(found)
    }

    /// The rows with some of these keys. `None` if it cannot be told of each row for certain which key it
    /// has, because only Dataverse knows how it compares them.
    async fn look_up_together(
        &self,
        plan: &Plan,
        keys: &[(String, RowKey, Folded)],
    ) -> Result<Option<HashMap<Folded, BTreeSet<Uuid>>>, Failure> {
        let [(_, first, _), _, ..] = keys else {
            return Ok(None);
        };
        let conditions = keys
            .iter()
            .filter_map(|(_, key, _)| key.filter(&plan.table));
        let Some(filter) = Filter::any(conditions) else {
            return Ok(None);
        };
        let mut columns = plan.identity_columns();
        let key_fields = plan.stream.key_fields();
        let properties = key_fields
            .iter()
            .filter_map(|field| plan.field(&field.name));
        let properties: Vec<&str> = properties.map(|bound| bound.property.as_str()).collect();
        columns.extend(properties.iter().map(|&property| property.to_owned()));
        let query = Query::new(&plan.stream.table)
            .select(columns)
            .filter(filter);
        let mut rows: HashMap<Folded, BTreeSet<Uuid>> = HashMap::new();
        for (_, _, key) in keys {
            rows.insert(key.clone(), BTreeSet::new());
        }
        let mut met = 0;
        let mut pages = pin!(self.client.pages(PageRequest::from(query)));
        while let Some(page) = pages.next().await {
            for entry in &page?.entries {
                let Entry::Row(row) = entry else { continue };
                met += 1;
                let key = folded_of_row(row, first, &properties);
                let Some(of_key) = key.and_then(|key| rows.get_mut(&key)) else {
                    return Ok(None);
                };
                if met > MATCHES_TOGETHER {
                    return Ok(None);
                }
                of_key.extend(self.stands_for(plan, row).await?);
            }
        }
        Ok(Some(rows))
    }
}

/// As many keys as one request takes.
fn chunks(keys: Vec<(String, RowKey, Folded)>) -> Vec<Vec<(String, RowKey, Folded)>> {
    let mut chunks = Vec::new();
    let (mut chunk, mut bytes) = (Vec::new(), 0);
    for key in keys {
        let size = key.2.iter().map(String::len).sum::<usize>();
        if chunk.len() == KEYS_A_REQUEST || bytes + size > KEY_BYTES_A_REQUEST {
            chunks.push(std::mem::take(&mut chunk));
            bytes = 0;
        }
        bytes += size;
        chunk.push(key);
    }
    chunks.push(chunk);
    chunks
}

/// One name for each key.
fn key_name(key: &Fields) -> String {
    let part = |(name, value): (&String, &Value)| match value {
        Value::Null => format!("{name};"),
        Value::Boolean(truth) => format!("{name}={truth};"),
        Value::Number(text) | Value::Text(text) => format!("{name}:{}={text};", text.len()),
    };
    key.iter().map(part).collect()
}
