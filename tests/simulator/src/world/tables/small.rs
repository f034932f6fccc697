//! Tables with a handful of rows: the organisation and its settings, the business unit, currencies.

use super::common::{key, lookup, stamps, text};
use crate::world::layout::TableName;
use crate::world::schema::{Column, Kind, Table, Target};
use crate::world::value::Value;

const BASE_CURRENCY: &[Target] = &[Target {
    table: TableName::TransactionCurrency,
    navigation: "basecurrencyid",
}];

/// The organisation, whose `expirechangetrackingindays` decides how long a delta token lives.
pub(super) fn organizations() -> Table {
    let mut columns = vec![
        key("OrganizationId", "organizationid", "Organization"),
        Column::new("Name", "name", "Organization Name", text(160), |_| {
            Value::Text("HLF (simulated)".into())
        }),
        Column::new(
            "ExpireChangeTrackingInDays",
            "expirechangetrackingindays",
            "Days to Expire Change Tracking Deleted Records",
            Kind::Integer,
            |_| Value::Integer(7),
        ),
        Column::new(
            "LanguageCode",
            "languagecode",
            "Language",
            Kind::Integer,
            |_| Value::Integer(1_033),
        ),
    ];
    columns.extend(stamps());
    columns.push(Column::new(
        "BaseCurrencyId",
        "basecurrencyid",
        "Currency",
        lookup(BASE_CURRENCY),
        |cell| cell.reference_to(TableName::TransactionCurrency, 0),
    ));
    Table {
        name: TableName::Organization,
        schema_name: "Organization",
        label: "Organization",
        primary_name: "name",
        object_type_code: 1_019,
        tracked: false,
        ownership: "None",
        columns,
        keys: &[],
    }
}

pub(super) fn business_units() -> Table {
    let mut columns = vec![
        key("BusinessUnitId", "businessunitid", "Business Unit"),
        Column::new("Name", "name", "Name", text(160), |_| {
            Value::Text("HLF".into())
        }),
    ];
    columns.extend(stamps());
    Table {
        name: TableName::BusinessUnit,
        schema_name: "BusinessUnit",
        label: "Business Unit",
        primary_name: "name",
        object_type_code: 10,
        tracked: false,
        ownership: "BusinessOwned",
        columns,
        keys: &[],
    }
}

pub(super) fn transaction_currencies() -> Table {
    let mut columns = vec![
        key(
            "TransactionCurrencyId",
            "transactioncurrencyid",
            "Transaction Currency",
        ),
        Column::new(
            "CurrencyName",
            "currencyname",
            "Currency Name",
            text(100),
            |cell| {
                Value::Text(
                    if cell.index == 0 {
                        "Norske kroner"
                    } else {
                        "Euro"
                    }
                    .into(),
                )
            },
        ),
        Column::new(
            "ISOCurrencyCode",
            "isocurrencycode",
            "Currency Code",
            text(5),
            |cell| Value::Text(if cell.index == 0 { "NOK" } else { "EUR" }.into()),
        ),
    ];
    columns.extend(stamps());
    Table {
        name: TableName::TransactionCurrency,
        schema_name: "TransactionCurrency",
        label: "Currency",
        primary_name: "currencyname",
        object_type_code: 9_105,
        tracked: false,
        ownership: "OrganizationOwned",
        columns,
        keys: &[],
    }
}
