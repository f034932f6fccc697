use anyhow::{Context as _, Result};
use dynamics_simulator::Class;
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::lab::{Lab, refusal, small};

fn target(mut body: Json) -> Json {
    let row = body.as_object_mut().into_iter();
    row.for_each(|row| {
        let name = "Microsoft.Dynamics.CRM.account";
        row.insert("@odata.type".to_owned(), name.into());
    });
    body
}

async fn bulk(lab: &Lab, name: &str, targets: Vec<Json>) -> Result<(u16, Json)> {
    let url = format!("accounts/Microsoft.Dynamics.CRM.{name}");
    let body = Some(json!({ "Targets": targets }));
    let answer = lab.send(Method::POST, &url, &[], body).await?;
    let status = answer.status().as_u16();
    let text = answer.text().await?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Json::Null)))
}

#[tokio::test]
async fn rows_are_created_updated_and_upserted_in_bulk() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let names = ["a", "b", "c"];
    let rows = names.map(|name| target(json!({ "name": name, "accountnumber": name })));
    let (status, body) = bulk(&lab, "CreateMultiple", rows.to_vec()).await?;
    assert_eq!(status, 200, "{body}");
    let ids: Vec<&str> = body["Ids"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    for (id, name) in ids.iter().zip(names) {
        assert_eq!(lab.get(&format!("accounts({id})")).await?.1["name"], name);
    }
    let rows = ids
        .iter()
        .map(|id| target(json!({ "accountid": id, "name": "new" })));
    assert_eq!(
        bulk(&lab, "UpdateMultiple", rows.collect()).await?,
        (204, Json::Null)
    );
    let rows = ["c", "d"].map(|number| {
        target(json!({ "@odata.id": format!("accounts(accountnumber='{number}')"), "name": "up" }))
    });
    assert_eq!(
        bulk(&lab, "UpsertMultiple", rows.to_vec()).await?,
        (204, Json::Null)
    );
    assert_eq!(
        lab.get(&format!("accounts({})", ids[2])).await?.1["name"],
        "up"
    );
    assert_eq!(
        lab.get("accounts(accountnumber='d')").await?.1["name"],
        "up"
    );
    assert_eq!(lab.simulator.rows("accounts")?, 24);
    assert_eq!(lab.simulator.requests().of(Class::Write), 3);
    Ok(())
}

