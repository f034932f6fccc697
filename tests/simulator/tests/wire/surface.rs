use std::sync::Arc;

use anyhow::Result;
use axum::body::Body;
use axum::http::Request;
use clock::SystemClock;
use dynamics_simulator::{Class, Simulator};
use reqwest::Method;
use serde_json::{Value as Json, json};
use tower::ServiceExt as _;

use crate::lab::{Lab, small};

async fn control(lab: &Lab, method: Method, path: &str, body: Option<Json>) -> Result<String> {
    let url = format!("{}/simulator/{path}", lab.base());
    let answer = lab.send(method, &url, &[], body).await?;
    let status = answer.status();
    let text = answer.text().await?;
    anyhow::ensure!(status.is_success(), "{path}: {status} {text}");
    Ok(text)
}

#[tokio::test]
async fn everything_can_be_controlled_over_http() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let burst = json!({ "entity_set": "contacts", "creates": 2, "deletes": 1 });
    let summary = control(&lab, Method::POST, "burst", Some(burst)).await?;
    assert_eq!(summary, r#"{"created":2,"updated":0,"deleted":1}"#);
    let truth = control(&lab, Method::GET, "truth/contacts", None).await?;
    assert_eq!(truth.lines().count(), 231);
    let first: Json = serde_json::from_str(truth.lines().next().unwrap_or_default())?;
    assert!(first["contactid"].is_string());

    let fault = json!({
        "on": { "class": "who_am_i" },
        "times": 2,
        "effect": { "throttled": { "limit": "requests", "retry_after": { "seconds": 3 } } },
    });
    control(&lab, Method::POST, "faults", Some(fault)).await?;
    assert_eq!(lab.get("WhoAmI").await?.0, 429);
    let faults: Json = serde_json::from_str(&control(&lab, Method::GET, "faults", None).await?)?;
    assert_eq!(faults[0]["fired"], 1);
    control(&lab, Method::DELETE, "faults", None).await?;
    assert_eq!(lab.get("WhoAmI").await?.0, 200);

    let requests: Json =
        serde_json::from_str(&control(&lab, Method::GET, "requests", None).await?)?;
    assert_eq!(requests["total"], 3);
    control(&lab, Method::DELETE, "requests", None).await?;
    assert_eq!(lab.simulator.requests().of(Class::WhoAmI), 0);

    let switch = json!({ "forbidden": ["contacts"] });
    control(&lab, Method::POST, "switches", Some(switch)).await?;
    control(
        &lab,
        Method::POST,
        "switches",
        Some(json!({ "page_overlap": 1 })),
    )
    .await?;
    assert_eq!(lab.get("contacts").await?.0, 403);
    let wrong = control(&lab, Method::POST, "switches", Some(json!({ "nope": 1 }))).await;
    assert!(wrong.is_err_and(|error| error.to_string().contains("nope")));

    control(
        &lab,
        Method::POST,
        "clock",
        Some(json!({ "advance_seconds": 3_599 })),
    )
    .await?;
    assert_eq!(lab.get("WhoAmI").await?.0, 401);
    control(&lab, Method::POST, "expire-change-tokens", None).await?;
    let credentials = control(&lab, Method::GET, "credentials", None).await?;
    assert!(credentials.contains(&lab.simulator.credentials().client_id));
    assert!(
        control(&lab, Method::GET, "truth/nothings", None)
            .await
            .is_err()
    );
    Ok(())
}

#[tokio::test]
async fn the_library_takes_truth_rows_back_and_tells_what_does_not_fit() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let row = lab
        .simulator
        .truth("hlf_certifications")?
        .next()
        .unwrap_or_default();
    let id = row["hlf_certificationid"]
        .as_str()
        .unwrap_or_default()
        .parse()?;
    assert!(lab.simulator.delete("hlf_certifications", id)?);
    assert!(!lab.simulator.delete("hlf_certifications", id)?);
    assert_eq!(lab.simulator.create("hlf_certifications", row.clone())?, id);
    let again = lab
        .simulator
        .truth("hlf_certifications")?
        .next()
        .unwrap_or_default();
    for name in [
        "hlf_fee",
        "hlf_validto",
        "_hlf_contactid_value",
        "hlf_examon",
    ] {
        assert_eq!(again[name], row[name], "{name}");
    }
    let wrong = serde_json::from_value(json!({ "hlf_status": 99 }))?;
    let refused = lab.simulator.update("hlf_certifications", id, wrong);
    assert!(refused.is_err_and(|refusal| refusal.message.contains("1,2,3")));
    assert!(lab.simulator.truth("certifications").is_err());
    Ok(())
}

#[tokio::test]
async fn the_router_answers_in_process_with_the_callers_own_origin() -> Result<()> {
    let simulator = Simulator::new(small(), Arc::new(SystemClock));
    let credentials = simulator.credentials();
    let base = "https://hlf.crm19.dynamics.com";
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", &credentials.client_id)
        .append_pair("client_secret", &credentials.client_secret)
        .append_pair("scope", &format!("{base}/.default"))
        .finish();
    let tenant = &credentials.tenant_id;
    let request =
        Request::post(format!("{base}/{tenant}/oauth2/v2.0/token")).body(Body::from(form))?;
    let answer = simulator.router().oneshot(request).await?;
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await?;
    let token: Json = serde_json::from_slice(&bytes)?;
    let token = token["access_token"].as_str().unwrap_or_default();
    let request = Request::get(format!("{base}/api/data/v9.2/contacts?$select=fullname"))
        .header("authorization", format!("Bearer {token}"))
        .header("prefer", "odata.maxpagesize=2")
        .body(Body::empty())?;
    let answer = simulator.router().oneshot(request).await?;
    assert_eq!(
        answer.headers()["preference-applied"],
        "odata.maxpagesize=2"
    );
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await?;
    let page: Json = serde_json::from_slice(&bytes)?;
    let link = page["@odata.nextLink"].as_str().unwrap_or_default();
    assert!(link.starts_with(base), "{link}");
    Ok(())
}

#[tokio::test]
async fn a_dropped_simulator_ends_open_connections_too() -> Result<()> {
    let simulator = Simulator::new(small(), Arc::new(SystemClock));
    let running = simulator.start().await?;
    let http = reqwest::Client::builder().build()?;
    let url = format!("{}/simulator/clock", running.base_url());
    assert!(http.get(&url).send().await?.status().is_success());
    drop(running);
    assert!(http.get(&url).send().await.is_err());
    Ok(())
}

#[tokio::test]
async fn it_refuses_to_listen_beyond_loopback() -> Result<()> {
    let simulator = Simulator::new(small(), Arc::new(SystemClock));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await?;
    let refused = simulator.serve(listener).await;
    assert!(refused.is_err_and(|error| error.to_string().contains("loopback only")));
    Ok(())
}
