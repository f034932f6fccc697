//! Columns that every table has, and the kinds they are built from.

use crate::world::cell::{Cell, moment};
use crate::world::layout::TableName;
use crate::world::schema::{Choice, Column, DateTimeBehavior, Kind, LookupKind, Target};
use crate::world::value::Value;

/// 2019-01-01T00:00:00Z: the environment's first day.
const FIRST_MOMENT: u64 = 1_546_300_800;
/// How long seeded rows went on being created: until 2026-06-01T00:00:00Z.
const CREATION_SECONDS: u64 = 233_971_200;
/// How many imports left their stamp on many rows at once.
const IMPORTS: u64 = 40;

const CREATED_DRAW: u64 = 9_001;
const IMPORTED_DRAW: u64 = 9_002;
const MODIFIED_DRAW: u64 = 9_003;
const STATE_DRAW: u64 = 9_004;

const STATES: &[Choice] = &[(0, "Active"), (1, "Inactive")];
const STATUSES: &[Choice] = &[(1, "Active"), (2, "Inactive")];

/// `UserLocal` with date and time.
pub(super) const USER_LOCAL: Kind = Kind::DateTime {
    behavior: DateTimeBehavior::UserLocal,
    format: "DateAndTime",
};
/// A calendar day.
pub(super) const DATE_ONLY: Kind = Kind::DateTime {
    behavior: DateTimeBehavior::DateOnly,
    format: "DateOnly",
};
/// Money with the organisation's four decimals.
pub(super) const MONEY: Kind = Kind::Money { precision: 4 };

/// One line of text.
pub(super) const fn text(max_length: usize) -> Kind {
    Kind::Text {
        max_length,
        format: "Text",
    }
}

/// An e-mail address.
pub(super) const EMAIL: Kind = Kind::Text {
    max_length: 100,
    format: "Email",
};
/// A telephone number.
pub(super) const PHONE: Kind = Kind::Text {
    max_length: 50,
    format: "Phone",
};

/// A lookup to one table.
pub(super) const fn lookup(targets: &'static [Target]) -> Kind {
    Kind::Lookup {
        kind: LookupKind::Lookup,
        targets,
    }
}

const CREATED_BY: &[Target] = &[Target {
    table: TableName::SystemUser,
    navigation: "createdby",
}];
const MODIFIED_BY: &[Target] = &[Target {
    table: TableName::SystemUser,
    navigation: "modifiedby",
}];
const OWNER: &[Target] = &[
    Target {
        table: TableName::SystemUser,
        navigation: "ownerid",
    },
    Target {
        table: TableName::Team,
        navigation: "ownerid",
    },
];
const CURRENCY: &[Target] = &[Target {
    table: TableName::TransactionCurrency,
    navigation: "transactioncurrencyid",
}];

/// The row's own key column.
pub(super) fn key(schema_name: &'static str, name: &'static str, label: &'static str) -> Column {
    Column::new(schema_name, name, label, Kind::Key, |cell| {
        Value::Guid(cell.id())
    })
    .required()
}

/// When, by whom, in which version.
pub(super) fn stamps() -> Vec<Column> {
    vec![
        Column::new("CreatedOn", "createdon", "Created On", USER_LOCAL, |cell| {
            moment(created(cell))
        })
        .kept(),
        Column::new(
            "CreatedBy",
            "createdby",
            "Created By",
            lookup(CREATED_BY),
            |cell| cell.reference(1, TableName::SystemUser),
        )
        .kept(),
        Column::new(
            "ModifiedOn",
            "modifiedon",
            "Modified On",
            USER_LOCAL,
            |cell| moment(modified(cell)),
        )
        .kept(),
        Column::new(
            "ModifiedBy",
            "modifiedby",
            "Modified By",
            lookup(MODIFIED_BY),
            |cell| cell.reference(1, TableName::SystemUser),
        )
        .kept(),
        Column::new(
            "VersionNumber",
            "versionnumber",
            "Version Number",
            Kind::BigInteger,
            |cell| Value::Integer(i64::try_from(cell.version).unwrap_or(i64::MAX)),
        )
        .kept(),
    ]
}

/// The user or the team that a row belongs to.
pub(super) fn owner() -> Column {
    Column::new(
        "OwnerId",
        "ownerid",
        "Owner",
        Kind::Lookup {
            kind: LookupKind::Owner,
            targets: OWNER,
        },
        |cell| cell.reference(1, TableName::SystemUser),
    )
    .required()
}

/// Owner, state and status, as user-owned tables have them.
pub(super) fn ownership() -> Vec<Column> {
    vec![
        owner(),
        Column::new(
            "statecode",
            "statecode",
            "Status",
            Kind::State(STATES),
            |cell| Value::Integer(i64::from(inactive(cell))),
        )
        .required(),
        Column::new(
            "statuscode",
            "statuscode",
            "Status Reason",
            Kind::Status {
                choices: STATUSES,
                states: &[0, 1],
            },
            |cell| Value::Integer(1 + i64::from(inactive(cell))),
        ),
    ]
}

/// The currency that a table's money columns are in.
pub(super) fn currency() -> Column {
    Column::new(
        "TransactionCurrencyId",
        "transactioncurrencyid",
        "Currency",
        lookup(CURRENCY),
        |cell| {
            let foreign = cell.chance(1, 3);
            cell.reference_to(TableName::TransactionCurrency, u64::from(foreign))
        },
    )
}

/// State and status of a table whose rows are open until they come to one of two ends. `reasons` are the
/// reasons for a state with the state of each.
pub(super) fn outcome(
    states: &'static [Choice],
    (reasons, of): (&'static [Choice], &'static [i64]),
    status: fn(&Cell<'_>) -> Value,
) -> Vec<Column> {
    let reasons = Kind::Status {
        choices: reasons,
        states: of,
    };
    vec![
        Column::new(
            "StateCode",
            "statecode",
            "Status",
            Kind::State(states),
            |cell| Value::Integer(end(cell)),
        )
        .required(),
        Column::new("StatusCode", "statuscode", "Status Reason", reasons, status),
    ]
}

/// The state of a row of such a table: of six rows one is at each end.
pub(super) fn end(cell: &Cell<'_>) -> i64 {
    match cell.row_draw(STATE_DRAW, 6) {
        0 => 1,
        1 => 2,
        _ => 0,
    }
}

/// About one row in twelve is deactivated: such rows stay in queries.
fn inactive(cell: &Cell<'_>) -> bool {
    cell.row_draw(STATE_DRAW, 12) == 0
}

/// Seconds since 1970; imports give many rows the very same second.
fn created(cell: &Cell<'_>) -> u64 {
    let draw = if cell.row_draw(IMPORTED_DRAW, 3) == 0 {
        cell.row_draw(CREATED_DRAW, IMPORTS)
            .saturating_mul(CREATION_SECONDS / IMPORTS)
    } else {
        cell.row_draw(CREATED_DRAW, CREATION_SECONDS)
    };
    FIRST_MOMENT.saturating_add(draw)
}

/// Never before [`created`]; every third row was never touched again.
fn modified(cell: &Cell<'_>) -> u64 {
    let created = created(cell);
    let left = FIRST_MOMENT
        .saturating_add(CREATION_SECONDS)
        .saturating_sub(created);
    if cell.row_draw(MODIFIED_DRAW, 3) == 0 {
        created
    } else {
        // Whole hours: ties here too.
        created.saturating_add(cell.row_draw(MODIFIED_DRAW, left) / 3_600 * 3_600)
    }
}
