//! The tables of the simulated environment: their columns, and how a seeded row fills them.

mod accounts;
mod activities;
mod certifications;
mod common;
mod contacts;
mod incidents;
mod leads;
mod names;
mod opportunities;
mod people;
mod phone_calls;
mod postings;
mod small;
mod tasks;
mod teams;
mod texts;
mod users;

use super::schema::Table;

/// Every table that holds rows, in the order of [`super::layout::TableName::ALL`].
pub(crate) fn all() -> Vec<Table> {
    vec![
        small::organizations(),
        small::business_units(),
        small::transaction_currencies(),
        users::table(),
        accounts::table(),
        contacts::table(),
        certifications::table(),
        teams::table(),
        postings::table(),
        leads::table(),
        opportunities::table(),
        incidents::table(),
        tasks::table(),
        phone_calls::table(),
    ]
}
