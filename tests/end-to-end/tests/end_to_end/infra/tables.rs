//! The tables, held against the store's own definition: an embedded engine tells what that is.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndexDescription, KeySchemaElement,
    TableDescription,
};
use local_store::LocalStore;
use serde_json::{Value, json};
use sync_store::{Store, TableNames};

use super::template::{Template, transformed};

const TABLES: [&str; 3] = ["StateTable", "RecordsTable", "ChangesTable"];

#[tokio::test]
async fn each_table_has_the_keys_indexes_and_expiry_that_the_store_makes_it_with() {
    let Some(template) = Template::new() else {
        return;
    };
    let engine = LocalStore::in_memory().await.unwrap();
    let [state, records, changes] = TABLES.map(str::to_owned);
    let names = TableNames {
        state,
        records,
        changes,
    };
    let store = Store::new(engine.config(), names);
    store.create_tables().await.unwrap();
    let client = Client::from_conf(engine.config().build());
    for id in TABLES {
        let told = client.describe_table().table_name(id).send().await.unwrap();
        let expiry = client.describe_time_to_live().table_name(id).send().await;
        let expiry = expiry.unwrap().time_to_live_description.unwrap();
        let mut expected = definition(&told.table.unwrap());
        expected["TimeToLiveSpecification"] =
            json!({"AttributeName": expiry.attribute_name.unwrap(), "Enabled": true});
        let table = template.properties(id);
        for property in [
            "BillingMode",
            "AttributeDefinitions",
            "KeySchema",
            "GlobalSecondaryIndexes",
            "TimeToLiveSpecification",
        ] {
            let declared = sorted(&table[property]);
            assert_eq!(declared, sorted(&expected[property]), "{id}: {property}");
        }
    }
}

#[test]
fn each_table_can_be_recovered_is_encrypted_and_outlives_the_stack() {
    let Some(transformed) = transformed() else {
        return;
    };
    for id in TABLES {
        let table = &transformed["Resources"][id];
        assert_eq!(table["DeletionPolicy"], "RetainExceptOnCreate", "{id}");
        assert_eq!(table["UpdateReplacePolicy"], "Retain", "{id}");
        let properties = &table["Properties"];
        let recovery = &properties["PointInTimeRecoverySpecification"];
        assert_eq!(recovery["PointInTimeRecoveryEnabled"], true, "{id}");
        assert_eq!(properties["SSESpecification"]["SSEEnabled"], true, "{id}");
    }
    // Keys only: what was deleted must not live on there.
    let stream = &transformed["Resources"]["RecordsTable"]["Properties"]["StreamSpecification"];
    assert_eq!(stream["StreamViewType"], "KEYS_ONLY");
}

#[test]
fn tables_refuse_to_be_deleted_unless_a_stage_says_otherwise() {
    for (parameters, protected) in [
        (&[][..], true),
        (&[("DeletionProtection", "false")][..], false),
    ] {
        let Some(template) = Template::with(parameters) else {
            return;
        };
        for id in TABLES {
            assert_eq!(
                template.properties(id)["DeletionProtectionEnabled"],
                protected,
                "{id}"
            );
        }
    }
}

/// A table as CloudFormation would say it.
fn definition(table: &TableDescription) -> Value {
    let billing = table
        .billing_mode_summary
        .as_ref()
        .and_then(|billing| billing.billing_mode.clone());
    let indexes: Vec<_> = table.global_secondary_indexes().iter().map(index).collect();
    let attributes: Vec<_> = table
        .attribute_definitions()
        .iter()
        .map(attribute)
        .collect();
    let mut definition = json!({
        "BillingMode": billing.as_ref().map(BillingMode::as_str),
        "AttributeDefinitions": attributes,
        "KeySchema": key(table.key_schema()),
    });
    if !indexes.is_empty() {
        definition["GlobalSecondaryIndexes"] = indexes.into();
    }
    definition
}

fn index(index: &GlobalSecondaryIndexDescription) -> Value {
    let projection = index.projection.as_ref().unwrap();
    json!({
        "IndexName": index.index_name,
        "KeySchema": key(index.key_schema()),
        "Projection": {"ProjectionType": projection.projection_type.as_ref().unwrap().as_str()},
    })
}

fn attribute(attribute: &AttributeDefinition) -> Value {
    json!({
        "AttributeName": attribute.attribute_name,
        "AttributeType": attribute.attribute_type.as_str(),
    })
}

fn key(schema: &[KeySchemaElement]) -> Vec<Value> {
    let element = |element: &KeySchemaElement| json!({"AttributeName": element.attribute_name, "KeyType": element.key_type.as_str()});
    schema.iter().map(element).collect()
}

/// Lists in an order of their own: in none of these does it mean anything, because a key says which part is which.
fn sorted(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(list) = value.as_array_mut() {
        list.sort_by_key(Value::to_string);
    }
    value
}
