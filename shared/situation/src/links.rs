//! Links to records in Dynamics, for the page and for messages.
//!
//! Never in here: anything of a record but its id.

use url::Url;
use uuid::Uuid;

use crate::{Check, Situation};

/// What a link to a record is made of, as far as runs and the scheduled check found it out.
#[derive(Debug)]
pub struct Links<'a> {
    instance: Option<Url>,
    situation: &'a Situation,
}

impl<'a> Links<'a> {
    /// What is known by now.
    pub fn of(situation: &'a Situation) -> Self {
        let instance = |check: &Check| Url::parse(check.instance.as_deref()?).ok();
        let instance = situation.check.as_ref().and_then(instance);
        Self {
            instance: instance.filter(|instance| matches!(instance.scheme(), "https" | "http")),
            situation,
        }
    }

    /// The address of a row of this stream's table; `None` while not all of it is known.
    ///
    /// <https://learn.microsoft.com/power-apps/developer/model-driven-apps/open-forms-views-dialogs-reports-url>
    pub fn to(&self, stream: &str, row: &str) -> Option<String> {
        let row = Uuid::try_parse(row).ok()?;
        let mut streams = self.situation.streams.iter();
        let stream = streams.find(|one| one.name == stream)?;
        let mut link = self.instance.as_ref()?.join("/main.aspx").ok()?;
        link.query_pairs_mut()
            .append_pair("pagetype", "entityrecord")
            .append_pair("etn", stream.entity.as_deref()?)
            .append_pair("id", &row.to_string());
        Some(link.into())
    }
}
