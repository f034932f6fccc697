use anyhow::{Context as _, Result};
use dynamics_simulator::{Class, Effect, Fault, RetryAfter};
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::delta::TRACKED;
use crate::lab::{Lab, refusal, small};

#[tokio::test]
async fn a_write_that_is_no_json_by_its_own_account_is_refused_and_changes_nothing() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let id = lab.simulator.truth("contacts")?.next().context("no row")?["contactid"].clone();
    let row = format!(
        "{}/contacts({})",
        lab.api(),
        id.as_str().unwrap_or_default()
    );
    let create = format!("{}/contacts", lab.api());
    for (method, url) in [(Method::POST, create), (Method::PATCH, row)] {
        for content_type in [None, Some("text/plain"), Some("application/atom+xml")] {
            let mut request = lab
                .http
                .request(method.clone(), &url)
                .bearer_auth(lab.token())
                .body(r#"{"lastname":"Å"}"#);
            if let Some(content_type) = content_type {
                request = request.header("content-type", content_type);
            }
            let (status, _, message) = refusal(request.send().await?).await?;
            assert_eq!(status, 415, "{message}");
        }
    }
    assert_eq!(lab.simulator.rows("contacts")?, 230);
    let headers = [("content-type", "application/json")];
    let answer = lab
        .send(Method::DELETE, "contacts(1)", &headers, None)
        .await?;
    assert_eq!(answer.status(), 400);
    Ok(())
}

#[tokio::test]
async fn a_protocol_version_that_the_service_does_not_speak_is_refused() -> Result<()> {
    let lab = Lab::start(small()).await?;
    for (name, value, status) in [
        ("odata-version", "4.0", 200),
        ("odata-version", "3.0", 400),
        ("odata-version", "5.0", 400),
        ("odata-maxversion", "4.0", 200),
        ("odata-maxversion", "4.01", 200),
        ("odata-maxversion", "3.0", 400),
    ] {
        let answer = lab
            .send(Method::GET, "WhoAmI", &[(name, value)], None)
            .await?;
        assert_eq!(answer.status().as_u16(), status, "{name}: {value}");
    }
    Ok(())
}

#[tokio::test]
async fn a_next_link_followed_with_another_page_size_is_refused() -> Result<()> {
    let lab = Lab::start(small()).await?;
    for (target, tracked) in [
        ("contacts?$select=lastname", ""),
        ("contacts?$select=lastname&$orderby=modifiedon", ""),
        ("contacts?$select=lastname", "odata.track-changes,"),
    ] {
        let prefer = |size: u32| format!("{tracked}odata.maxpagesize={size}");
        let page = lab.page(target, &prefer(25)).await?;
        let next = page.next_link.context("no nextLink")?;
        let without = tracked.trim_end_matches(',').to_owned();
        for other in [prefer(24), prefer(26), without] {
            let (status, code, _) = lab.refused(&next, &[("prefer", &other)]).await?;
            assert_eq!((status, code.as_str()), (400, "0x80041129"), "{other}");
        }
        assert_eq!(lab.page(&next, &prefer(25)).await?.value.len(), 25);
    }
    // A delta may begin with another size, and then keeps to it.
    let delta = crate::delta::link(&lab.pages("contacts?$select=lastname", TRACKED).await?)?;
    lab.simulator.burst("contacts", 0, 9, 9)?;
    let page = lab.page(&delta, "odata.maxpagesize=4").await?;
    let next = page.next_link.context("no nextLink")?;
    let (status, code, _) = lab.refused(&next, &[("prefer", TRACKED)]).await?;
    assert_eq!((status, code.as_str()), (400, "0x80041129"));
    Ok(())
}

