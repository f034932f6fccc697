use anyhow::Result;
use dynamics_simulator::{Class, Effect, Fault, Limits};
use reqwest::{Method, Response};
use serde_json::json;

use crate::lab::{Lab, refusal, small};

async fn lab(limits: Limits) -> Result<Lab> {
    let lab = Lab::start(small()).await?;
    lab.simulator.switch(|switches| switches.limits = limits);
    Ok(lab)
}

async fn ask(lab: &Lab, cookie: &str) -> Result<Response> {
    let headers = [("cookie", cookie)];
    Ok(lab.send(Method::GET, "WhoAmI", &headers, None).await?)
}

fn wait(answer: &Response) -> i64 {
    let value = answer.headers().get("retry-after");
    value
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .unwrap_or(0)
}

#[tokio::test]
async fn requests_beyond_the_window_wait_until_the_oldest_has_left_it() -> Result<()> {
    let lab = lab(Limits {
        requests: 3,
        ..Limits::default()
    })
    .await?;
    for left in ["2", "1", "0"] {
        let answer = ask(&lab, "").await?;
        let header = "x-ms-ratelimit-burst-remaining-xrm-requests";
        assert_eq!(answer.headers()[header], left);
        lab.simulator.advance(10);
    }
    let answer = ask(&lab, "").await?;
    assert_eq!((answer.status().as_u16(), wait(&answer)), (429, 270));
    let (_, code, message) = refusal(answer).await?;
    assert_eq!(code, "0x80072322");
    assert!(message.contains("limit of 3 over"), "{message}");
    // Who pushes waits longer.
    assert_eq!(wait(&ask(&lab, "").await?), 271);
    lab.simulator.advance(269);
    assert_eq!(ask(&lab, "").await?.status(), 429);
    lab.simulator.advance(1);
    assert_eq!(ask(&lab, "").await?.status(), 200);
    let report = lab.simulator.limit_report();
    assert_eq!((report.admitted, report.refused), (4, 3));
    assert_eq!((report.busiest_window, report.within_retry_after), (3, 3));
    Ok(())
}

#[tokio::test]
async fn execution_time_counts_for_every_row_of_a_bulk_action() -> Result<()> {
    let limits = Limits {
        execution_ms: 1_000,
        request_ms: 100,
        row_ms: 300,
        ..Limits::default()
    };
    let lab = lab(limits).await?;
    let row = json!({ "@odata.type": "Microsoft.Dynamics.CRM.account" });
    let body = json!({ "Targets": [row, row, row] });
    let url = "accounts/Microsoft.Dynamics.CRM.CreateMultiple";
    let before = lab.simulator.now();
    let answer = lab.send(Method::POST, url, &[], Some(body)).await?;
    assert_eq!(answer.status(), 200);
    assert_eq!(
        lab.simulator.now().duration_since(before).as_millis(),
        1_000
    );
    let answer = ask(&lab, "").await?;
    assert_eq!((answer.status().as_u16(), wait(&answer)), (429, 299));
    assert_eq!(refusal(answer).await?.1, "0x80072321");
    Ok(())
}

#[tokio::test]
async fn every_server_counts_for_itself_and_a_cookie_pins_to_one() -> Result<()> {
    let lab = lab(Limits {
        requests: 1,
        servers: 2,
        ..Limits::default()
    })
    .await?;
    let first = ask(&lab, "").await?;
    let cookie = first.headers()["set-cookie"].to_str()?.to_owned();
    let pin = cookie.split(';').next().unwrap_or_default();
    assert_eq!(ask(&lab, pin).await?.status(), 429);
    assert_eq!(ask(&lab, "").await?.status(), 200);
    assert_eq!(ask(&lab, "").await?.status(), 429);
    Ok(())
}

#[tokio::test]
async fn too_many_at_once_are_refused_at_once() -> Result<()> {
    let clock = std::sync::Arc::new(clock::SystemClock);
    let simulator = dynamics_simulator::Simulator::new(small(), clock);
    let limits = Limits {
        concurrency: 1,
        request_ms: 300,
        ..Limits::default()
    };
    simulator.switch(|switches| switches.limits = limits);
    let running = simulator.start().await?;
    let url = format!("{}/api/data/v9.2/WhoAmI", running.base_url());
    let (one, other) = tokio::join!(reqwest::get(&url), reqwest::get(&url));
    let mut statuses = [one?.status().as_u16(), other?.status().as_u16()];
    statuses.sort_unstable();
    // Without a token both are refused, but one of them only after its time.
    assert_eq!(statuses, [401, 429]);
    assert_eq!(simulator.limit_report().most_at_once, 1);
    assert_eq!(reqwest::get(&url).await?.status(), 401);
    Ok(())
}

#[tokio::test]
async fn a_request_that_was_on_its_way_is_told_from_one_that_comes_although_it_was_refused()
-> Result<()> {
    let lab = lab(Limits {
        requests: 1,
        flight_ms: 2_000,
        ..Limits::default()
    })
    .await?;
    assert_eq!(ask(&lab, "").await?.status(), 200);
    let despite = [(0, 0), (2, 0), (1, 1), (200, 2)];
    for (seconds, despite) in despite {
        lab.simulator.advance(seconds);
        assert_eq!(ask(&lab, "").await?.status(), 429);
        let report = lab.simulator.limit_report();
        assert_eq!(report.despite_retry_after, despite);
    }
    assert_eq!(lab.simulator.limit_report().within_retry_after, 3);
    // Not told anything since the wait was over.
    lab.simulator.advance(1_000);
    assert_eq!(ask(&lab, "").await?.status(), 200);
    assert_eq!(ask(&lab, "").await?.status(), 429);
    assert_eq!(ask(&lab, "").await?.status(), 429);
    assert_eq!(lab.simulator.limit_report().despite_retry_after, 2);
    Ok(())
}

#[tokio::test]
async fn the_report_names_the_most_execution_time_that_any_window_held() -> Result<()> {
    let lab = lab(Limits {
        request_ms: 400,
        ..Limits::default()
    })
    .await?;
    for _ in 0..3 {
        ask(&lab, "").await?;
    }
    lab.simulator.advance(301);
    ask(&lab, "").await?;
    assert_eq!(lab.simulator.limit_report().busiest_window_ms, 1_200);
    Ok(())
}

#[tokio::test]
async fn without_a_network_a_cut_connection_is_no_answer() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let request = || {
        let url = "https://contoso.example/api/data/v9.2/WhoAmI";
        axum::http::Request::get(url).body(Default::default())
    };
    let answer = lab.simulator.answer(request()?).await;
    assert_eq!(answer.map(|answer| answer.status().as_u16()), Some(401));
    lab.simulator
        .inject(Fault::on(Class::WhoAmI, Effect::ResetBefore));
    assert!(lab.simulator.answer(request()?).await.is_none());
    Ok(())
}
