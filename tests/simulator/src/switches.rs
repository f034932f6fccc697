//! Lasting choices of behaviour: rights, tables that are missing, and the points on which the
//! protocol's documentation is silent.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::depth::Depth;
use crate::limits::Limits;

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

/// Where the index of an alternate key stands (`EntityKeyIndexStatus`). Only an active one can be used in
/// addresses, and keeps values unique.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyStatus {
    /// Not begun.
    Pending,
    /// Being built.
    InProgress,
    /// In use.
    #[default]
    Active,
    /// Could not be built: rows share values.
    Failed,
}

/// The kind of privilege that shows rows.
const READ: &str = "Read";

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
    /// How far the application user's privileges reach, by entity set and kind (such as `Write`); none
    /// where it does not hold the privilege. [`Depth::Global`] for those not named. Of reading see also
    /// [`Switches::read_depth`].
    pub privileges: BTreeMap<String, BTreeMap<String, Option<Depth>>>,
    /// The names of the application user's security roles.
    pub roles: Vec<String>,
    /// Columns, by entity set and logical name, that are secured, and that the application user may read
    /// and write all the same, unless another switch says otherwise.
    pub secured_columns: BTreeMap<String, BTreeSet<String>>,
    /// Columns, by entity set and logical name, that the application user may not read: their values
    /// come as null, unmarked.
    pub hidden_columns: BTreeMap<String, BTreeSet<String>>,
    /// Columns, by entity set and logical name, that the application user may not write.
    pub locked_columns: BTreeMap<String, BTreeSet<String>>,
    /// What an administrator did to the definitions of columns, by entity set and logical name: members that
    /// replace those of the definition (of an object, its members one by one), or null for a column that was
    /// deleted. A name that the table does not have is a new column, a text unless its `AttributeType` says
    /// otherwise. Rows stay as they are.
    pub altered_columns: BTreeMap<String, BTreeMap<String, Option<Map<String, Json>>>>,
    /// The index of an alternate key, by the key's logical name; [`KeyStatus::Active`] for keys not named.
    pub key_status: BTreeMap<String, KeyStatus>,
    /// Entity sets that do not offer `CreateMultiple`, `UpdateMultiple` and `UpsertMultiple`. Tables that
    /// no user owns never do.
    pub without_bulk: BTreeSet<String>,
    /// A bulk action of more rows runs into the database's time limit; 0 is no limit.
    pub bulk_rows_max: u32,
    /// Error envelopes come with an empty `code`, as some documented examples have it.
    pub empty_error_codes: bool,
    /// Entity sets without change tracking.
    pub untracked: BTreeSet<String>,
    /// Entity sets that this environment does not have.
    pub absent: BTreeSet<String>,
    /// The environment has no application user for this client.
    pub no_application_user: bool,
    /// The application user is disabled.
    pub application_user_disabled: bool,
    /// The application user has no security role.
    pub no_security_role: bool,
    /// The status of a write with an entity tag to a row that is gone: 404 or 412. Undocumented.
    pub tag_of_gone_row_status: u16,
    /// The client secret has expired.
    pub secret_expired: bool,
    /// The application is disabled in its tenant.
    pub application_disabled: bool,
    /// The AADSTS code that every token request is refused with; 0 is none.
    pub token_refusal: u32,
    /// For how many seconds a token is good; it is announced truthfully.
    pub token_seconds: u32,
    /// The degree of parallelism announced in `x-ms-dop-hint`.
    pub dop_hint: u32,
    /// Links are made with `https`: the simulator speaks plain HTTP, but something before it ends TLS for
    /// clients that insist on it.
    pub https_links: bool,
    /// Service protection; off by default.
    pub limits: Limits,
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
            privileges: BTreeMap::new(),
            roles: vec!["Dynamics Sync".to_owned()],
            secured_columns: BTreeMap::new(),
            hidden_columns: BTreeMap::new(),
            locked_columns: BTreeMap::new(),
            altered_columns: BTreeMap::new(),
            key_status: BTreeMap::new(),
            without_bulk: BTreeSet::new(),
            bulk_rows_max: 0,
            empty_error_codes: false,
            untracked: BTreeSet::new(),
            absent: BTreeSet::new(),
            no_application_user: false,
            application_user_disabled: false,
            no_security_role: false,
            tag_of_gone_row_status: 404,
            secret_expired: false,
            application_disabled: false,
            token_refusal: 0,
            token_seconds: 3_599,
            dop_hint: 12,
            https_links: false,
            limits: Limits::default(),
            gzip: true,
        }
    }
}

impl Switches {
    /// How far the application user's read privilege on a table reaches; `None` when it has none.
    pub(crate) fn depth(&self, entity_set: &str) -> Option<Depth> {
        self.privilege(entity_set, READ)
    }

    /// How far the application user's privilege of this kind on a table reaches; `None` when it has none.
    pub(crate) fn privilege(&self, entity_set: &str, kind: &str) -> Option<Depth> {
        if self.forbidden.contains(entity_set) {
            return None;
        }
        let named = self.privileges.get(entity_set);
        match named.and_then(|kinds| kinds.get(kind)) {
            Some(depth) => *depth,
            None if kind == READ => {
                Some(self.read_depth.get(entity_set).copied().unwrap_or_default())
            }
            None => Some(Depth::Global),
        }
    }

    /// Where the index of an alternate key stands.
    pub(crate) fn key_status(&self, key: &str) -> KeyStatus {
        self.key_status.get(key).copied().unwrap_or_default()
    }

    /// Whether column security is on for a column.
    pub(crate) fn secures(&self, entity_set: &str, column: &str) -> bool {
        let secured = self.secured_columns.get(entity_set);
        self.hides(entity_set, column)
            || self.locks(entity_set, column)
            || secured.is_some_and(|columns| columns.contains(column))
    }

    /// Whether the application user may not write a column.
    pub(crate) fn locks(&self, entity_set: &str, column: &str) -> bool {
        self.locked_columns
            .get(entity_set)
            .is_some_and(|columns| columns.contains(column))
    }

    /// Whether a column's values are kept from the application user.
    pub(crate) fn hides(&self, entity_set: &str, column: &str) -> bool {
        self.hidden_columns
            .get(entity_set)
            .is_some_and(|columns| columns.contains(column))
    }
}
