use anyhow::{Context as _, Result};
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::lab::{Lab, refusal, small};

async fn create(lab: &Lab, body: Json) -> Result<(u16, String)> {
    let answer = lab.send(Method::POST, "contacts", &[], Some(body)).await?;
    let id = answer
        .headers()
        .get("odata-entityid")
        .map(|id| Ok::<_, anyhow::Error>(id.to_str()?.to_owned()))
        .transpose()?;
    Ok((answer.status().as_u16(), id.unwrap_or_default()))
}

#[tokio::test]
async fn every_condition_on_a_write_gets_its_status() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let (status, url) = create(&lab, json!({ "firstname": "Åse", "lastname": "Ås" })).await?;
    assert_eq!(status, 204);
    let (_, row) = lab
        .get(&format!("{url}?$select=fullname,modifiedon"))
        .await?;
    assert_eq!(row["fullname"], "Åse Ås");
    assert_eq!(row["modifiedon"], "2026-11-01T03:00:00Z");
    let etag = row["@odata.etag"].as_str().context("no etag")?.to_owned();
    let free = format!(
        "{}/contacts(00000000-0000-0000-0000-0000000000aa)",
        lab.api()
    );
    let name = Some(json!({ "lastname": "Å" }));
    let send = async |method: Method, url: &str, headers: &[(&'static str, &str)], body| {
        let answer = lab.send(method, url, headers, body).await?;
        anyhow::Ok(answer.status().as_u16())
    };
    let unchanged = [("if-none-match", etag.as_str())];
    assert_eq!(send(Method::GET, &url, &unchanged, None).await?, 304);
    let steps = [
        (Method::PATCH, &free, ("if-match", "*"), name.clone(), 404),
        (
            Method::PATCH,
            &url,
            ("if-none-match", "*"),
            name.clone(),
            412,
        ),
        (
            Method::PATCH,
            &url,
            ("if-match", "W/\"1\""),
            name.clone(),
            412,
        ),
        (Method::PATCH, &url, ("if-match", &etag), name.clone(), 204),
        (Method::PATCH, &url, ("if-match", &etag), name.clone(), 412),
        (
            Method::PATCH,
            &url,
            ("prefer", "return=representation"),
            name.clone(),
            200,
        ),
        (
            Method::PATCH,
            &free,
            ("prefer", "return=representation"),
            name.clone(),
            201,
        ),
        (Method::DELETE, &url, ("if-match", &etag), None, 412),
        (Method::DELETE, &url, ("if-match", "*"), None, 204),
        (Method::DELETE, &url, ("accept", "*/*"), None, 404),
        // Without If-Match a patch brings the deleted row back.
        (Method::PATCH, &url, ("accept", "*/*"), name, 204),
    ];
    for (number, (method, url, header, body, status)) in steps.into_iter().enumerate() {
        assert_eq!(
            send(method, url, &[header], body).await?,
            status,
            "step {number}"
        );
    }
    assert_eq!(lab.simulator.rows("contacts")?, 232);
    Ok(())
}

