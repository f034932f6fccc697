//! Reading without change tracking: by `modifiedon`, by key, and below organization-wide depth.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use dynamics_simulator::Depth;
use serde_json::{Map, json};

use crate::delta::keys;
use crate::lab::{Lab, Table, WireRow, apply, small, text};

const SIZE: &str = "odata.maxpagesize=7";
const COLUMNS: &str = "contacts?$select=contactid,lastname,modifiedon,versionnumber";
const KEY_WALK: &str = "contacts?$select=contactid,versionnumber&$orderby=contactid asc";

fn since(start: &str) -> String {
    format!("{COLUMNS}&$filter=modifiedon ge {start}&$orderby=modifiedon asc,contactid asc")
}

fn set_depth(lab: &Lab, depth: Depth) {
    lab.simulator.switch(|switches| {
        switches.read_depth.insert("contacts".to_owned(), depth);
    });
}

/// Every row's version on the wire, and how often the row came.
fn versions(rows: &[WireRow]) -> BTreeMap<String, (String, usize)> {
    let mut found = BTreeMap::new();
    for row in rows {
        let version = row["versionnumber"].get().to_owned();
        let id = text(row, "contactid").unwrap_or_default();
        let (held, times) = found.entry(id).or_insert((version.clone(), 0));
        *held = version;
        *times += 1;
    }
    found
}

async fn walk(lab: &Lab, target: &str) -> Result<Vec<WireRow>> {
    let pages = lab.pages(target, SIZE).await?;
    Ok(pages.into_iter().flat_map(|page| page.value).collect())
}

/// Reads `target` to its end while rows are created, changed and deleted between its first pages.
async fn walk_among_changes(lab: &Lab, target: &str) -> Result<Vec<WireRow>> {
    let mut page = lab.page(target, SIZE).await?;
    let mut rows = Vec::new();
    for round in 0.. {
        rows.append(&mut page.value);
        let Some(next) = page.next_link else {
            assert!(round > 8, "the walk ended before the changes did");
            break;
        };
        if round < 8 {
            lab.simulator.advance(1);
            lab.simulator.burst("contacts", 1, 4, 2)?;
        }
        page = lab.page(&next, SIZE).await?;
    }
    Ok(rows)
}

#[tokio::test]
async fn a_walk_by_modifiedon_and_key_among_changes_misses_none_and_ends_with_the_latest()
-> Result<()> {
    let lab = Lab::start(small()).await?;
    let start = "2021-01-01T00:00:00Z";
    let rows = walk_among_changes(&lab, &since(start)).await?;
    let order = |row: &WireRow| (text(row, "modifiedon"), text(row, "contactid"));
    assert!(rows.is_sorted_by(|left, right| order(left) < order(right)));
    let repeated = versions(&rows).values().any(|(_, times)| *times > 1);
    assert!(repeated, "no row changed behind the reader");
    let mut copy = Table::new();
    apply(&mut copy, "contactid", rows);
    let mut expected = 0;
    for row in lab.simulator.truth("contacts")? {
        if row["modifiedon"].as_str() < Some(start) {
            continue;
        }
        expected += 1;
        let id = row["contactid"].as_str().context("no key")?;
        let copied = copy.get(id).with_context(|| format!("{id} is missing"))?;
        assert_eq!(
            copied["versionnumber"].get(),
            row["versionnumber"].to_string()
        );
    }
    assert!(
        (30..copy.len()).contains(&expected),
        "{expected} of {}",
        copy.len()
    );
    Ok(())
}

