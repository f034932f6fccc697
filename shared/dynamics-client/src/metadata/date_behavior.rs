//! How a table's dates behave: a property of one column type only.
//!
//! Never in here: a guess. It would shift days.

use serde::Deserialize;

use super::{Cast, Named};
use crate::client::DynamicsClient;
use crate::error::Error;
use crate::table::{ColumnKind, DateTimeBehavior, Table};

const MISSING: &str = "is a date, but how it behaves is not told";
const CAST: Cast = Cast {
    type_name: "DateTimeAttributeMetadata",
    options: ",DateTimeBehavior",
    missing: MISSING,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Date {
    date_time_behavior: Option<Named>,
}

impl DynamicsClient {
    /// Fills in how each of the table's dates behaves. One request, or none if there are no dates.
    pub(super) async fn fill_in_dates(
        &self,
        operation: &str,
        table: &mut Table,
    ) -> Result<(), Error> {
        let is_date = |kind: &ColumnKind| matches!(kind, ColumnKind::DateTime(_));
        let dates: Vec<&str> = table
            .columns
            .iter()
            .filter(|(_, column)| is_date(&column.kind))
            .map(|(name, _)| name.as_str())
            .collect();
        let mut told = self.cast(operation, table, &dates, CAST, &behavior).await?;
        for (name, column) in &mut table.columns {
            if let Some(behavior) = told.remove(name) {
                column.kind = ColumnKind::DateTime(behavior);
            }
        }
        Ok(())
    }
}

fn behavior(date: Date) -> Result<DateTimeBehavior, &'static str> {
    let told = date.date_time_behavior.and_then(|behavior| behavior.value);
    match told.as_deref() {
        Some("UserLocal") => Ok(DateTimeBehavior::UserLocal),
        Some("DateOnly") => Ok(DateTimeBehavior::DateOnly),
        Some("TimeZoneIndependent") => Ok(DateTimeBehavior::TimeZoneIndependent),
        Some(_) => Err("has a date behavior of an unknown kind"),
        None => Err(MISSING),
    }
}
