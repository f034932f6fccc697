//! Teams, which may own rows as users do; one is seeded.

use super::common::{key, lookup, stamps, text};
use crate::world::layout::TableName;
use crate::world::schema::{Choice, Column, Kind, Table, Target};
use crate::world::value::Value;

const BUSINESS_UNIT: &[Target] = &[Target {
    table: TableName::BusinessUnit,
    navigation: "businessunitid",
}];
const TYPES: &[Choice] = &[
    (0, "Owner"),
    (1, "Access"),
    (2, "Security Group"),
    (3, "Office Group"),
];

pub(super) fn table() -> Table {
    let mut columns = vec![
        key("TeamId", "teamid", "Team"),
        Column::new("Name", "name", "Team Name", text(160), |_| {
            Value::Text("Likepersontjenesten".into())
        }),
        Column::new(
            "TeamType",
            "teamtype",
            "Team Type",
            Kind::Picklist(TYPES),
            |_| Value::Integer(0),
        ),
        Column::new(
            "BusinessUnitId",
            "businessunitid",
            "Business Unit",
            lookup(BUSINESS_UNIT),
            |cell| cell.reference_to(TableName::BusinessUnit, 0),
        )
        .required(),
    ];
    columns.extend(stamps());
    Table {
        name: TableName::Team,
        schema_name: "Team",
        label: "Team",
        primary_name: "name",
        object_type_code: 9,
        tracked: true,
        ownership: "BusinessOwned",
        columns,
        keys: &[],
    }
}
