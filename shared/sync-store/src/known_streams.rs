//! Which streams have records, so that one which is removed from the stream file, or renamed in it, can
//! be told by name instead of staying behind unseen; and which streams hide records, so that those are
//! shown again when the stream file says so, also if it does not have the stream any more.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::Store;
use crate::error::{Error, Failure};
use crate::item::item_key;

/// The streams that have records.
const NAMES: &str = "names";
/// The streams that hide records of their own, and `{stream}>{target}` for those of another stream.
const HIDING: &str = "hiding";
/// No stream's name has it.
const HIDES: char = '>';

impl Store {
    /// The streams that have records, by name, in alphabetical order.
    ///
    /// # Errors
    /// When DynamoDB fails or the item is damaged.
    pub async fn known_streams(&self) -> Result<Vec<String>, Error> {
        self.known(NAMES).await
    }

    /// The streams that hide records, and of which other streams, since it was last said that they do
    /// not.
    ///
    /// # Errors
    /// As [`Store::known_streams`].
    pub async fn hiding_streams(&self) -> Result<BTreeMap<String, BTreeSet<String>>, Error> {
        let mut hiding: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for entry in self.known(HIDING).await? {
            let (stream, target) = match entry.split_once(HIDES) {
                Some((stream, target)) => (stream, Some(target)),
                None => (entry.as_str(), None),
            };
            let targets = hiding.entry(stream.to_owned()).or_default();
            targets.extend(target.map(ToOwned::to_owned));
        }
        Ok(hiding)
    }

    /// Notes that the stream is about to hide records of its own and of these others.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn note_hiding(&self, stream: &str, targets: &BTreeSet<&str>) -> Result<(), Error> {
        let mut entries = entries(stream, targets);
        entries.push(stream.to_owned());
        self.change_known(HIDING, entries, "ADD").await
    }

    /// Notes that the stream hides no records of these others any more, nor, if `whole`, of its own.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn note_shown(
        &self,
        stream: &str,
        targets: &BTreeSet<&str>,
        whole: bool,
    ) -> Result<(), Error> {
        let mut entries = entries(stream, targets);
        entries.extend(whole.then(|| stream.to_owned()));
        self.change_known(HIDING, entries, "DELETE").await
    }

    async fn known(&self, attribute: &str) -> Result<Vec<String>, Error> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.tables.state)
            .set_key(Some(item_key("streams", "known")))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| self.known_failure().sdk(error))?;
        // DynamoDB knows no empty set: without names there is no attribute.
        let Some(names) = answer.item.and_then(|mut item| item.remove(attribute)) else {
            return Ok(Vec::new());
        };
        let AttributeValue::Ss(mut names) = names else {
            return Err(self.known_failure().damaged("the list", "not a set"));
        };
        names.sort_unstable();
        Ok(names)
    }

    /// Notes that the stream is about to have records.
    pub(crate) async fn know_stream(&self, stream: &str) -> Result<(), Error> {
        self.change_known(NAMES, vec![stream.to_owned()], "ADD")
            .await
    }

    /// Notes that the stream has no records any more.
    pub(crate) async fn unknow_stream(&self, stream: &str) -> Result<(), Error> {
        self.change_known(NAMES, vec![stream.to_owned()], "DELETE")
            .await
    }

    /// Adds to, or deletes from, one of the sets.
    async fn change_known(
        &self,
        attribute: &str,
        entries: Vec<String>,
        action: &str,
    ) -> Result<(), Error> {
        if entries.is_empty() {
            return Ok(());
        }
        self.client
            .update_item()
            .table_name(&self.tables.state)
            .set_key(Some(item_key("streams", "known")))
            .update_expression(format!("{action} #set :entries"))
            .expression_attribute_names("#set", attribute)
            .expression_attribute_values(":entries", AttributeValue::Ss(entries))
            .send()
            .await
            .map_err(|error| self.known_failure().sdk(error))?;
        Ok(())
    }

    fn known_failure(&self) -> Failure {
        Failure::new("keep the list of streams in", &self.tables.state)
    }
}

fn entries(stream: &str, targets: &BTreeSet<&str>) -> Vec<String> {
    let entry = |target: &&str| format!("{stream}{HIDES}{target}");
    targets.iter().map(entry).collect()
}
