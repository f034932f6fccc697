//! The names by which lookups are written.
//!
//! A lookup is read as `_column_value` and written by a navigation property, of which a lookup to several
//! tables has one for each. Only what is asked for is read: one table's.
//!
//! Source: "Query table definitions using the Web API" and "Web API navigation properties", Dataverse
//! developer documentation.

use serde::Deserialize;

use crate::client::DynamicsClient;
use crate::counters::RequestClass;
use crate::error::Error;
use crate::query::check_name;
use crate::table::Table;

/// The name by which a lookup is pointed at a row of one table. For [`Record::bind`](crate::Record::bind).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub struct Navigation {
    /// The lookup column's logical name, for example `parentcustomerid`.
    #[serde(rename = "ReferencingAttribute")]
    pub column: String,
    /// The logical name of the table it may refer to, for example `account`.
    #[serde(rename = "ReferencedEntity")]
    pub target: String,
    /// The name to bind by, for example `parentcustomerid_account`. Its case counts.
    #[serde(rename = "ReferencingEntityNavigationPropertyName")]
    pub property: String,
}

#[derive(Deserialize)]
struct Relationships {
    value: Vec<Navigation>,
}

impl DynamicsClient {
    /// Reads by which names the lookups of `table` are written, one for each lookup and table it may
    /// refer to. One request.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind); a table that is not known is [`NotFound`](crate::ErrorKind::NotFound).
    pub async fn navigations(&self, table: &Table) -> Result<Vec<Navigation>, Error> {
        let operation = format!("read the lookups of {}", table.entity_set);
        let name = &table.logical_name;
        check_name(name).map_err(|problem| Error::new(&operation, problem))?;
        let path = format!(
            "EntityDefinitions(LogicalName=%27{name}%27)/ManyToOneRelationships?$select=\
             ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName"
        );
        self.get(
            RequestClass::Metadata,
            operation,
            &path,
            &|found: Relationships| Ok(found.value),
        )
        .await
    }
}
