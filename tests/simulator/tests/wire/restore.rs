use anyhow::Result;
use dynamics_simulator::FutureToken;
use serde_json::json;
use uuid::Uuid;

use crate::delta::{TRACKED, keys, link};
use crate::lab::{Lab, Table, apply, difference, small};

#[tokio::test]
async fn a_restore_brings_rows_tombstones_and_versions_back_and_gives_versions_out_again()
-> Result<()> {
    let lab = Lab::start(small()).await?;
    let start = link(&lab.pages("contacts", TRACKED).await?)?;
    lab.simulator.burst("contacts", 3, 4, 2)?;
    let before: Vec<_> = lab.simulator.truth("contacts")?.collect();
    let (_, changes) = lab.get(&start).await?;
    let snapshot = lab.simulator.snapshot();
    assert!(!format!("{snapshot:?}").contains("fullname"));

    let lost = lab.simulator.create("contacts", serde_json::Map::new())?;
    let (_, row) = lab
        .get(&format!("contacts({lost})?$select=fullname"))
        .await?;
    let version = row["@odata.etag"].clone();
    lab.simulator.burst("contacts", 5, 5, 5)?;
    lab.simulator.restore(snapshot);

    assert_eq!(lab.get(&format!("contacts({lost})")).await?.0, 404);
    let after: Vec<_> = lab.simulator.truth("contacts")?.collect();
    assert!(after == before);
    assert_eq!(lab.get(&start).await?.1["value"], changes["value"]);
    // Another row gets the very version that the lost one had.
    let other = lab.simulator.create("contacts", serde_json::Map::new())?;
    assert_ne!(other, lost);
    let (_, row) = lab
        .get(&format!("contacts({other})?$select=fullname"))
        .await?;
    assert_eq!(row["@odata.etag"], version);
    Ok(())
}

#[tokio::test]
async fn a_token_from_a_lost_future_is_answered_as_the_switch_says() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let mut copy = Table::new();
    let snapshot = lab.simulator.snapshot();
    lab.simulator.burst("contacts", 2, 3, 4)?;
    let pages = lab.pages("contacts", TRACKED).await?;
    let future = link(&pages)?;
    for page in pages {
        apply(&mut copy, "contactid", page.value);
    }
    lab.simulator.restore(snapshot);
    let truth = || lab.simulator.truth("contacts");
    assert!(difference(&copy, truth()?, "contactid").is_some());

    // The dangerous answer: all seems well.
    let page = lab.page(&future, "").await?;
    assert!(page.value.is_empty());
    let fresh = page.delta_link.unwrap_or_default();
    assert_ne!(fresh, future);
    let id = keys(&lab)?[4];
    let name = serde_json::from_value(json!({ "lastname": "Ny" }))?;
    lab.simulator.update("contacts", id, name)?;
    assert_eq!(lab.page(&fresh, "").await?.value.len(), 1);
    assert!(lab.page(&future, "").await?.value.is_empty());

    for (future_token, code) in [
        (FutureToken::Expired, "0x80044352"),
        (FutureToken::Malformed, "0x80040203"),
    ] {
        lab.simulator
            .switch(|switches| switches.future_token = future_token);
        let (status, got, _) = lab.refused(&future, &[]).await?;
        assert_eq!((status, got.as_str()), (400, code));
        assert_eq!(lab.get(&fresh).await?.0, 200);
    }
    // Once the versions have caught up, nothing tells the token from a good one.
    lab.simulator.burst("contacts", 0, 20, 0)?;
    let page = lab.page(&future, "").await?;
    assert!(!page.value.is_empty() && page.value.len() < 20);
    Ok(())
}

#[tokio::test]
async fn a_copied_environment_has_another_id_and_the_same_rows_and_settings() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let (_, before) = lab.get("WhoAmI").await?;
    let (_, row) = lab.get("organizations").await?;
    let snapshot = lab.simulator.snapshot();
    let id = Uuid::from_u128(77);
    lab.simulator.set_organization_id(id);
    lab.simulator.set_organization_id(id);
    let (_, who) = lab.get("WhoAmI").await?;
    assert_eq!(who["OrganizationId"], id.to_string());
    assert_eq!(who["UserId"], before["UserId"]);
    let (_, copied) = lab.get("organizations").await?;
    assert_eq!(copied["value"].as_array().map_or(0, Vec::len), 1);
    let mut expected = row["value"][0].clone();
    expected["organizationid"] = json!(id);
    assert_eq!(copied["value"][0], expected);
    assert_eq!(lab.simulator.rows("organizations")?, 1);
    lab.simulator.restore(snapshot);
    assert_eq!(lab.get("WhoAmI").await?.1, before);
    Ok(())
}
