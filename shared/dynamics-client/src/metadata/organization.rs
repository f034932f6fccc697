//! Settings of the environment as a whole.
//!
//! Source: "Use change tracking to synchronize data with external systems", the reference of the
//! organization table, and `RetrieveProvisionedLanguages`, Dataverse developer documentation.

use serde::Deserialize;
use uuid::Uuid;

use super::unusable;
use crate::client::DynamicsClient;
use crate::counters::RequestClass;
use crate::error::{Error, Problem};
use crate::row::{Cell, Row};

/// Settings of the environment as a whole.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Organization {
    /// The environment's organization.
    pub id: Uuid,
    /// For how many days a delta link can be used, since deletes are remembered for as long; `None` if the
    /// environment has not set it.
    pub change_tracking_days: Option<u32>,
    /// The locale id of the language that the environment was made in, for example 1044; `None` if it has
    /// not set it.
    pub language: Option<u32>,
    /// The currency that amounts are also kept in: a row of `transactioncurrencies`.
    pub base_currency: Option<Uuid>,
}

#[derive(Deserialize)]
struct Rows {
    value: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Provisioned {
    retrieve_provisioned_languages: Vec<u32>,
}

const DAYS: &str = "expirechangetrackingindays";
const LANGUAGE: &str = "languagecode";
const CURRENCY: &str = "_basecurrencyid_value";

impl DynamicsClient {
    /// Reads the environment's settings. One request. The application user needs the privilege to read
    /// the organization.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn organization(&self) -> Result<Organization, Error> {
        let operation = format!("read the settings of {}", self.core.config.instance);
        let path = format!("organizations?$select=organizationid,{DAYS},{LANGUAGE},{CURRENCY}");
        self.get(RequestClass::Metadata, operation, &path, &|rows: Rows| {
            // An environment has exactly one.
            let [row] = rows.value.as_slice() else {
                return Err(unusable("the organization", "is not told, or several are"));
            };
            let not_told = |column: &str| {
                unusable(&format!("column {column} of organizations"), "is not told")
            };
            Ok(Organization {
                id: row
                    .guid("organizationid")
                    .ok_or_else(|| not_told("organizationid"))?,
                change_tracking_days: number(row, DAYS)?,
                language: number(row, LANGUAGE)?,
                base_currency: match row.cell(CURRENCY) {
                    Cell::Absent => return Err(not_told(CURRENCY)),
                    Cell::Null => None,
                    Cell::Value(_) => Some(row.guid(CURRENCY).ok_or_else(|| not_told(CURRENCY))?),
                },
            })
        })
        .await
    }

    /// Reads in which languages the environment has its labels, by locale id. One request.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn languages(&self) -> Result<Vec<u32>, Error> {
        let operation = format!("read the languages of {}", self.core.config.instance);
        self.get(
            RequestClass::Metadata,
            operation,
            "RetrieveProvisionedLanguages",
            &|found: Provisioned| Ok(found.retrieve_provisioned_languages),
        )
        .await
    }
}

/// The whole number in `column`; `None` where it is null.
fn number(row: &Row, column: &str) -> Result<Option<u32>, Box<Problem>> {
    let cell = row.cell(column);
    let number = cell.integer().ok();
    let fits = |number: i64| u32::try_from(number).ok();
    match (cell, number) {
        (Cell::Null, _) => Ok(None),
        (_, Some(Some(number))) if fits(number).is_some() => Ok(fits(number)),
        _ => Err(unusable(
            &format!("column {column} of organizations"),
            "is not told as a number",
        )),
    }
}
