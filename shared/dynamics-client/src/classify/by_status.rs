//! What a status says where no code does.
//!
//! Never in here: codes (see `reactions`), or what an answer proves.

use http::StatusCode;

use super::Verdict;
use crate::call::{Aim, Asked};
use crate::counters::RequestClass;
use crate::error::ErrorKind;
use crate::reactions::{CHANGED, FEWER_ROWS, MISSING_TABLE, NO_ROW, TAKEN, Words};

/// When writes take too long.
pub(super) const FEWER_WRITES: &str = "Write fewer rows at a time, or try again later.";

/// When nothing is found although no table was named.
pub(super) const NO_API: Words = (
    "there is no Dataverse Web API at this address",
    "Check the environment's address.",
);

/// What `status` alone says.
pub(super) fn by_status(status: StatusCode, asked: Asked) -> Verdict {
    match status.as_u16() {
        300..400 => (
            ErrorKind::Protocol,
            Some("it answered with a redirect, which is not followed"),
            "Check the environment's address.",
        ),
        401 => (
            ErrorKind::Credentials,
            Some("it does not accept the token"),
            "Check that the tenant is the environment's own and that the application user is enabled.",
        ),
        403 => (
            ErrorKind::Forbidden,
            Some("the application user may not do this"),
            "Ask a Dynamics administrator to check the application user's security role.",
        ),
        404 | 410 => {
            let (why, advice) = match asked.class {
                RequestClass::Write if matches!(asked.aim, Some(Aim::Row { .. })) => NO_ROW,
                RequestClass::Page | RequestClass::Write => MISSING_TABLE,
                // A definition is looked for by a condition: what is missing is an empty list.
                RequestClass::Token | RequestClass::WhoAmI | RequestClass::Metadata => NO_API,
            };
            (ErrorKind::NotFound, Some(why), advice)
        }
        400 if asked.by_link => (
            ErrorKind::LinkRefused,
            Some("the saved position is not accepted"),
            "Go on from an earlier position, or read the table in full again.",
        ),
        412 => {
            let if_match = matches!(asked.aim, Some(Aim::Row { if_match: true, .. }));
            let (kind, (why, advice)) = if if_match {
                (ErrorKind::VersionMismatch, CHANGED)
            } else {
                (ErrorKind::DuplicateKey, TAKEN)
            };
            (kind, Some(why), advice)
        }
        405 if asked.aim.is_some() => (
            ErrorKind::BadRequest,
            Some("the table does not allow it, or other rows refer to this one"),
            "To delete a row, first delete or change those that refer to it.",
        ),
        413 if asked.is_of_many() => (
            ErrorKind::TooLarge,
            Some("the request is too long"),
            FEWER_WRITES,
        ),
        413 | 414 | 431 => (
            ErrorKind::BadRequest,
            Some("the request is too long"),
            match asked.class {
                RequestClass::Page => "Select fewer columns or use fewer conditions.",
                RequestClass::Write => "Write shorter values.",
                _ => "This is a fault of this client: report it.",
            },
        ),
        429 => (ErrorKind::Throttled, None, "Try again later."),
        408 | 504 if asked.is_of_rows() => (
            ErrorKind::TooSlow,
            Some("the time for its answer was over"),
            FEWER_ROWS,
        ),
        408 | 504 if asked.is_of_many() => (
            ErrorKind::TooSlow,
            Some("the time for its answer was over"),
            FEWER_WRITES,
        ),
        408 | 500.. => (ErrorKind::Unavailable, None, "Try again later."),
        _ => (
            ErrorKind::BadRequest,
            None,
            "Check the table and column names; otherwise this is a fault of this client: report it.",
        ),
    }
}
