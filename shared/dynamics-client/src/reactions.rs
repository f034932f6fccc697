//! What a Dataverse error code means to the caller and to the operator.
//!
//! One row a code. A code that is not here is judged by its HTTP status.
//! Source: "Web service error codes" in the Dataverse developer documentation.

use crate::error::ErrorKind::{
    self, BadRequest, DeltaExpired, DuplicateKey, Forbidden, LinkRefused, NotFound, Throttled,
    TooSlow, Unavailable, VersionMismatch,
};

/// How a code is to be taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reaction {
    pub(crate) kind: ErrorKind,
    pub(crate) words: Words,
    /// Other words where rows of a table were to be read.
    pub(crate) reading: Option<Words>,
    /// Whether the server's message names only schema, users and limits, never values of rows.
    pub(crate) quotable: bool,
}

/// Why, as the rest of a sentence, and what to do about it, as whole sentences.
pub(crate) type Words = (&'static str, &'static str);

pub(crate) const EXPIRED_VERSION_STAMP: u32 = 0x8004_4352;
/// Several conditions share it: an unknown column, an unknown path, an unsupported option.
pub(crate) const QUERY_OR_PATH: u32 = 0x8006_0888;

const SECURITY_ROLE: &str =
    "Ask a Dynamics administrator to check the application user's security role.";
const LATER: &str = "Try again later.";
const LATER_WITH_LESS: &str = "Try again later; if it keeps happening, lower this client's share of the \
     request budget or find out who else uses it up.";

/// When a page takes too long.
pub(crate) const FEWER_ROWS: &str =
    "Ask for fewer rows a page or fewer columns, or try again later.";

/// When a path names no table.
pub(crate) const MISSING_TABLE: Words = (
    "the environment has no table with this entity set name",
    "Check its spelling (it is usually a plural, and case counts) and that the app that brings the \
     table is installed.",
);

const NO_LICENCE: Words = (
    "the user has no licence for this environment",
    "Connect with an application user, which needs none, or ask a Dynamics administrator to assign a \
     licence.",
);
const STORAGE_FULL: Words = (
    "the environment is blocked because its storage is full",
    "Ask a Power Platform administrator to free or buy storage.",
);
const NO_PRIVILEGE: Words = (
    "the application user lacks a privilege this needs",
    SECURITY_ROLE,
);
const NO_READ_PRIVILEGE: Words = (
    "the application user lacks read privilege on this table",
    "Ask a Dynamics administrator to add prvRead on it, at organization level, to the application \
     user's security role.",
);
pub(crate) const NO_ROW: Words = ("there is no such row", "It may have been deleted.");
pub(crate) const CHANGED: Words = (
    "the row was changed since this version of it was read",
    "Read the row again and decide anew.",
);
pub(crate) const TAKEN: Words = (
    "there is a row already with the same id or the same values of a key",
    "Update that row, or use another id or key.",
);
const POSITION_REFUSED: Words = (
    "the saved position within the table is no longer accepted",
    "Go on from an earlier position.",
);
const NOT_TRACKED: Words = (
    "change tracking is off for this table",
    "Ask a Dynamics administrator to switch on \"Track changes\" for it; it cannot be switched off \
     again.",
);

