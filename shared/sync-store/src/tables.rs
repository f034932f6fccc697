//! The three tables: their names, keys and indexes.
//!
//! This is the one definition. The deployed tables are declared in the infrastructure template,
//! which is checked against it; an emulator gets its tables from here.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};

use crate::error::{Error, Failure};

/// Partition key of all three tables.
pub const PARTITION_KEY: &str = "pk";
/// Sort key of the state and changes tables.
pub const SORT_KEY: &str = "sk";
/// Sort key of the records table: the Dataverse GUID.
pub const RECORD_ID: &str = "id";
/// Attribute by which DynamoDB removes items on its own (seconds since 1970).
pub const EXPIRES_AT: &str = "expires_at";
/// Sparse index of the records table: finds a record by its business key.
pub const BUSINESS_KEY_INDEX: &str = "by_business_key";
/// Partition key of [`BUSINESS_KEY_INDEX`].
pub const BUSINESS_KEY: &str = "business_key";

/// Index of the changes table: a stream's changes in one state, in the order of their acceptance.
pub const STATE_INDEX: &str = "by_state";
/// Partition key of [`STATE_INDEX`]: `{stream}#{state}`.
pub const LISTED: &str = "listed";
/// Sort key of [`STATE_INDEX`].
pub const SEQUENCE: &str = "sequence";

/// What the three tables are called in this deployment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TableNames {
    /// Cursors, leases and runs.
    pub state: String,
    /// The copy of Dynamics that the app reads.
    pub records: String,
    /// What the app wants written to Dynamics.
    pub changes: String,
}

/// An index: its name and key.
struct Index {
    name: &'static str,
    hash: &'static str,
    /// A number.
    range: Option<&'static str>,
}

const RECORDS_INDEX: Index = Index {
    name: BUSINESS_KEY_INDEX,
    hash: BUSINESS_KEY,
    range: None,
};

const CHANGES_INDEX: Index = Index {
    name: STATE_INDEX,
    hash: LISTED,
    range: Some(SEQUENCE),
};

/// See [`Store::create_tables`](crate::Store::create_tables).
pub(crate) async fn create(client: &Client, names: &TableNames) -> Result<(), Error> {
    for (name, sort_key, index) in [
        (&names.state, SORT_KEY, None),
        (&names.records, RECORD_ID, Some(RECORDS_INDEX)),
        (&names.changes, SORT_KEY, Some(CHANGES_INDEX)),
    ] {
        let request = describe(client, sort_key, index).map_err(|e| definition(name, e))?;
        create_one(client, name, request.table_name(name)).await?;
    }
    Ok(())
}

fn describe(
    client: &Client,
    sort_key: &str,
    index: Option<Index>,
) -> Result<CreateTableFluentBuilder, BuildError> {
    let mut request = client
        .create_table()
        .billing_mode(BillingMode::PayPerRequest);
    for (attribute, key) in [(PARTITION_KEY, KeyType::Hash), (sort_key, KeyType::Range)] {
        request = request
            .attribute_definitions(attribute_of(attribute, ScalarAttributeType::S)?)
            .key_schema(key_element(attribute, key)?);
    }
    let Some(Index { name, hash, range }) = index else {
        return Ok(request);
    };
    let all = Projection::builder().projection_type(ProjectionType::All);
    let mut index = GlobalSecondaryIndex::builder()
        .index_name(name)
        .key_schema(key_element(hash, KeyType::Hash)?)
        .projection(all.build());
    request = request.attribute_definitions(attribute_of(hash, ScalarAttributeType::S)?);
    if let Some(range) = range {
        index = index.key_schema(key_element(range, KeyType::Range)?);
        request = request.attribute_definitions(attribute_of(range, ScalarAttributeType::N)?);
    }
    Ok(request.global_secondary_indexes(index.build()?))
}

async fn create_one(
    client: &Client,
    name: &str,
    request: CreateTableFluentBuilder,
) -> Result<(), Error> {
    match request.send().await {
        Err(error)
            if !error
                .as_service_error()
                .is_some_and(CreateTableError::is_resource_in_use_exception) =>
        {
            return Err(Failure::new("create", name).sdk(error));
        }
        // One that exists may still lack what a kill kept from being set.
        _ => {}
    }
    let expiry = TimeToLiveSpecification::builder()
        .enabled(true)
        .attribute_name(EXPIRES_AT)
        .build()
        .map_err(|error| definition(name, error))?;
    let result = client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(expiry)
        .send()
        .await;
    match result {
        // DynamoDB refuses to switch on what is on.
        Err(error) if error.code() != Some("ValidationException") => {
            Err(Failure::new("set the expiry of items in", name).sdk(error))
        }
        _ => Ok(()),
    }
}

type BuildError = aws_sdk_dynamodb::error::BuildError;

fn definition(table: &str, error: BuildError) -> Error {
    Failure::new("describe", table).damaged("its definition", error)
}

fn attribute_of(name: &str, kind: ScalarAttributeType) -> Result<AttributeDefinition, BuildError> {
    AttributeDefinition::builder()
        .attribute_name(name)
        .attribute_type(kind)
        .build()
}

fn key_element(name: &str, key: KeyType) -> Result<KeySchemaElement, BuildError> {
    KeySchemaElement::builder()
        .attribute_name(name)
        .key_type(key)
        .build()
}