#[tokio::test]
async fn one_bad_row_takes_all_others_back() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let tracked = lab
        .pages("accounts?$select=name", "odata.track-changes")
        .await?;
    let link = tracked.last().and_then(|page| page.delta_link.clone());
    let link = link.context("no delta link")?;
    let before: Vec<_> = lab.simulator.truth("accounts")?.collect();
    let id = before[0]["accountid"].clone();
    let gone = "00000000-0000-0000-0000-0000000000aa";
    let bad = [
        (
            "CreateMultiple",
            json!({ "name": "x".repeat(200) }),
            400,
            "0x80044331",
        ),
        (
            "CreateMultiple",
            json!({ "accountnumber": "000100" }),
            412,
            "0x80060892",
        ),
        (
            "CreateMultiple",
            json!({ "accountid": id }),
            412,
            "0x80040237",
        ),
        ("CreateMultiple", json!({ "nope": 1 }), 400, "0x80048d19"),
        (
            "UpdateMultiple",
            json!({ "accountid": gone }),
            404,
            "0x80040217",
        ),
        (
            "UpdateMultiple",
            json!({ "name": "no key" }),
            400,
            "0x80040203",
        ),
        (
            "UpsertMultiple",
            json!({ "@odata.id": "accounts(accountnumber='q')", "accountnumber": "q" }),
            400,
            "0x80048d19",
        ),
    ];
    for (action, row, status, code) in bad {
        let good = match action {
            "CreateMultiple" => json!({ "name": "good" }),
            _ => json!({ "accountid": id, "name": "good" }),
        };
        let (got, body) = bulk(&lab, action, vec![target(good), target(row)]).await?;
        assert_eq!(
            (got, &body["error"]["code"]),
            (status, &json!(code)),
            "{body}"
        );
    }
    let (status, body) = bulk(&lab, "CreateMultiple", vec![json!({ "name": "untyped" })]).await?;
    assert_eq!(
        (status, &body["error"]["code"]),
        (400, &json!("0x80048d19"))
    );
    let after: Vec<_> = lab.simulator.truth("accounts")?.collect();
    assert_eq!(before, after);
    assert!(lab.page(&link, "").await?.value.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_table_tells_whether_it_has_bulk_actions() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let probe = async |table: &str| {
        let query = format!(
            "sdkmessagefilters?$select=sdkmessagefilterid&$filter=sdkmessageid/name eq @m and \
             primaryobjecttypecode eq @t&@m='CreateMultiple'&@t='{table}'"
        );
        let (status, body) = lab.get(&query).await?;
        anyhow::Ok((status, body["value"].as_array().map_or(0, Vec::len)))
    };
    assert_eq!(probe("account").await?, (200, 1));
    assert_eq!(probe("businessunit").await?, (200, 0));
    lab.simulator.switch(|switches| {
        switches.without_bulk.insert("accounts".into());
    });
    assert_eq!(probe("account").await?, (200, 0));
    let row = vec![target(json!({ "name": "a" }))];
    assert_eq!(bulk(&lab, "CreateMultiple", row).await?.0, 404);
    lab.simulator.switch(|switches| {
        switches.without_bulk.clear();
        switches.bulk_rows_max = 1;
        switches.forbidden.insert("sdkmessagefilters".into());
    });
    assert_eq!(probe("account").await?.0, 403);
    let rows = vec![
        target(json!({ "name": "a" })),
        target(json!({ "name": "b" })),
    ];
    let (status, body) = bulk(&lab, "CreateMultiple", rows).await?;
    assert_eq!(
        (status, &body["error"]["code"]),
        (500, &json!("0x80044151"))
    );
    Ok(())
}

#[tokio::test]
async fn headers_that_keep_flows_and_plug_ins_quiet_are_in_the_log() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let headers = [
        ("MSCRM.SuppressCallbackRegistrationExpanderJob", "true"),
        (
            "MSCRM.BypassBusinessLogicExecution",
            "CustomSync,CustomAsync",
        ),
        ("If-None-Match", "*"),
    ];
    let body = Some(json!({ "lastname": "x" }));
    lab.send(Method::POST, "contacts", &headers, body).await?;
    let log = lab.simulator.requests();
    let last = log
        .last
        .last()
        .map(|request| request.headers.clone())
        .unwrap_or_default();
    for (name, value) in headers {
        assert_eq!(
            last.get(&name.to_lowercase()).map(String::as_str),
            Some(value)
        );
    }
    assert!(!last.contains_key("authorization"));
    Ok(())
}

#[tokio::test]
async fn keys_are_deleted_in_bulk_by_a_job() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let ids: Vec<Json> = lab
        .simulator
        .truth("accounts")?
        .take(2)
        .map(|row| json!({ "Value": row["accountid"], "Type": "System.Guid" }))
        .collect();
    let condition = json!({ "AttributeName": "accountid", "Operator": "In", "Values": ids });
    let query = json!({ "EntityName": "account", "Criteria": { "Conditions": [condition] } });
    let body = Some(json!({ "JobName": "x", "QuerySet": [query] }));
    let answer = lab.send(Method::POST, "BulkDelete", &[], body).await?;
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await?.contains("\"JobId\""));
    assert_eq!(lab.simulator.rows("accounts")?, 18);
    let answer = lab
        .send(Method::POST, "BulkDelete", &[], Some(json!({})))
        .await?;
    assert_eq!(refusal(answer).await?.0, 400);
    Ok(())
}