#[rustfmt::skip]
const REACTIONS: &[(u32, Reaction)] = &[
    // To the application.
    (0x8004_0220, says(Forbidden, NO_PRIVILEGE).when_reading(NO_READ_PRIVILEGE).quotable()),
    (0x8004_0299, says(Forbidden, NO_PRIVILEGE).when_reading(NO_READ_PRIVILEGE)),
    (0x8004_0231, says(Forbidden, NO_PRIVILEGE)),
    (0x8004_8405, says(Forbidden, NO_PRIVILEGE)),
    (0x8004_8306, says(Forbidden, ("the application user has no right on this row", SECURITY_ROLE))
        .when_reading((
            "the application user has no right on this row",
            "Ask a Dynamics administrator to give the application user's security role read privilege \
             at organization level.",
        ))),
    (0x8004_f506, says(Forbidden, (
        "the request uses a secured column that the application user may not read",
        "Ask a Dynamics administrator to add the application user to a column security profile that \
         may read it.",
    ))),
    (0x8007_2560, says(Forbidden, (
        "the application has no user in this environment",
        "Ask a Dynamics administrator to create an application user for this client id in the Power \
         Platform admin center and to give it a security role.",
    )).quotable()),
    (0x8004_2f09, says(Forbidden, (
        "the application user has no security role",
        "Ask a Dynamics administrator to give it a role that may read the tables to be synced.",
    )).quotable()),
    (0x8004_0225, says(Forbidden, (
        "the application user is disabled or in no business unit",
        "Ask a Dynamics administrator to enable it.",
    ))),
    (0x8004_d24b, says(Forbidden, NO_LICENCE)),
    (0x8005_0304, says(Forbidden, NO_LICENCE)),
    (0x8009_5ffc, says(Forbidden, (
        "this environment accepts only listed applications",
        "Ask a Power Platform administrator to add this client id to the environment's list of allowed \
         applications.",
    )).quotable()),
    (0x8007_2561, says(Forbidden, (
        "a conditional access or location rule forbids access from here",
        "Ask an Entra administrator to exempt the application or this network.",
    ))),
    (0x8005_0401, says(Forbidden, STORAGE_FULL)),
    (0x8005_0402, says(Forbidden, STORAGE_FULL)),
    // To the request.
    (EXPIRED_VERSION_STAMP, says(DeltaExpired, (
        "the saved position is older than the environment keeps changes",
        "The table must be read in full again.",
    )).quotable()),
    (0x8004_1129, says(LinkRefused, POSITION_REFUSED)),
    (0x8004_112a, says(LinkRefused, POSITION_REFUSED)),
    (0x8007_2491, says(BadRequest, NOT_TRACKED).quotable()),
    (0x8007_2492, says(BadRequest, NOT_TRACKED).quotable()),
    (0x8004_1103, says(BadRequest, (
        "the table has no such column",
        "Check the column names.",
    )).quotable()),
    (0x8004_1102, says(NotFound, MISSING_TABLE)),
    (0x8006_088a, says(NotFound, MISSING_TABLE)),
    (0x8004_0217, says(NotFound, NO_ROW)),
    (0x8006_0891, says(NotFound, NO_ROW)),
    (0x8004_430c, says(BadRequest, (
        "the query has more conditions than the 500 that are allowed",
        "Split it.",
    )).quotable()),
    // To what was written.
    (0x8006_0882, says(VersionMismatch, CHANGED)),
    (0x8004_0237, says(DuplicateKey, TAKEN)),
    (0x8006_0892, says(DuplicateKey, TAKEN)),
    (0x8007_3002, says(DuplicateKey, TAKEN)),
    (0x8004_0333, says(DuplicateKey, (
        "a duplicate detection rule of the environment found a row like it",
        "Update that row, or ask a Dynamics administrator to change the rule.",
    ))),
    (0x8004_4331, says(BadRequest, (
        "a value is too long or outside of what its column allows",
        "Check the lengths and choices in the table's definition.",
    ))),
    (0x8004_8d19, says(BadRequest, (
        "the row as sent is not accepted",
        "Check the names of columns and navigation properties, whose case counts, and the types of the \
         values.",
    ))),
    (0x8004_0200, says(BadRequest, (
        "a required column has no value",
        "Give every required column a value.",
    ))),
    (0x8004_0265, says(BadRequest, (
        "business logic of the environment forbids it",
        "Ask a Dynamics administrator which plug-in did, by the request's id.",
    ))),
    (0x8004_f507, says(Forbidden, (
        "a column is secured and the application user may not write it",
        "Ask a Dynamics administrator to add the application user to a column security profile that \
         may update it.",
    ))),
    (0x8004_0276, says(Forbidden, (
        "the organization does not allow rows of this table to be created",
        "Ask a Dynamics administrator.",
    ))),
    // Not now.
    (0x8007_2322, says(Throttled, ("too many requests within 300 seconds", LATER_WITH_LESS))),
    (0x8007_2321, says(Throttled, (
        "requests took too much of the server's time within 300 seconds",
        LATER_WITH_LESS,
    ))),
    (0x8007_2326, says(Throttled, ("too many requests at the same time", LATER_WITH_LESS))),
    (0x8004_4150, says(Unavailable, ("the query met a database deadlock", LATER))),
    (0x8004_4151, says(TooSlow, ("the query took the database too long", LATER))
        .when_reading(("the query took the database too long", FEWER_ROWS))),
    (0x8004_a001, says(Unavailable, ("its database is too busy", LATER))),
    (0x8007_2494, says(Unavailable, ("table definitions changed during the read", LATER))),
];

/// The reaction to `code`, if it has its own.
pub(crate) fn reaction(code: u32) -> Option<Reaction> {
    let (_, reaction) = REACTIONS.iter().find(|(known, _)| *known == code)?;
    Some(*reaction)
}

const fn says(kind: ErrorKind, words: Words) -> Reaction {
    Reaction {
        kind,
        words,
        reading: None,
        quotable: false,
    }
}

impl Reaction {
    const fn when_reading(mut self, words: Words) -> Self {
        self.reading = Some(words);
        self
    }

    const fn quotable(mut self) -> Self {
        self.quotable = true;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_row() {
        let mut codes: Vec<u32> = REACTIONS.iter().map(|(code, _)| *code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), REACTIONS.len());
    }
}