#[tokio::test]
async fn every_answer_of_the_api_hints_how_many_requests_to_keep_in_flight() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let hint = async |target: &str| {
        let answer = lab.send(Method::GET, target, &[], None).await?;
        let hint = answer.headers().get("x-ms-dop-hint");
        anyhow::Ok(
            hint.map(|hint| hint.to_str().map(str::to_owned))
                .transpose()?,
        )
    };
    for target in [
        "WhoAmI",
        "contacts?$top=1",
        "nothings",
        "EntityDefinitions",
        "contacts/$count",
    ] {
        assert_eq!(hint(target).await?.as_deref(), Some("12"), "{target}");
    }
    lab.simulator.switch(|switches| switches.dop_hint = 3);
    assert_eq!(hint("contacts").await?.as_deref(), Some("3"));
    Ok(())
}

#[tokio::test]
async fn a_body_is_compressed_for_those_who_accept_it_unless_switched_off() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let plain = lab
        .send(Method::GET, "contacts", &[], None)
        .await?
        .bytes()
        .await?;
    let gzip = [("accept-encoding", "gzip")];
    let answer = lab.send(Method::GET, "contacts", &gzip, None).await?;
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    assert!(answer.bytes().await?.len() < plain.len() / 3);
    let small = lab.send(Method::GET, "WhoAmI", &gzip, None).await?;
    assert!(small.headers().get("content-encoding").is_none());
    let unpacking = reqwest::Client::builder().gzip(true).build()?;
    let ask = || {
        let url = format!("{}/contacts", lab.api());
        unpacking.get(url).bearer_auth(lab.token()).send()
    };
    assert_eq!(ask().await?.bytes().await?, plain);
    // A cut body is cut inside, not in its packing.
    lab.simulator
        .inject(Fault::on(Class::Read, Effect::CutJson));
    assert_eq!(ask().await?.bytes().await?, plain[..plain.len() / 2]);
    lab.simulator
        .inject(Fault::on(Class::Read, Effect::CutConnection));
    assert!(ask().await?.bytes().await.is_err());

    lab.simulator.switch(|switches| switches.gzip = false);
    let answer = lab.send(Method::GET, "contacts", &gzip, None).await?;
    assert!(answer.headers().get("content-encoding").is_none());
    assert_eq!(answer.bytes().await?, plain);
    Ok(())
}

#[tokio::test]
async fn an_error_tells_more_to_those_who_ask() -> Result<()> {
    let lab = Lab::start(small()).await?;
    lab.simulator.switch(|switches| {
        switches.forbidden.insert("contacts".to_owned());
    });
    let error = async |prefer: &str| {
        let headers = [("prefer", prefer)];
        let answer = lab.send(Method::GET, "contacts", &headers, None).await?;
        let body: Json = serde_json::from_str(&answer.text().await?)?;
        anyhow::Ok(body["error"].as_object().cloned().unwrap_or_default())
    };
    for silent in ["", "odata.include-annotations=\"OData.Community.*\""] {
        assert_eq!(
            error(silent).await?.keys().collect::<Vec<_>>(),
            ["code", "message"]
        );
    }
    let name = "@Microsoft.PowerApps.CDS.ErrorDetails.ApiExceptionMesageName";
    for asking in [
        "odata.include-annotations=\"*\"",
        "odata.maxpagesize=3,odata.include-annotations=\"a.*,Microsoft.PowerApps.CDS.*\"",
    ] {
        let error = error(asking).await?;
        assert_eq!(error["code"], "0x80040220");
        assert_eq!(error[name], "PrivilegeDenied", "{asking}");
        assert_eq!(
            error["@Microsoft.PowerApps.CDS.InnerError.Message"],
            error["message"]
        );
    }
    lab.simulator.inject(Fault::next(Effect::Status {
        status: 503,
        code: String::new(),
        message: "busy".to_owned(),
        retry_after: RetryAfter::Absent,
        html: false,
    }));
    let error = error("odata.include-annotations=\"*\"").await?;
    let status = "@Microsoft.PowerApps.CDS.ErrorDetails.ApiExceptionHttpStatusCode";
    assert_eq!(
        (&error["code"], &error[status]),
        (&json!(""), &json!("503"))
    );
    Ok(())
}
