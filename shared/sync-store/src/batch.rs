//! Reading many items by their keys at once.
//!
//! Never in here: an answer that leaves out what is there.

use aws_sdk_dynamodb::types::KeysAndAttributes;

use crate::Store;
use crate::error::{Error, ErrorKind, Failure};
use crate::item::Item;

/// Keys in one request, by DynamoDB's own limit.
const KEYS: usize = 100;
/// How often is asked for the rest of them: an answer ends at 16 MB, counted in whole items, or where the
/// table throttles.
const ROUNDS: u32 = 10;

impl Store {
    /// The items that there are of these, in any order; all of their attributes if there is no
    /// `projection`. No key may be named twice.
    pub(crate) async fn batch(
        &self,
        table: &str,
        mut keys: Vec<Item>,
        projection: Option<&str>,
        failure: impl Fn() -> Failure,
    ) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        while !keys.is_empty() {
            let later = keys.split_off(keys.len().min(KEYS));
            let asked = KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .consistent_read(true)
                .set_projection_expression(projection.map(ToOwned::to_owned))
                .build()
                .map_err(|error| failure().damaged("the request", error))?;
            self.batch_of(table, asked, &failure, &mut items).await?;
            keys = later;
        }
        Ok(items)
    }

    async fn batch_of(
        &self,
        table: &str,
        mut asked: KeysAndAttributes,
        failure: impl Fn() -> Failure,
        items: &mut Vec<Item>,
    ) -> Result<(), Error> {
        for _ in 0..ROUNDS {
            let answer = self
                .client
                .batch_get_item()
                .request_items(table, asked)
                .send()
                .await
                .map_err(|error| failure().sdk(error))?;
            let found = answer.responses.unwrap_or_default().into_values();
            items.extend(found.flatten());
            let rest = answer.unprocessed_keys.unwrap_or_default();
            match rest.into_values().next() {
                Some(rest) if !rest.keys.is_empty() => asked = rest,
                _ => return Ok(()),
            }
        }
        Err(failure().because(
            ErrorKind::Throttled,
            format!("{ROUNDS} answers in a row left items out"),
        ))
    }
}
