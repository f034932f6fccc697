//! What is stored outlives releases: what an earlier one has stored is read by this one, and what this one
//! stores is known in every letter.
//!
//! `fixtures/{number}/{table}.json` holds each kind of item in DynamoDB's own JSON, one folder for each form that
//! was ever stored by a release. They are never edited. When this release is to store something else, what it
//! stores is written beside the others:
//!
//! ```text
//! STORED_FORM=2 cargo test -p sync-store --test store -- --ignored the_fixtures
//! ```
//!
//! and ARCHITECTURE.md, "Stored items across releases", says what else there is to do.

mod changes;
mod dynamodb_json;
mod reading;
mod records;
mod state;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value as Json, json};

use crate::support::{Item, Tables, now};

const TABLES: [&str; 3] = ["state", "records", "changes"];

/// The items of each table, by partition and sort key.
type Stored = BTreeMap<&'static str, Vec<Json>>;

/// A store with one of everything, written by this release.
async fn written() -> Tables {
    let tables = Tables::empty().await;
    state::write(&tables).await;
    records::write(&tables).await;
    changes::write(&tables).await;
    tables
}

async fn stored(tables: &Tables) -> Stored {
    let mut stored = Stored::new();
    for table in TABLES {
        let mut pages = tables.raw.scan().table_name(table).into_paginator().send();
        let mut items = Vec::new();
        while let Some(page) = pages.next().await {
            items.extend(page.unwrap().items().iter().map(dynamodb_json::of));
        }
        items.sort_by_key(|item| [item["pk"].to_string(), sort_key(item).to_string()]);
        stored.insert(table, items);
    }
    stored
}

fn sort_key(item: &Json) -> &Json {
    item.get("sk").unwrap_or(&item["id"])
}

fn folder(form: u32) -> PathBuf {
    let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/store/fixtures");
    fixtures.join(form.to_string())
}

/// The forms that were ever stored, the oldest first.
fn forms() -> Vec<u32> {
    (1..).take_while(|form| folder(*form).is_dir()).collect()
}

fn fixtures(form: u32) -> Stored {
    let read = |table: &'static str| {
        let text = std::fs::read_to_string(folder(form).join(format!("{table}.json"))).unwrap();
        (table, serde_json::from_str(&text).unwrap())
    };
    TABLES.map(read).into()
}

/// A store in which these items were found.
async fn found(stored: Stored) -> Tables {
    let tables = Tables::empty().await;
    for (table, items) in stored {
        for item in items {
            let item: Item = dynamodb_json::read(&item);
            let put = tables.raw.put_item().table_name(table);
            put.set_item(Some(item)).send().await.unwrap();
        }
    }
    tables
}

#[tokio::test]
async fn what_any_release_has_stored_means_the_same_to_this_one() {
    let expected = reading::of(&written().await.store).await;
    assert!(!forms().is_empty());
    for form in forms() {
        let read = reading::of(&found(fixtures(form)).await.store).await;
        read.assert_same(&expected, form);
    }
}

#[tokio::test]
async fn what_this_release_stores_is_the_newest_form_in_every_letter() {
    let stored = stored(&written().await).await;
    let form = *forms().last().unwrap();
    for (table, items) in fixtures(form) {
        let now = &stored[table];
        for (before, now) in items.iter().zip(now) {
            assert_eq!(
                before, now,
                "the stored form has changed; see the head of this file"
            );
        }
        assert_eq!(items.len(), now.len(), "{table}: an item more, or less");
    }
}

#[tokio::test]
#[ignore = "writes the fixtures of a form that no release has stored yet"]
async fn the_fixtures() {
    let form = std::env::var("STORED_FORM").unwrap().parse().unwrap();
    std::fs::create_dir_all(folder(form)).unwrap();
    for (table, items) in stored(&written().await).await {
        let items: Vec<_> = items.iter().map(Json::to_string).collect();
        let text = format!("[\n{}\n]\n", items.join(",\n"));
        std::fs::write(folder(form).join(format!("{table}.json")), text).unwrap();
    }
}

/// How long an item is kept, by what it is: as ARCHITECTURE.md, "Privacy", has it.
fn kept_days(table: &str, item: &Json) -> Option<i64> {
    let text = |name: &str| item[name]["S"].as_str().unwrap_or_default();
    let pk = text("pk");
    let kind = pk.split('#').next().unwrap();
    match (table, kind) {
        ("state", "listing") => Some(7),
        ("state", "quarantine") => Some(90),
        ("state", "exports" | "run" | "runs") => Some(400),
        // One of each a stream, or one in all: they are written over.
        ("state", "stream" | "streams" | "check" | "alerts") => None,
        ("records", _) => item.get("deleted").map(|_| 90),
        ("changes", "change") => match text("state") {
            "waiting" => None,
            "held" | "refused" => Some(400),
            _ => Some(90),
        },
        ("changes", "queue" | "sequence") => None,
        _ => panic!("{table} {pk}: say how long it is kept"),
    }
}

#[tokio::test]
async fn every_kind_of_item_expires_when_it_is_said_to() {
    let mut kept = BTreeMap::new();
    for (table, items) in stored(&written().await).await {
        for item in items {
            let expires = item.get("expires_at").map(|at| at["N"].as_str().unwrap());
            let expires = expires.map(|at| at.parse::<i64>().unwrap());
            // All are written within an hour.
            let days = expires.map(|at| (at - now().as_second()) / (24 * 60 * 60));
            assert_eq!(days, kept_days(table, &item), "{table} {item}");
            *kept.entry(days).or_insert(0) += 1;
        }
    }
    let bounds: Vec<_> = kept.keys().copied().collect();
    assert_eq!(bounds, [None, Some(7), Some(90), Some(400)]);
}

/// What a rollback relies on.
#[tokio::test]
async fn what_a_newer_release_has_added_to_items_is_passed_over() {
    let expected = reading::of(&written().await.store).await;
    let form = *forms().last().unwrap();
    let mut stored = fixtures(form);
    let added = || json!({"M": {"later": {"S": "unknown"}}});
    for item in stored.values_mut().flatten() {
        item["added_later"] = added();
        for part in ["cursor", "header"] {
            if let Some(part) = item.get_mut(part).and_then(|part| part.get_mut("M")) {
                part["added_later"] = added();
            }
        }
    }
    let read = reading::of(&found(stored).await.store).await;
    read.assert_same(&expected, form);
}
