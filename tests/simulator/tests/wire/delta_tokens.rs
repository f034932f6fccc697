use anyhow::Result;
use serde_json::json;
use uuid::Uuid;

use crate::delta::{TRACKED, link};
use crate::lab::{Lab, small};

#[tokio::test]
async fn a_delta_token_expires_by_the_organizations_setting_or_by_order() -> Result<()> {
    let mut lab = Lab::start(small()).await?;
    let (_, body) = lab
        .get("organizations?$select=expirechangetrackingindays")
        .await?;
    assert_eq!(body["value"][0]["expirechangetrackingindays"], 7);
    let delta = link(&lab.pages("contacts?$select=lastname", TRACKED).await?)?;

    lab.simulator.advance(7 * 86_400);
    lab.sign_in().await?;
    assert_eq!(lab.get(&delta).await?.0, 200);
    lab.simulator.advance(1);
    let (status, code, message) = lab.refused(&delta, &[]).await?;
    assert_eq!((status, code.as_str()), (400, "0x80044352"));
    assert_eq!(
        message,
        "Version stamp associated with the client has expired. Please perform a full sync."
    );
    lab.simulator
        .switch(|switches| switches.expired_token_status = 410);
    assert_eq!(lab.refused(&delta, &[]).await?.0, 410);

    // In the same second: the new token must not be taken for the old one.
    let delta = link(&lab.pages("contacts?$select=lastname", TRACKED).await?)?;
    lab.simulator.expire_change_tokens();
    assert_eq!(lab.refused(&delta, &[]).await?.0, 410);
    let delta = link(&lab.pages("contacts?$select=lastname", TRACKED).await?)?;
    assert_eq!(lab.get(&delta).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn a_token_of_exactly_the_set_age_still_lives_and_one_second_more_kills_it() -> Result<()> {
    let mut lab = Lab::start(small()).await?;
    let organization = lab.simulator.organization_id();
    let days = serde_json::from_value(json!({ "expirechangetrackingindays": 3 }))?;
    assert!(lab.simulator.update("organizations", organization, days)?);
    let delta = link(&lab.pages("contacts?$select=lastname", TRACKED).await?)?;
    lab.simulator.advance(3 * 86_400);
    lab.sign_in().await?;
    assert_eq!(lab.get(&delta).await?.0, 200);
    lab.simulator.advance(1);
    let (status, code, _) = lab.refused(&delta, &[]).await?;
    assert_eq!((status, code.as_str()), (400, "0x80044352"));
    Ok(())
}

#[tokio::test]
async fn a_token_of_another_table_or_organization_or_none_at_all_is_refused() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let pages = lab.pages("contacts", TRACKED).await?;
    let delta = link(&pages)?;
    let next = pages[0].next_link.clone().unwrap_or_default();
    assert_eq!(lab.get(&delta).await?.0, 200);
    let token = delta.split("$deltatoken=").last().unwrap_or_default();
    let pasted = format!("accounts?$deltatoken={token}");
    let cut = format!("contacts?$deltatoken={}", &token[..token.len() - 1]);
    let counted = format!("accounts/$count?$deltatoken={token}");
    for target in [&pasted, &cut, &counted, "contacts?$deltatoken=nonsense"] {
        let (status, code, _) = lab.refused(target, &[]).await?;
        assert_eq!((status, code.as_str()), (400, "0x80040203"), "{target}");
    }
    let tracked = [("prefer", TRACKED)];
    let pasted = next.replace("/contacts?", "/accounts?");
    let (status, code, _) = lab.refused(&pasted, &tracked).await?;
    assert_eq!((status, code.as_str()), (400, "0x8004112A"));

    lab.simulator.set_organization_id(Uuid::from_u128(77));
    let (status, code, _) = lab.refused(&delta, &[]).await?;
    assert_eq!((status, code.as_str()), (400, "0x80040203"));
    let (status, code, _) = lab.refused(&next, &tracked).await?;
    assert_eq!((status, code.as_str()), (400, "0x8004112A"));
    Ok(())
}
