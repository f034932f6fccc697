use anyhow::{Context as _, Result};
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::lab::{Lab, refusal, small};

const TEAM: &str = "5b2a9c1e-7d40-4c7b-9a51-0d3c8e6f1a22";

fn team(lab: &Lab) -> Result<String> {
    let team = lab.simulator.truth("teams")?.next().context("no team")?;
    let id = team.get("teamid").and_then(Json::as_str);
    Ok(id.context("no id")?.to_owned())
}

#[tokio::test]
async fn a_row_is_given_to_a_team_or_a_user_and_tells_which_it_belongs_to() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let row = json!({ "teamid": TEAM, "name": "Economy" });
    lab.simulator
        .create("teams", row.as_object().context("no row")?.clone())?;
    let user = lab.simulator.truth("systemusers")?.last().context("none")?;
    let user = user["systemuserid"].as_str().context("no id")?.to_owned();
    let owners = [
        ("teams", TEAM.to_owned(), "team"),
        ("teams", team(&lab)?, "team"),
        ("systemusers", user, "systemuser"),
    ];
    for (number, (set, owner, logical_name)) in owners.into_iter().enumerate() {
        let body = json!({
            "hlf_reference": number.to_string(), "ownerid@odata.bind": format!("/{set}({owner})")
        });
        let prefer = [(
            "prefer",
            "return=representation,odata.include-annotations=\"*\"",
        )];
        let answer = lab
            .send(Method::POST, "hlf_postings", &prefer, Some(body))
            .await?;
        assert_eq!(answer.status(), 201);
        let row: Json = serde_json::from_slice(&answer.bytes().await?)?;
        assert_eq!(row["_ownerid_value"], json!(owner));
        let told = &row["_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"];
        assert_eq!(told, logical_name);
    }
    assert_eq!(lab.simulator.rows("hlf_postings")?, 3);
    Ok(())
}

#[tokio::test]
async fn an_owner_that_is_neither_a_team_nor_a_user_is_refused() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let contact = lab.simulator.truth("contacts")?.next().context("none")?;
    let contact = contact["contactid"].as_str().context("no id")?.to_owned();
    let team = team(&lab)?;
    for (owner, expected) in [
        (format!("/teams({TEAM})"), 404),
        (format!("/systemusers({team})"), 404),
        (format!("/contacts({contact})"), 400),
        (format!("/teams(teamid={team})"), 400),
    ] {
        let body = json!({ "hlf_reference": "1", "ownerid@odata.bind": owner });
        let answer = lab
            .send(Method::POST, "hlf_postings", &[], Some(body))
            .await?;
        let (status, _, message) = refusal(answer).await?;
        assert_eq!(status, expected, "{owner}: {message}");
    }
    assert_eq!(lab.simulator.rows("hlf_postings")?, 0);
    Ok(())
}

#[tokio::test]
async fn a_posting_is_kept_once_a_reference_whatever_its_letters_case() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let post = async |reference: &str| {
        let body = json!({
            "hlf_reference": reference, "hlf_amount": 1250.5, "hlf_quantity": 0.00125,
            "hlf_postedon": "2026-11-01"
        });
        lab.send(Method::POST, "hlf_postings", &[], Some(body))
            .await
    };
    assert_eq!(post("2026-1a").await?.status(), 204);
    let (status, code, _) = refusal(post("2026-1A").await?).await?;
    assert_eq!((status, code.as_str()), (412, "0x80060892"));
    let (status, row) = lab.get("hlf_postings(hlf_reference='2026-1A')").await?;
    assert_eq!((status, &row["hlf_postedon"]), (200, &json!("2026-11-01")));
    let truth = lab.simulator.truth("hlf_postings")?.next();
    let truth = truth.context("no posting")?;
    assert_eq!(truth["hlf_amount"], "1250.5000");
    assert_eq!(truth["hlf_quantity"], "0.00125");
    Ok(())
}
