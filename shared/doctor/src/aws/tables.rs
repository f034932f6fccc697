//! Whether the three tables are as the store needs them.
//!
//! The one definition of keys and indexes is `sync_store::tables`; this only compares.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{IndexStatus, KeySchemaElement, TableDescription, TimeToLiveStatus};
use sync_store::tables::{
    BUSINESS_KEY, BUSINESS_KEY_INDEX, EXPIRES_AT, LISTED, PARTITION_KEY, RECORD_ID, SEQUENCE,
    SORT_KEY, STATE_INDEX,
};

use super::Aws;
use crate::report::{Check, Finding, Found, Who};

const TABLE: &str = "DynamoDB table";

/// What one table must be like.
struct Wanted<'a> {
    name: &'a str,
    variable: &'static str,
    sort_key: &'static str,
    /// Its index, with the index's key.
    index: Option<(&'static str, &'static [&'static str])>,
}

/// Two requests a table.
pub(super) async fn checks(aws: &Aws) -> Vec<Check> {
    let wanted = [
        Wanted {
            name: &aws.tables.state,
            variable: "SYNC_STATE_TABLE",
            sort_key: SORT_KEY,
            index: None,
        },
        Wanted {
            name: &aws.tables.records,
            variable: "SYNC_RECORDS_TABLE",
            sort_key: RECORD_ID,
            index: Some((BUSINESS_KEY_INDEX, &[BUSINESS_KEY])),
        },
        Wanted {
            name: &aws.tables.changes,
            variable: "SYNC_CHANGES_TABLE",
            sort_key: SORT_KEY,
            index: Some((STATE_INDEX, &[LISTED, SEQUENCE])),
        },
    ];
    let mut checks = Vec::new();
    for table in &wanted {
        checks.push(Check::done(
            TABLE,
            Some(table.name),
            check(aws, table).await,
        ));
    }
    checks
}

async fn check(aws: &Aws, wanted: &Wanted<'_>) -> Found {
    let name = wanted.name;
    let told = aws.dynamodb.describe_table().table_name(name).send().await;
    let table = match told {
        Ok(told) => told.table,
        Err(error) => return refused(wanted, "dynamodb:DescribeTable", error.code()).into(),
    };
    let mut found = Found::default();
    if let Some(table) = &table {
        found = found.all(misshapen(table, wanted));
    }
    let told = aws
        .dynamodb
        .describe_time_to_live()
        .table_name(name)
        .send()
        .await;
    let expiry = match told {
        Ok(told) => told.time_to_live_description,
        Err(error) => {
            return found.and(refused(wanted, "dynamodb:DescribeTimeToLive", error.code()));
        }
    };
    let expires = expiry.is_some_and(|told| {
        let on = [TimeToLiveStatus::Enabled, TimeToLiveStatus::Enabling];
        told.time_to_live_status
            .is_some_and(|status| on.contains(&status))
            && told.attribute_name.as_deref() == Some(EXPIRES_AT)
    });
    if expires {
        return found;
    }
    found.and(Finding::fail(
        format!("Nothing of table `{name}` is ever removed: its time to live is not on for `{EXPIRES_AT}`."),
        Who::Deployer,
        "Deploy the stack again; the table belongs to it.",
    ))
}

fn misshapen(table: &TableDescription, wanted: &Wanted<'_>) -> Option<Finding> {
    let is_keyed = |schema: Option<&[KeySchemaElement]>, key: &[&str]| {
        schema
            .unwrap_or_default()
            .iter()
            .map(KeySchemaElement::attribute_name)
            .eq(key.iter().copied())
    };
    let own = table.key_schema.as_deref();
    let name = wanted.name;
    let what = if !is_keyed(own, &[PARTITION_KEY, wanted.sort_key]) {
        format!(
            "Table `{name}` has another key than `{PARTITION_KEY}` and `{}`.",
            wanted.sort_key
        )
    } else if let Some((index, key)) = wanted.index {
        let mut indexes = table.global_secondary_indexes.iter().flatten();
        let known = indexes.find(|known| known.index_name.as_deref() == Some(index));
        match known {
            None => format!("Table `{name}` has no index `{index}`."),
            Some(known) if !is_keyed(known.key_schema.as_deref(), key) => {
                format!(
                    "Index `{index}` of table `{name}` has another key than {}.",
                    key.join(" and ")
                )
            }
            // Emulators do not tell a status.
            Some(known)
                if known
                    .index_status
                    .as_ref()
                    .is_some_and(|is| *is != IndexStatus::Active) =>
            {
                format!("Index `{index}` of table `{name}` is still being built.")
            }
            Some(_) => return None,
        }
    } else {
        return None;
    };
    let how = format!(
        "Deploy the stack again, or correct {}: it may name a table of something else.",
        wanted.variable
    );
    Some(Finding::fail(what, Who::Deployer, how))
}

fn refused(wanted: &Wanted<'_>, action: &str, code: Option<&str>) -> Finding {
    let name = wanted.name;
    match code {
        Some("ResourceNotFoundException") => Finding::fail(
            format!("There is no table `{name}` in this account and region."),
            Who::Deployer,
            format!(
                "Deploy the stack, or correct {} and AWS_REGION.",
                wanted.variable
            ),
        ),
        code => Finding::fail(
            format!(
                "DynamoDB did not say what table `{name}` is like ({}).",
                code.unwrap_or("no answer")
            ),
            Who::Deployer,
            super::access(action),
        ),
    }
}
