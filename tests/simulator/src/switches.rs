//! Lasting choices of behaviour: rights, tables that are missing, and the points on which the
//! protocol's documentation is silent.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::depth::Depth;

/// Which moment the token of a first load of several pages stands for. Undocumented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstLoadToken {
    /// The first page: rows changed during the load come again with the next delta.
    #[default]
    Start,
    /// The last page: a row changed behind the reader's back is never reported.
    End,
}

/// What becomes of a delta token whose row version the environment has not reached: one from before
/// a restore. Undocumented.
///
/// Once writes have brought the versions back up to the token's, nothing tells it from a good one any
/// more, and it is answered as one, whatever this says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FutureToken {
    /// An empty delta with a new link: a reader that trusts it misses all that the restore undid.
    #[default]
    EmptyDelta,
    /// Refused like a token that is too old.
    Expired,
    /// Refused like a token that is none.
    Malformed,
}

/// The switches. All can be changed at any time and count from the next request on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// What the token of a first load stands for.
    pub first_load_token: FirstLoadToken,
    /// A delta without changes comes without a deltaLink.
    pub omit_link_of_empty_delta: bool,
    /// The status of an expired delta token: 400 or 410.
    pub expired_token_status: u16,
    /// Every nextLink is refused as having an invalid paging cookie.
    pub refuse_next_links: bool,
    /// What becomes of a delta token from before a restore.
    pub future_token: FutureToken,
    /// How many rows of a page come again at the start of the next.
    pub page_overlap: u32,
    /// Entity sets that the application user may neither read nor write.
    pub forbidden: BTreeSet<String>,
    /// How far the application user's read privilege reaches; [`Depth::Global`] for entity sets not
    /// named. Below it queries return fewer rows without a word, and change tracking is refused.
    pub read_depth: BTreeMap<String, Depth>,
    /// Columns, by entity set and logical name, that the application user may not read: their values
    /// come as null, unmarked.
    pub hidden_columns: BTreeMap<String, BTreeSet<String>>,
    /// Entity sets without change tracking.
    pub untracked: BTreeSet<String>,
    /// Entity sets that this environment does not have.
    pub absent: BTreeSet<String>,
    /// The environment has no application user for this client.
    pub no_application_user: bool,
    /// The client secret has expired.
    pub secret_expired: bool,
    /// The application is disabled in its tenant.
    pub application_disabled: bool,
    /// For how many seconds a token is good; it is announced truthfully.
    pub token_seconds: u32,
    /// The degree of parallelism announced in `x-ms-dop-hint`.
    pub dop_hint: u32,
    /// Bodies are compressed for callers that accept gzip.
    pub gzip: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            first_load_token: FirstLoadToken::Start,
            omit_link_of_empty_delta: false,
            expired_token_status: 400,
            refuse_next_links: false,
            future_token: FutureToken::EmptyDelta,
            page_overlap: 0,
            forbidden: BTreeSet::new(),
            read_depth: BTreeMap::new(),
            hidden_columns: BTreeMap::new(),
            untracked: BTreeSet::new(),
            absent: BTreeSet::new(),
            no_application_user: false,
            secret_expired: false,
            application_disabled: false,
            token_seconds: 3_599,
            dop_hint: 12,
            gzip: true,
        }
    }
}

impl Switches {
    /// How far the application user's read privilege on a table reaches; `None` when it has none.
    pub(crate) fn depth(&self, entity_set: &str) -> Option<Depth> {
        if self.forbidden.contains(entity_set) {
            return None;
        }
        Some(self.read_depth.get(entity_set).copied().unwrap_or_default())
    }

    /// Whether a column's values are kept from the application user.
    pub(crate) fn hides(&self, entity_set: &str, column: &str) -> bool {
        self.hidden_columns
            .get(entity_set)
            .is_some_and(|columns| columns.contains(column))
    }
}
