use anyhow::{Context as _, Result};
use dynamics_simulator::{FirstLoadToken, Options};
use serde_json::json;
use uuid::Uuid;

use crate::lab::{Lab, Page, Table, apply, difference, small, text};

pub(crate) const TRACKED: &str = "odata.track-changes,odata.maxpagesize=25";
const SMALL_PAGES: &str = "odata.maxpagesize=4";

pub(crate) fn link(pages: &[Page]) -> Result<String> {
    let (last, others) = pages.split_last().context("no page")?;
    assert!(others.iter().all(|page| page.delta_link.is_none()));
    last.delta_link.clone().context("no deltaLink")
}

fn apply_all(copy: &mut Table, pages: Vec<Page>) {
    for page in pages {
        apply(copy, "contactid", page.value);
    }
}

pub(crate) fn keys(lab: &Lab) -> Result<Vec<Uuid>> {
    lab.simulator
        .truth("contacts")?
        .map(|row| {
            let key = row.get("contactid").and_then(|key| key.as_str());
            Ok(key.context("no key")?.parse()?)
        })
        .collect()
}

#[tokio::test]
async fn deltas_after_bursts_bring_a_copy_up_to_the_truth() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let mut copy = Table::new();
    let pages = lab.pages("contacts", TRACKED).await?;
    assert_eq!(pages.len(), 10);
    let mut delta = link(&pages)?;
    apply_all(&mut copy, pages);
    for (creates, updates, deletes) in [(3, 10, 5), (0, 1, 0), (0, 0, 2), (40, 60, 30), (0, 0, 0)] {
        lab.simulator.advance(3_600 / 2);
        lab.simulator.burst("contacts", creates, updates, deletes)?;
        let pages = lab.pages(&delta, SMALL_PAGES).await?;
        let changes: usize = pages.iter().map(|page| page.value.len()).sum();
        assert_eq!(u32::try_from(changes)?, creates + updates + deletes);
        delta = link(&pages)?;
        apply_all(&mut copy, pages);
        let truth = lab.simulator.truth("contacts")?;
        assert_eq!(difference(&copy, truth, "contactid"), None);
        lab.simulator.advance(-3_600 / 2);
    }
    Ok(())
}

#[tokio::test]
async fn the_token_and_the_entries_look_as_documented() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let ids = keys(&lab)?;
    let pages = lab
        .pages("contacts?$select=lastname,fullname", TRACKED)
        .await?;
    let delta = link(&pages)?;
    let decoded: String = url::form_urlencoded::parse(delta.as_bytes())
        .map(|(name, value)| format!("{name}={value};"))
        .collect();
    let token = "?$select=lastname,fullname;$deltatoken=400!11/01/2026 03:00:00!2-";
    assert!(decoded.contains(token), "{decoded}");
    lab.simulator.delete("contacts", ids[3])?;
    lab.simulator.update(
        "contacts",
        ids[9],
        serde_json::from_value(json!({ "lastname": "Ås" }))?,
    )?;
    let (_, body) = lab.get(&delta).await?;
    let api = lab.api();
    assert_eq!(
        body["@odata.context"],
        format!("{api}/$metadata#contacts(lastname,fullname)/$delta")
    );
    assert_eq!(body["value"][0]["lastname"], "Ås");
    assert_eq!(body["value"][0]["@odata.etag"], "W/\"402\"");
    assert_eq!(
        body["value"][1],
        json!({
            "@odata.context": format!("{api}/$metadata#contacts/$deletedEntity"),
            "id": ids[3].to_string(),
            "reason": "deleted",
        })
    );
    let count = delta.replace("/contacts?", "/contacts/$count?");
    assert_eq!(lab.get(&count).await?.1, 2);
    Ok(())
}

#[tokio::test]
async fn a_row_deleted_and_made_again_is_live() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let ids = keys(&lab)?;
    let delta = link(&lab.pages("contacts?$select=lastname", TRACKED).await?)?;
    lab.simulator.delete("contacts", ids[3])?;
    let row = json!({ "contactid": ids[3].to_string(), "lastname": "Igjen" });
    lab.simulator
        .create("contacts", serde_json::from_value(row)?)?;
    let born = lab.simulator.create("contacts", serde_json::Map::new())?;
    lab.simulator.delete("contacts", born)?;
    let page = lab.page(&delta, "").await?;
    assert_eq!(page.value.len(), 2);
    assert_eq!(text(&page.value[0], "lastname").as_deref(), Some("Igjen"));
    // Never seen alive by anybody, and reported all the same.
    assert_eq!(text(&page.value[1], "id"), Some(born.to_string()));
    Ok(())
}

