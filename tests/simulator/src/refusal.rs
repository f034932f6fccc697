//! A request that is answered with an error, in Dataverse's envelope.

use std::fmt;

/// Why a request or a mutation was refused: the HTTP status, the service's code in hex, and its
/// message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The service's code, such as `0x80060888`.
    pub code: String,
    /// The service's own words.
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
        }
    }

    /// A query, an address or a property that the service cannot make sense of.
    pub(crate) fn bad_query(message: impl Into<String>) -> Self {
        Self::new(400, "0x80060888", message)
    }

    /// A body that the service cannot make sense of.
    pub(crate) fn bad_payload(message: impl Into<String>) -> Self {
        Self::new(400, "0x80048d19", message)
    }

    /// No such table, function or address.
    pub(crate) fn unknown_segment(segment: &str) -> Self {
        Self::new(
            404,
            "0x80060888",
            format!("Resource not found for the segment '{segment}'."),
        )
    }

    /// No such row.
    pub(crate) fn unknown_row(logical_name: &str, id: uuid::Uuid) -> Self {
        Self::new(
            404,
            "0x80040217",
            format!("{logical_name} With Id = {id} Does Not Exist"),
        )
    }

    /// No such column.
    pub(crate) fn unknown_property(property: &str, logical_name: &str) -> Self {
        Self::bad_query(format!(
            "Could not find a property named '{property}' on type \
             'Microsoft.Dynamics.CRM.{logical_name}'."
        ))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "refused with {} {}: {}",
            self.status, self.code, self.message
        )
    }
}

impl std::error::Error for Refusal {}
