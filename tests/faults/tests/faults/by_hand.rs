//! Items of the tables, lost, falsified or made up by hand.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use crate::frozen::Item;
use crate::world::World;

fn text(text: impl ToString) -> AttributeValue {
    AttributeValue::S(text.to_string())
}

fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn key(stream: &str, id: Uuid) -> Item {
    let id = id.to_string();
    HashMap::from([
        ("pk".to_owned(), text(format!("{stream}#{}", &id[..1]))),
        ("id".to_owned(), text(id)),
    ])
}

/// A record as it is stored.
pub(crate) async fn record(world: &World, stream: &str, id: Uuid) -> Item {
    let get = world
        .dynamodb()
        .get_item()
        .table_name("records")
        .consistent_read(true);
    let answer = get.set_key(Some(key(stream, id))).send().await.unwrap();
    answer.item.unwrap()
}

async fn put(world: &World, item: Item) {
    let put = world.dynamodb().put_item().table_name("records");
    put.set_item(Some(item)).send().await.unwrap();
}

/// The record is lost.
pub(crate) async fn remove(world: &World, id: Uuid) {
    let delete = world.dynamodb().delete_item().table_name("records");
    let delete = delete.set_key(Some(key("members", id)));
    delete.send().await.unwrap();
}

/// Of the record nobody can tell any more which read it is from.
pub(crate) async fn damage(world: &World, id: Uuid) {
    let mut item = record(world, "members", id).await;
    item.insert("generation".into(), text("?"));
    put(world, item).await;
}

/// Puts a record one version back.
pub(crate) async fn set_back(world: &World, stream: &str, id: Uuid) {
    let mut item = record(world, stream, id).await;
    let version: i64 = item["version"].as_n().unwrap().parse().unwrap();
    item.insert("version".into(), number(version - 1));
    put(world, item).await;
}

/// Puts the record into another version, with other values.
pub(crate) async fn falsify(world: &World, id: Uuid, by: i64) {
    let mut item = record(world, "members", id).await;
    let version: i64 = item["version"].as_n().unwrap().parse().unwrap();
    let wrong = AttributeValue::M(HashMap::from([("email".to_owned(), text("wrong"))]));
    item.insert("version".into(), number(version + by));
    item.insert("dynamics".into(), wrong.clone());
    item.insert("fields".into(), wrong);
    put(world, item).await;
}

/// A record of a row that there never was.
pub(crate) async fn put_ghost(world: &World, like: Uuid) -> Uuid {
    let ghost = Uuid::from_u128(0x0badcafe_0000_4000_8000_000000000001);
    let mut item = record(world, "members", like).await;
    item.extend(key("members", ghost));
    put(world, item).await;
    ghost
}

/// Of the keys that a walk has kept, one page is lost of the partition that is compared last. Answers how
/// many pages there were.
pub(crate) async fn lose_kept_keys(world: &World, stream: &str, page: usize) -> usize {
    let query = world.dynamodb().query().table_name("state");
    let query = query.key_condition_expression("pk = :listing");
    let listing = text(format!("listing#{stream}"));
    let query = query.expression_attribute_values(":listing", listing);
    let items = query.send().await.unwrap().items.unwrap();
    let pages = items.len() / 16;
    let lost = &items[15 * pages + page];
    let delete = world.dynamodb().delete_item().table_name("state");
    let delete = delete.key("pk", lost["pk"].clone());
    delete.key("sk", lost["sk"].clone()).send().await.unwrap();
    pages
}

/// Puts as much into the stream's item of the state table as it can hold, so that a longer cursor does not
/// fit any more.
pub(crate) async fn fill_cursor_item(client: &Client, stream: &str) {
    for bytes in (0..400 * 1_024).rev().step_by(64) {
        let update = cursor_item(client, stream).update_expression("SET ballast = :ballast");
        let update = update.expression_attribute_values(":ballast", text("x".repeat(bytes)));
        if update.send().await.is_ok() {
            return;
        }
    }
    panic!("nothing fits");
}

pub(crate) async fn empty_cursor_item(client: &Client, stream: &str) {
    let update = cursor_item(client, stream).update_expression("REMOVE ballast");
    update.send().await.unwrap();
}

fn cursor_item(client: &Client, stream: &str) -> UpdateItemFluentBuilder {
    let update = client.update_item().table_name("state");
    update
        .key("pk", text(format!("stream#{stream}")))
        .key("sk", text("cursor"))
}
