//! What a Dataverse error code means to the caller and to the operator.
//!
//! One row a code. A code that is not here is judged by its HTTP status.
//! Source: "Web service error codes" in the Dataverse developer documentation.

use crate::error::ErrorKind;

/// How a code is to be taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reaction {
    pub(crate) kind: ErrorKind,
    pub(crate) why: &'static str,
    /// Whole sentences.
    pub(crate) advice: &'static str,
    /// Whether the server's message names only schema, users and limits, never values of rows.
    pub(crate) quotable: bool,
}

const SQL_DEADLOCK: u32 = 0x8004_4150;
pub(crate) const EXPIRED_VERSION_STAMP: u32 = 0x8004_4352;
/// Several conditions share it: an unknown column, an unknown path, an unsupported option.
pub(crate) const QUERY_OR_PATH: u32 = 0x8006_0888;
const RESOURCE_NOT_FOUND: u32 = 0x8006_088a;

/// The reaction to `code`, if it has its own.
pub(crate) fn reaction(code: u32) -> Option<Reaction> {
    refused_to_the_application(code)
        .or_else(|| refused_to_the_request(code))
        .or_else(|| not_now(code))
}

fn refused_to_the_application(code: u32) -> Option<Reaction> {
    let (why, advice, quotable) = match code {
        0x8004_0220 | 0x8004_0299 => (
            "the application user lacks read privilege on this table",
            "Ask a Dynamics administrator to add prvRead on it, at organization level, to the \
             application user's security role.",
            code == 0x8004_0220,
        ),
        0x8004_0231 | 0x8004_8405 => (
            "the application user lacks a privilege this needs",
            "Ask a Dynamics administrator to check the application user's security role.",
            false,
        ),
        0x8004_8306 => (
            "the application user has no right on this row",
            "Ask a Dynamics administrator to give the application user's security role read \
             privilege at organization level.",
            false,
        ),
        0x8004_f506 => (
            "the request uses a secured column that the application user may not read",
            "Ask a Dynamics administrator to add the application user to a column security profile \
             that may read it.",
            false,
        ),
        0x8007_2560 => (
            "the application has no user in this environment",
            "Ask a Dynamics administrator to create an application user for this client id in the \
             Power Platform admin center and to give it a security role.",
            true,
        ),
        0x8004_2f09 => (
            "the application user has no security role",
            "Ask a Dynamics administrator to give it a role that may read the tables to be synced.",
            true,
        ),
        0x8004_0225 => (
            "the application user is disabled or in no business unit",
            "Ask a Dynamics administrator to enable it.",
            false,
        ),
        0x8004_d24b | 0x8005_0304 => (
            "the user has no licence for this environment",
            "Connect with an application user, which needs none, or ask a Dynamics administrator \
             to assign a licence.",
            false,
        ),
        0x8009_5ffc => (
            "this environment accepts only listed applications",
            "Ask a Power Platform administrator to add this client id to the environment's list of \
             allowed applications.",
            true,
        ),
        0x8007_2561 => (
            "a conditional access or location rule forbids access from here",
            "Ask an Entra administrator to exempt the application or this network.",
            false,
        ),
        0x8005_0401 | 0x8005_0402 => (
            "the environment is blocked because its storage is full",
            "Ask a Power Platform administrator to free or buy storage.",
            false,
        ),
        _ => return None,
    };
    Some(Reaction {
        kind: ErrorKind::Forbidden,
        why,
        advice,
        quotable,
    })
}

fn refused_to_the_request(code: u32) -> Option<Reaction> {
    let (kind, why, advice, quotable) = match code {
        EXPIRED_VERSION_STAMP => (
            ErrorKind::DeltaExpired,
            "the saved position is older than the environment keeps changes",
            "The table must be read in full again.",
            true,
        ),
        0x8004_1129 | 0x8004_112a => (
            ErrorKind::LinkRefused,
            "the saved position within the table is no longer accepted",
            "Go on from an earlier position.",
            false,
        ),
        0x8007_2491 | 0x8007_2492 => (
            ErrorKind::BadRequest,
            "change tracking is off for this table",
            "Ask a Dynamics administrator to switch on \"Track changes\" for it; it cannot be \
             switched off again.",
            true,
        ),
        0x8004_1103 => (
            ErrorKind::BadRequest,
            "the table has no such column",
            "Check the column names.",
            true,
        ),
        0x8004_1102 | RESOURCE_NOT_FOUND => {
            (ErrorKind::NotFound, MISSING_TABLE.0, MISSING_TABLE.1, false)
        }
        0x8004_0217 | 0x8006_0891 => (
            ErrorKind::NotFound,
            "there is no such row",
            "It may have been deleted.",
            false,
        ),
        0x8004_430c => (
            ErrorKind::BadRequest,
            "the query has more conditions than the 500 that are allowed",
            "Split it.",
            true,
        ),
        _ => return None,
    };
    Some(Reaction {
        kind,
        why,
        advice,
        quotable,
    })
}

/// Why and advice when a path names no table.
pub(crate) const MISSING_TABLE: (&str, &str) = (
    "the environment has no table with this entity set name",
    "Check its spelling (it is usually a plural, and case counts) and that the app that brings the \
     table is installed.",
);

fn not_now(code: u32) -> Option<Reaction> {
    let (kind, why) = match code {
        0x8007_2322 => (ErrorKind::Throttled, "too many requests within 300 seconds"),
        0x8007_2321 => (
            ErrorKind::Throttled,
            "requests took too much of the server's time within 300 seconds",
        ),
        0x8007_2326 => (ErrorKind::Throttled, "too many requests at the same time"),
        SQL_DEADLOCK => (ErrorKind::Unavailable, "the query met a database deadlock"),
        0x8004_4151 => (
            ErrorKind::Unavailable,
            "the query took the database too long",
        ),
        0x8004_a001 => (ErrorKind::Unavailable, "its database is too busy"),
        0x8007_2494 => (
            ErrorKind::Unavailable,
            "table definitions changed during the read",
        ),
        _ => return None,
    };
    let advice = match kind {
        ErrorKind::Throttled => {
            "Try again later; if it keeps happening, lower this client's share of the request \
             budget or find out who else uses it up."
        }
        _ => "Try again later.",
    };
    Some(Reaction {
        kind,
        why,
        advice,
        quotable: false,
    })
}