#[tokio::test]
async fn a_change_during_a_delta_waits_for_the_next_one() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let mut copy = Table::new();
    let pages = lab.pages("contacts", TRACKED).await?;
    let delta = link(&pages)?;
    apply_all(&mut copy, pages);
    lab.simulator.burst("contacts", 5, 20, 9)?;
    let mut pages = vec![lab.page(&delta, SMALL_PAGES).await?];
    while let Some(next) = pages.last().and_then(|page| page.next_link.clone()) {
        lab.simulator.burst("contacts", 1, 4, 1)?;
        pages.push(lab.page(&next, SMALL_PAGES).await?);
    }
    let delta = link(&pages)?;
    apply_all(&mut copy, pages);
    assert!(difference(&copy, lab.simulator.truth("contacts")?, "contactid").is_some());
    let pages = lab.pages(&delta, SMALL_PAGES).await?;
    apply_all(&mut copy, pages);
    let truth = lab.simulator.truth("contacts")?;
    assert_eq!(difference(&copy, truth, "contactid"), None);
    Ok(())
}

#[tokio::test]
async fn a_token_of_the_end_of_a_load_hides_what_changed_behind_the_reader() -> Result<()> {
    for (token, expected) in [(FirstLoadToken::Start, 1), (FirstLoadToken::End, 0)] {
        let lab = Lab::start(small()).await?;
        lab.simulator
            .switch(|switches| switches.first_load_token = token);
        let first = keys(&lab)?[0];
        let mut page = lab.page("contacts?$select=lastname", TRACKED).await?;
        lab.simulator.update(
            "contacts",
            first,
            serde_json::from_value(json!({ "lastname": "Ny" }))?,
        )?;
        while let Some(next) = page.next_link {
            page = lab.page(&next, TRACKED).await?;
        }
        let delta = page.delta_link.context("no deltaLink")?;
        assert_eq!(
            lab.page(&delta, "").await?.value.len(),
            expected,
            "{token:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn change_tracking_refuses_what_it_cannot_do() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let tracked = [("prefer", "odata.track-changes")];
    for option in [
        "$filter=statecode eq 0",
        "$orderby=lastname",
        "$expand=x",
        "$top=3",
    ] {
        let name = option.split('=').next().unwrap_or_default();
        let (status, _, message) = lab.refused(&format!("contacts?{option}"), &tracked).await?;
        assert_eq!(status, 400);
        assert_eq!(
            message,
            format!(
                "The \"{name}\" query parameter isn't supported when Change Tracking is enabled."
            )
        );
    }
    lab.simulator.switch(|switches| {
        switches.untracked.insert("contacts".to_owned());
    });
    let (status, code, message) = lab.refused("contacts", &tracked).await?;
    assert_eq!((status, code.as_str()), (400, "0x80072491"));
    assert_eq!(message, "Entity contact isn't enabled for change tracking.");
    let (status, code, _) = lab.refused("organizations", &tracked).await?;
    assert_eq!((status, code.as_str()), (400, "0x80072491"));
    let (status, _, _) = lab.refused("accounts?$deltatoken=nonsense", &[]).await?;
    assert_eq!(status, 400);
    Ok(())
}

#[tokio::test]
async fn links_can_be_left_out_or_refused_by_a_switch() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let first = lab.page("contacts?$select=lastname", TRACKED).await?;
    let next = first.next_link.context("no nextLink")?;
    lab.simulator
        .switch(|switches| switches.refuse_next_links = true);
    let (status, code, _) = lab.refused(&next, &[]).await?;
    assert_eq!((status, code.as_str()), (400, "0x8004112A"));

    let delta = link(&lab.pages("accounts", "odata.track-changes").await?)?;
    assert!(lab.page(&delta, "").await?.delta_link.is_some());
    lab.simulator
        .switch(|switches| switches.omit_link_of_empty_delta = true);
    let page = lab.page(&delta, "").await?;
    assert!(page.delta_link.is_none() && page.value.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_tracked_page_size_of_exactly_the_table_needs_no_second_page() -> Result<()> {
    let lab = Lab::start(Options {
        contacts: 50,
        ..small()
    })
    .await?;
    assert_eq!(
        lab.pages("contacts?$select=lastname", TRACKED).await?.len(),
        2
    );
    Ok(())
}
