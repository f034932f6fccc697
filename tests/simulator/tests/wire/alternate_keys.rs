use anyhow::{Context as _, Result};
use dynamics_simulator::KeyStatus;
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::lab::{Lab, refusal, small};

#[tokio::test]
async fn a_seeded_row_is_found_by_its_key_and_by_a_composite_one() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let (status, account) = lab.get("accounts(accountnumber='000105')").await?;
    assert_eq!((status, &account["accountnumber"]), (200, &json!("000105")));
    let truth = lab.simulator.truth("contacts")?;
    let contact = truth
        .into_iter()
        .find(|row| row["emailaddress1"].is_string())
        .context("no address")?;
    let text = |name: &str| contact[name].as_str().unwrap_or_default().to_owned();
    // The order of the columns does not matter, nor does the letters' case.
    let (name, email) = (text("firstname"), text("emailaddress1").to_uppercase());
    let target = format!("contacts(emailaddress1='{email}',firstname='{name}')");
    assert_eq!(lab.get(&target).await?.1["contactid"], text("contactid"));
    let certification = lab
        .simulator
        .truth("hlf_certifications")?
        .find(|row| row["_hlf_contactid_value"].is_string())
        .context("no mentor")?;
    let target = format!(
        "hlf_certifications(_hlf_contactid_value={},hlf_mentorcode={})",
        certification["_hlf_contactid_value"]
            .as_str()
            .unwrap_or_default(),
        certification["hlf_mentorcode"]
            .to_string()
            .replace('"', "'"),
    );
    assert_eq!(lab.get(&target).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn an_upsert_by_key_creates_then_updates_and_never_tells_the_guid() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let target = "accounts(accountnumber='O''Brien 1')";
    for name in ["first", "second"] {
        // The update path drops the key's columns.
        let body = json!({ "name": name, "accountnumber": "O'Brien 1" });
        let answer = lab.send(Method::PATCH, target, &[], Some(body)).await?;
        assert_eq!(answer.status(), 204);
        let id = answer.headers().get("odata-entityid").context("no id")?;
        assert!(
            id.to_str()?
                .ends_with("/accounts(accountnumber='O''Brien%201')"),
            "{id:?}"
        );
    }
    let prefer = [("prefer", "return=representation")];
    for (code, status) in [("O''Brien 1", 200), ("new", 201)] {
        let target = format!("accounts(accountnumber='{code}')?$select=accountnumber");
        let answer = lab
            .send(Method::PATCH, &target, &prefer, Some(json!({})))
            .await?;
        assert_eq!(answer.status(), status);
    }
    let created = lab.get("accounts(accountnumber='new')").await?.1;
    assert_eq!(created["accountnumber"], "new");
    assert_eq!(lab.simulator.rows("accounts")?, 22);
    let absent = "accounts(accountnumber='absent')";
    let only = [("if-match", "*")];
    let answer = lab
        .send(Method::PATCH, absent, &only, Some(json!({})))
        .await?;
    let (status, code, _) = refusal(answer).await?;
    assert_eq!((status, code.as_str()), (404, "0x80060891"));
    let answer = lab.send(Method::DELETE, target, &[], None).await?;
    assert_eq!(answer.status(), 204);
    assert_eq!(lab.get(target).await?.0, 404);
    Ok(())
}

#[tokio::test]
async fn a_taken_key_is_refused_for_seeded_and_for_written_rows_and_changes_nothing() -> Result<()>
{
    let lab = Lab::start(small()).await?;
    let post = async |number: &str| {
        let body = json!({ "accountnumber": number });
        refusal(lab.send(Method::POST, "accounts", &[], Some(body)).await?).await
    };
    let body = Some(json!({ "accountnumber": "A" }));
    lab.send(Method::POST, "accounts", &[], body).await?;
    for number in ["000105", "a"] {
        let (status, code, message) = post(number).await?;
        assert_eq!((status, code.as_str()), (412, "0x80060892"), "{message}");
        assert!(message.contains("accountnumber"), "{message}");
    }
    assert_eq!(lab.simulator.rows("accounts")?, 21);
    // A row that took another number leaves its old one free.
    let body = Some(json!({ "accountnumber": "moved" }));
    let target = "accounts(accountnumber='000105')";
    let id = lab.get(target).await?.1["accountid"].clone();
    let by_id = format!("accounts({})", id.as_str().context("no id")?);
    let answer = lab.send(Method::PATCH, &by_id, &[], body).await?;
    assert_eq!(answer.status(), 204);
    assert_eq!(lab.get(target).await?.0, 404);
    assert_eq!(
        lab.get("accounts(accountnumber='moved')").await?.1["accountid"],
        id
    );
    Ok(())
}

#[tokio::test]
async fn keys_that_cannot_be_used_are_refused() -> Result<()> {
    let lab = Lab::start(small()).await?;
    for target in [
        "accounts(name='x')",
        "accounts(accountnumber=000105)",
        "accounts(accountnumber='000105',name='x')",
        "contacts(firstname='x')",
        "accounts(accountnumber='a%2Bb')",
        "accounts(accountnumber='a%26b')",
    ] {
        let (status, code, message) = lab.refused(target, &[]).await?;
        assert_eq!(
            (status, code.as_str()),
            (400, "0x80060888"),
            "{target}: {message}"
        );
    }
    lab.simulator.switch(|switches| {
        switches
            .key_status
            .insert("hlf_accountnumber".into(), KeyStatus::Pending);
    });
    let (status, _, message) = lab.refused("accounts(accountnumber='000105')", &[]).await?;
    assert_eq!(status, 400, "{message}");
    let body = Some(json!({ "accountnumber": "000105" }));
    let answer = lab.send(Method::POST, "accounts", &[], body).await?;
    assert_eq!(answer.status(), 204, "a pending key keeps nothing unique");
    let keys = lab
        .get("EntityDefinitions(LogicalName='account')/Keys")
        .await?
        .1;
    assert_eq!(keys["value"][0]["EntityKeyIndexStatus"], "Pending");
    assert_eq!(keys["value"][0]["KeyAttributes"], json!(["accountnumber"]));
    Ok(())
}

#[tokio::test]
async fn one_column_is_set_and_cleared_and_a_lookup_let_go() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let row = "accounts(accountnumber='000105')";
    let send = async |method: Method, rest: &str, body: Option<Json>| {
        let answer = lab
            .send(method, &format!("{row}/{rest}"), &[], body)
            .await?;
        anyhow::Ok(answer.status().as_u16())
    };
    let value = Some(json!({ "value": "New" }));
    assert_eq!(send(Method::PUT, "name", value).await?, 204);
    assert_eq!(send(Method::DELETE, "telephone1", None).await?, 204);
    assert_eq!(
        send(Method::DELETE, "primarycontactid/$ref", None).await?,
        204
    );
    assert_eq!(
        send(Method::DELETE, "_primarycontactid_value", None).await?,
        404
    );
    let (_, read) = lab.get(row).await?;
    assert_eq!(read["name"], "New");
    assert!(read["telephone1"].is_null() && read["_primarycontactid_value"].is_null());
    lab.simulator.switch(|switches| {
        let columns = std::collections::BTreeSet::from(["name".to_owned()]);
        switches.locked_columns.insert("accounts".into(), columns);
    });
    let body = Some(json!({ "name": "x" }));
    let answer = lab.send(Method::PATCH, row, &[], body).await?;
    let (status, code, _) = refusal(answer).await?;
    assert_eq!((status, code.as_str()), (403, "0x8004f507"));
    Ok(())
}
