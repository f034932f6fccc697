//! What a row shows: columns that are kept from the reader, and cells that faults spoil.

use anyhow::{Context as _, Result};
use dynamics_simulator::{Effect, Fault};
use reqwest::Method;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::delta::{TRACKED, keys, link};
use crate::lab::{Lab, WireRow, refusal, small, text};

fn find(rows: Vec<WireRow>, id: Uuid) -> Result<WireRow> {
    let id = Some(id.to_string());
    rows.into_iter()
        .find(|row| text(row, "contactid") == id)
        .context("the row is missing")
}

#[tokio::test]
async fn a_hidden_column_comes_as_null_without_a_word_but_metadata_tells() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let delta = link(&lab.pages("contacts", TRACKED).await?)?;
    let columns = ["lastname", "parentcustomerid", "modifiedon"];
    lab.simulator.switch(|switches| {
        let columns = columns.map(str::to_owned).into();
        switches
            .hidden_columns
            .insert("contacts".to_owned(), columns);
    });
    lab.simulator.burst("contacts", 1, 3, 0)?;
    let rows = lab.pages("contacts", "odata.maxpagesize=100").await?;
    let changed = lab.pages(&delta, "").await?;
    let rows: Vec<_> = rows
        .into_iter()
        .chain(changed)
        .flat_map(|page| page.value)
        .collect();
    assert_eq!(rows.len(), 235);
    let nulls = |name: &str| rows.iter().filter(|row| row[name].get() == "null").count();
    assert_eq!(nulls("lastname"), 235);
    assert_eq!(nulls("_parentcustomerid_value"), 235);
    assert_eq!(nulls("modifiedon"), 235);
    assert_eq!(nulls("firstname"), 0);
    let (_, row) = lab.get(&format!("contacts({})", keys(&lab)?[0])).await?;
    assert!(row["lastname"].is_null() && row["firstname"].is_string());
    // The truth stays whole, and other tables are not concerned.
    assert!(
        lab.simulator
            .truth("contacts")?
            .all(|row| row["lastname"].is_string())
    );
    assert!(lab.page("accounts", "").await?.value[0]["modifiedon"].get() != "null");

    let (_, body) = lab
        .get("EntityDefinitions(LogicalName='contact')/Attributes?$select=LogicalName,IsSecured")
        .await?;
    let secured: Vec<_> = body["value"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|column| column["IsSecured"] == true)
        .map(|column| column["LogicalName"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(secured, ["lastname", "parentcustomerid", "modifiedon"]);
    for query in [
        "$filter=lastname eq 'Ås'",
        "$filter=statecode eq 0 and contains(lastname,'a')",
        "$filter=_parentcustomerid_value eq null",
        "$orderby=modifiedon desc",
    ] {
        let (status, code, _) = lab.refused(&format!("contacts?{query}"), &[]).await?;
        assert_eq!((status, code.as_str()), (403, "0x8004F506"), "{query}");
    }
    let counted = "contacts/$count?$filter=modifiedon ge 2020-01-01T00:00:00Z";
    assert_eq!(lab.get(counted).await?.0, 403);
    Ok(())
}

#[tokio::test]
async fn flags_of_shadow_columns_may_be_null() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let (_, body) = lab
        .get("EntityDefinitions(LogicalName='contact')/Attributes")
        .await?;
    let column = |name: &str| {
        let columns = body["value"].as_array().cloned().unwrap_or_default();
        columns
            .into_iter()
            .find(|column| column["LogicalName"] == name)
            .unwrap_or_default()
    };
    let shadow = column("owneridname");
    assert_eq!(shadow["AttributeOf"], "ownerid");
    assert_eq!(shadow["IsSecured"], Json::Null);
    assert_eq!(shadow["IsValidODataAttribute"], Json::Null);
    assert_eq!(column("gendercodename")["IsValidODataAttribute"], false);
    let real = column("ownerid");
    assert_eq!(
        (&real["IsSecured"], &real["IsValidODataAttribute"]),
        (&json!(false), &json!(true))
    );
    Ok(())
}

#[tokio::test]
async fn a_missing_value_leaves_its_row_and_no_other() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let id = keys(&lab)?[30];
    let fault = Fault::next(Effect::MissingValue {
        id,
        property: "lastname".to_owned(),
    });
    lab.simulator.inject(fault);
    let pages = lab
        .pages("contacts?$select=lastname", "odata.maxpagesize=20")
        .await?;
    let rows: Vec<_> = pages.into_iter().flat_map(|page| page.value).collect();
    let without = rows
        .iter()
        .filter(|row| !row.contains_key("lastname"))
        .count();
    assert_eq!((rows.len(), without), (230, 1));
    assert!(!find(rows, id)?.contains_key("lastname"));
    assert_eq!(lab.simulator.faults_fired()[0].fired, 1);
    let again = lab.page("contacts?$select=lastname", "").await?.value;
    assert!(find(again, id)?.contains_key("lastname"));
    Ok(())
}

#[tokio::test]
async fn a_text_of_a_row_grows_to_the_size_ordered() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let id = keys(&lab)?[30];
    let bytes = 400 * 1_024;
    lab.simulator
        .inject(Fault::next(Effect::RowTooLarge { id, bytes }).times(9));
    // The text of many lines is the first choice, then the first of one line.
    for (select, grown) in [
        ("lastname,description,firstname", "description"),
        ("gendercode,lastname,firstname", "lastname"),
    ] {
        let rows = lab
            .page(&format!("contacts?$select={select}"), "")
            .await?
            .value;
        let total: usize = rows
            .iter()
            .flat_map(WireRow::values)
            .map(|value| value.get().len())
            .sum();
        assert!(total < bytes + 100_000, "only one row grows: {total}");
        let value = text(&find(rows, id)?, grown).unwrap_or_default();
        assert_eq!(value.len(), bytes, "{grown}");
    }
    let row = serde_json::from_value(json!({ "lastname": "Øå" }))?;
    lab.simulator.update("contacts", id, row)?;
    let (_, row) = lab.get(&format!("contacts({id})?$select=lastname")).await?;
    let text = row["lastname"].as_str().unwrap_or_default();
    assert!(text.starts_with("Øåxx") && text.len() == bytes);
    assert_eq!(lab.simulator.faults_fired()[0].fired, 3);
    // Without a text there is nothing to strike.
    lab.get("contacts?$select=gendercode").await?;
    assert_eq!(lab.simulator.faults_fired()[0].fired, 3);
    Ok(())
}

#[tokio::test]
async fn a_hidden_column_stays_hidden_in_the_answer_to_a_write() -> Result<()> {
    let lab = Lab::start(small()).await?;
    lab.simulator.switch(|switches| {
        let columns = ["lastname".to_owned()].into();
        switches
            .hidden_columns
            .insert("contacts".to_owned(), columns);
    });
    let prefer = [("prefer", "return=representation")];
    let body = json!({ "lastname": "Hemmelig", "firstname": "Åse" });
    let answer = lab
        .send(Method::POST, "contacts", &prefer, Some(body))
        .await?;
    assert_eq!(answer.status(), 201);
    let row: Json = serde_json::from_str(&answer.text().await?)?;
    assert_eq!(
        (&row["lastname"], &row["firstname"]),
        (&Json::Null, &json!("Åse"))
    );
    let answer = lab
        .send(
            Method::GET,
            "contacts?$filter=lastname eq 'Hemmelig'",
            &[],
            None,
        )
        .await?;
    let (_, _, message) = refusal(answer).await?;
    assert!(message.contains("secured attribute"), "{message}");
    Ok(())
}