#[tokio::test]
async fn bad_bodies_are_refused_and_change_nothing() -> Result<()> {
    let lab = Lab::start(small()).await?;
    for (body, code, part) in [
        (
            json!({ "nope": 1 }),
            "0x80048d19",
            "Invalid property 'nope'",
        ),
        (
            json!({ "gendercode": 99 }),
            "0x80044331",
            "Accepted Values: 1,2",
        ),
        (
            json!({ "birthdate": "2020-02-30" }),
            "0x80048d19",
            "'Edm.Date'",
        ),
        (
            json!({ "birthdate": "1700-01-01" }),
            "0x80048d19",
            "'Edm.Date'",
        ),
        (
            json!({ "creditlimit": true }),
            "0x80048d19",
            "'Edm.Decimal'",
        ),
        (json!({ "statecode": null }), "0x80040200", "'statecode'"),
        (json!({ "_ownerid_value": null }), "0x80040200", "ownerid"),
        (
            json!({ "_parentcustomerid_value": null }),
            "0x80048d19",
            "Navigation properties",
        ),
        (
            json!({ "parentcustomerid@odata.bind": "/accounts(1)" }),
            "0x80048d19",
            "undeclared property 'parentcustomerid'",
        ),
        (
            json!({ "lastname": "x".repeat(51) }),
            "0x80044331",
            "maximum allowed length of '50'",
        ),
    ] {
        let answer = lab.send(Method::POST, "contacts", &[], Some(body)).await?;
        let (status, got, message) = refusal(answer).await?;
        assert_eq!((status, got.as_str()), (400, code), "{message}");
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(lab.simulator.rows("contacts")?, 230);
    Ok(())
}

#[tokio::test]
async fn values_come_back_as_sent_and_lookups_by_their_binding() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let contacts: Vec<_> = lab.simulator.truth("contacts")?.take(2).collect();
    let mentor = contacts[1]["contactid"].as_str().context("no key")?;
    let body = json!({
        "hlf_certificationid": "00000000-0000-0000-0000-0000000000bb",
        "hlf_mentorcode": "M-9999",
        "hlf_ContactId@odata.bind": format!("/contacts({mentor})"),
        "hlf_fee": 12.5,
        "hlf_validto": "2027-03-31",
        "hlf_lastsyncedon": "2026-03-29T02:30:00+02:00",
        "hlf_examon": "2026-03-29T02:30:00",
        "hlf_comment": "a\r\n\u{1f44d}\"",
        "hlf_status": 3,
        "modifiedon": "1999-01-01T00:00:00Z",
    });
    let set = "hlf_certifications";
    let prefer = [("prefer", "return=representation")];
    let answer = lab
        .send(Method::POST, set, &prefer, Some(body.clone()))
        .await?;
    assert_eq!(answer.status(), 201);
    let text = answer.text().await?;
    assert!(text.contains("\"hlf_fee\":12.5000,"), "{text}");
    let row: Json = serde_json::from_str(&text)?;
    assert_eq!(row["_hlf_contactid_value"], mentor);
    assert_eq!(row["hlf_validto"], "2027-03-31");
    assert_eq!(row["hlf_lastsyncedon"], "2026-03-29T00:30:00Z");
    assert_eq!(row["hlf_examon"], "2026-03-29T02:30:00Z");
    assert_eq!(row["hlf_comment"], "a\r\n\u{1f44d}\"");
    assert_eq!(row["modifiedon"], "2026-11-01T03:00:00Z");

    let answer = lab.send(Method::POST, set, &[], Some(body)).await?;
    assert_eq!(refusal(answer).await?.0, 412);
    let gone = "/contacts(00000000-0000-0000-0000-0000000000cc)";
    let body = json!({ "hlf_ContactId@odata.bind": gone });
    let answer = lab.send(Method::POST, set, &[], Some(body)).await?;
    let (status, code, _) = refusal(answer).await?;
    assert_eq!((status, code.as_str()), (404, "0x80040217"));
    Ok(())
}

#[tokio::test]
async fn what_a_tag_of_a_row_that_is_gone_gets_is_a_switch() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let gone = "contacts(00000000-0000-0000-0000-0000000000aa)";
    let patch = async |tag: &str| {
        let headers = [("if-match", tag)];
        let answer = lab
            .send(Method::PATCH, gone, &headers, Some(json!({})))
            .await?;
        anyhow::Ok(answer.status().as_u16())
    };
    assert_eq!(patch("W/\"1\"").await?, 404);
    lab.simulator
        .switch(|switches| switches.tag_of_gone_row_status = 412);
    assert_eq!((patch("W/\"1\"").await?, patch("*").await?), (412, 404));
    lab.simulator
        .switch(|switches| switches.empty_error_codes = true);
    let answer = lab.send(Method::DELETE, gone, &[], None).await?;
    let (status, code, message) = refusal(answer).await?;
    assert_eq!((status, code.as_str()), (404, ""));
    assert!(message.contains("Does Not Exist"));
    lab.simulator
        .switch(|switches| switches.no_security_role = true);
    assert_eq!(patch("*").await?, 403);
    Ok(())
}

#[tokio::test]
async fn a_merged_row_is_inactive_and_says_which_one_stands_for_it() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let ids: Vec<uuid::Uuid> = lab
        .simulator
        .truth("contacts")?
        .take(2)
        .filter_map(|row| row.get("contactid")?.as_str()?.parse().ok())
        .collect();
    let [merged, master] = ids.as_slice() else {
        anyhow::bail!("no rows");
    };
    assert!(lab.simulator.merge("contacts", *merged, *master)?);
    let row = lab.get(&format!("contacts({merged})")).await?.1;
    assert_eq!(
        (&row["merged"], &row["_masterid_value"], &row["statecode"]),
        (&json!(true), &json!(master.to_string()), &json!(1))
    );
    let row = lab.get(&format!("contacts({master})")).await?.1;
    assert_eq!(
        (&row["merged"], &row["statecode"]),
        (&json!(false), &json!(0))
    );
    // Only a merge says so.
    let body = Some(json!({ "merged": false }));
    let target = format!("contacts({merged})");
    lab.send(Method::PATCH, &target, &[], body).await?;
    assert_eq!(lab.get(&target).await?.1["merged"], true);
    let nobody = uuid::Uuid::nil();
    assert!(!lab.simulator.merge("contacts", *merged, nobody)?);
    assert!(!lab.simulator.merge("systemusers", nobody, nobody)?);
    Ok(())
}