/// Why a reader goes back by an overlap: `modifiedon` has whole seconds.
#[tokio::test]
async fn a_row_changed_in_the_very_second_that_was_read_is_missed_until_it_is_read_again()
-> Result<()> {
    let lab = Lab::start(small()).await?;
    let ids = keys(&lab)?;
    let (first, last) = (ids[0], ids[ids.len() - 1]);
    let change = |name: &str| {
        let mut row = Map::new();
        row.insert("lastname".to_owned(), json!(name));
        row
    };
    lab.simulator.update("contacts", last, change("Read"))?;
    let target = since("2026-11-01T03:00:00Z");
    let read = walk(&lab, &target).await?;
    assert_eq!(read.len(), 1);
    let last_place = text(&read[0], "modifiedon").context("no time")?;
    lab.simulator.update("contacts", first, change("Missed"))?;
    let beyond = format!(
        "{COLUMNS}&$filter=modifiedon gt {last_place} or (modifiedon eq {last_place} and \
         contactid gt {last})&$orderby=modifiedon asc,contactid asc"
    );
    assert_eq!(walk(&lab, &beyond).await?.len(), 0);
    assert_eq!(walk(&lab, &target).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_walk_over_keys_and_versions_among_changes_shows_each_lasting_row_once() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let before: BTreeSet<String> = keys(&lab)?.iter().map(ToString::to_string).collect();
    let rows = walk_among_changes(&lab, KEY_WALK).await?;
    for row in &rows {
        let names: Vec<&str> = row.keys().map(String::as_str).collect();
        assert_eq!(names, ["@odata.etag", "contactid", "versionnumber"]);
    }
    let found = versions(&rows);
    assert!(found.values().all(|(_, times)| *times == 1));
    let after: BTreeSet<String> = keys(&lab)?.iter().map(ToString::to_string).collect();
    assert!(after.len() < before.len());
    for lasting in before.intersection(&after) {
        assert!(found.contains_key(lasting), "{lasting}");
    }
    // Who comes a second time, at rest, finds exactly what there is.
    let at_rest = versions(&walk(&lab, KEY_WALK).await?);
    for row in lab.simulator.truth("contacts")? {
        let id = row["contactid"].as_str().context("no key")?;
        assert_eq!(at_rest[id].0, row["versionnumber"].to_string());
    }
    assert_eq!(at_rest.len(), after.len());
    Ok(())
}

#[tokio::test]
async fn a_row_that_is_hidden_and_shown_again_keeps_its_version_and_its_time() -> Result<()> {
    let lab = Lab::start(small()).await?;
    lab.simulator.burst("contacts", 3, 30, 3)?;
    let whole = versions(&walk(&lab, KEY_WALK).await?);
    let visible = || -> Result<BTreeSet<String>> {
        let truth = lab.simulator.truth("contacts")?.visible();
        let id = |row: Map<String, serde_json::Value>| Some(row["contactid"].as_str()?.to_owned());
        Ok(truth.filter_map(id).collect())
    };
    lab.simulator.advance(60);
    set_depth(&lab, Depth::Local);
    let thinned = versions(&walk(&lab, KEY_WALK).await?);
    assert!(thinned.keys().eq(&visible()?) && thinned.len() < whole.len());
    assert!(thinned.iter().all(|(id, row)| whole[id] == *row));
    let hidden = whole.keys().find(|id| !thinned.contains_key(*id));
    let hidden = hidden.context("all rows are visible")?;
    let by_key = format!("{COLUMNS}&$filter=contactid eq {hidden}");
    assert_eq!(walk(&lab, &by_key).await?.len(), 0);

    set_depth(&lab, Depth::Global);
    assert_eq!(versions(&walk(&lab, KEY_WALK).await?), whole);
    let again = walk(&lab, &by_key).await?;
    assert_eq!(again[0]["versionnumber"].get(), whole[hidden].0);
    // Nothing was modified by it: who asks for what changed since does not learn of its return.
    assert_eq!(walk(&lab, &since("2026-11-01T03:00:01Z")).await?.len(), 0);
    Ok(())
}

#[tokio::test]
async fn a_row_is_found_by_its_key_and_a_deleted_one_is_not() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let id = keys(&lab)?[40];
    let by_key = format!("{COLUMNS}&$filter=contactid eq {id}");
    let found = walk(&lab, &by_key).await?;
    assert_eq!(text(&found[0], "contactid"), Some(id.to_string()));
    lab.simulator.delete("contacts", id)?;
    assert_eq!(walk(&lab, &by_key).await?.len(), 0);
    Ok(())
}

#[tokio::test]
async fn a_plain_next_link_can_be_refused_by_a_switch_too() -> Result<()> {
    let lab = Lab::start(small()).await?;
    for target in [since("2021-01-01T00:00:00Z"), KEY_WALK.to_owned()] {
        let next = lab
            .page(&target, SIZE)
            .await?
            .next_link
            .context("no link")?;
        lab.simulator
            .switch(|switches| switches.refuse_next_links = true);
        let refused = lab.refused(&next, &[("prefer", SIZE)]).await?;
        assert_eq!((refused.0, refused.1.as_str()), (400, "0x8004112A"));
        assert!(lab.page(&target, SIZE).await?.next_link.is_some());
        lab.simulator
            .switch(|switches| switches.refuse_next_links = false);
    }
    Ok(())
}
