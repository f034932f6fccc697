use anyhow::{Context as _, Result};
use dynamics_simulator::{Class, Effect, Fault, Limit, RetryAfter};
use reqwest::Method;
use serde_json::json;

use crate::lab::{Lab, refusal, small, text};

const TARGET: &str = "contacts?$select=lastname";

fn status(status: u16, retry_after: RetryAfter, html: bool) -> Effect {
    Effect::Status {
        status,
        code: "0x8004A001".to_owned(),
        message: "busy".to_owned(),
        retry_after,
        html,
    }
}

#[tokio::test]
async fn throttling_and_outages_strike_as_ordered_and_are_counted() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let throttled = |limit, retry_after| Effect::Throttled { limit, retry_after };
    for (effect, expected, code, retry_after) in [
        (
            throttled(Limit::Requests, RetryAfter::Seconds(12)),
            429,
            "0x80072322",
            Some("12"),
        ),
        (
            throttled(Limit::ExecutionTime, RetryAfter::Absent),
            429,
            "0x80072321",
            None,
        ),
        (
            throttled(Limit::Concurrency, RetryAfter::Date(90)),
            429,
            "0x80072326",
            Some("Sun, 01 Nov 2026 03:01:30 GMT"),
        ),
        (
            status(503, RetryAfter::Text("soon".to_owned()), false),
            503,
            "0x8004A001",
            Some("soon"),
        ),
        (Effect::Unauthorized, 401, "0x80041d52", None),
    ] {
        lab.simulator
            .inject(Fault::on(Class::Read, effect).after(1));
        assert_eq!(lab.get("WhoAmI").await?.0, 200);
        assert_eq!(lab.get(TARGET).await?.0, 200);
        let answer = lab.send(Method::GET, TARGET, &[], None).await?;
        let header = answer.headers().get("retry-after");
        assert_eq!(header.map(|value| value.to_str()).transpose()?, retry_after);
        let (got, got_code, _) = refusal(answer).await?;
        assert_eq!((got, got_code.as_str()), (expected, code));
        assert_eq!(lab.get(TARGET).await?.0, 200);
        assert_eq!(lab.simulator.faults_fired()[0].fired, 1);
        lab.simulator.clear_faults();
    }
    Ok(())
}

#[tokio::test]
async fn html_empty_and_cut_bodies_come_with_an_honest_length() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let whole = lab
        .send(Method::GET, TARGET, &[], None)
        .await?
        .text()
        .await?;
    for (effect, expected) in [
        (Effect::HtmlPage, 200),
        (status(502, RetryAfter::Absent, true), 502),
    ] {
        lab.simulator.inject(Fault::next(effect));
        let answer = lab.send(Method::GET, TARGET, &[], None).await?;
        assert_eq!(answer.status(), expected);
        assert!(answer.text().await?.starts_with("<!DOCTYPE html>"));
    }
    lab.simulator.inject(Fault::next(Effect::EmptyBody));
    let answer = lab.send(Method::GET, TARGET, &[], None).await?;
    assert_eq!(
        (answer.status().as_u16(), answer.text().await?),
        (200, String::new())
    );

    lab.simulator.inject(Fault::next(Effect::CutJson));
    let answer = lab.send(Method::GET, TARGET, &[], None).await?;
    let length = answer.content_length();
    let cut = answer.text().await?;
    assert_eq!(length, Some(u64::try_from(cut.len())?));
    assert!(cut.len() == whole.len() / 2 && whole.starts_with(&cut));
    Ok(())
}

#[tokio::test]
async fn a_connection_can_end_before_after_and_in_the_middle() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let body = || Some(json!({ "lastname": "Borte" }));
    lab.simulator
        .inject(Fault::on(Class::Write, Effect::ResetBefore));
    let lost = lab.send(Method::POST, "contacts", &[], body()).await;
    assert!(lost.is_err(), "{lost:?}");
    assert_eq!(lab.simulator.rows("contacts")?, 230);

    lab.simulator
        .inject(Fault::on(Class::Write, Effect::ResetAfter));
    let lost = lab.send(Method::POST, "contacts", &[], body()).await;
    assert!(lost.is_err(), "{lost:?}");
    assert_eq!(lab.simulator.rows("contacts")?, 231);

    lab.simulator
        .inject(Fault::on(Class::Read, Effect::CutConnection));
    let answer = lab.send(Method::GET, TARGET, &[], None).await?;
    assert_eq!(answer.status(), 200);
    assert!(answer.content_length().unwrap_or_default() > 1_000);
    assert!(answer.text().await.is_err());
    assert_eq!(lab.get(TARGET).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn links_can_lead_elsewhere_or_in_a_circle() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let prefer = "odata.track-changes,odata.maxpagesize=100";
    let origin = "https://elsewhere.example".to_owned();
    lab.simulator
        .inject(Fault::on(Class::Read, Effect::LinkTo { origin }));
    let page = lab.page(TARGET, prefer).await?;
    let link = page.next_link.unwrap_or_default();
    assert!(
        link.starts_with("https://elsewhere.example/api/data/v9.2/contacts?"),
        "{link}"
    );

    let second = lab
        .page(TARGET, prefer)
        .await?
        .next_link
        .context("no link")?;
    // The last page has no nextLink to repeat: the fault waits for one that has.
    lab.simulator
        .inject(Fault::on(Class::Read, Effect::RepeatNextLink));
    lab.page("accounts", "").await?;
    assert_eq!(
        lab.page(&second, prefer).await?.next_link,
        Some(second.clone())
    );
    assert_ne!(lab.page(&second, prefer).await?.next_link, Some(second));
    Ok(())
}

#[tokio::test]
async fn one_cell_can_be_replaced_by_anything() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let row = lab
        .simulator
        .truth("contacts")?
        .nth(120)
        .context("no row")?;
    let id = row["contactid"].as_str().context("no key")?.to_owned();
    lab.simulator.inject(Fault::next(Effect::ReplaceValue {
        id: id.parse()?,
        property: "gendercode".to_owned(),
        value: json!(99),
    }));
    let pages = lab
        .pages("contacts?$select=gendercode", "odata.maxpagesize=50")
        .await?;
    let rows: Vec<_> = pages.into_iter().flat_map(|page| page.value).collect();
    let replaced: Vec<_> = rows
        .iter()
        .filter(|row| row["gendercode"].get() == "99")
        .filter_map(|row| text(row, "contactid"))
        .collect();
    assert_eq!(replaced, [id]);
    assert_eq!(lab.simulator.faults_fired()[0].fired, 1);
    Ok(())
}

#[tokio::test]
async fn slow_and_stalled_bodies_come_whole_in_the_end() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let whole = lab
        .send(Method::GET, TARGET, &[], None)
        .await?
        .text()
        .await?;
    let before = lab.simulator.now();
    lab.simulator.inject(Fault::next(Effect::SlowBody {
        pieces: 4,
        seconds: 10,
    }));
    let answer = lab.send(Method::GET, TARGET, &[], None).await?;
    assert_eq!(answer.text().await?, whole);
    assert_eq!(lab.simulator.now().duration_since(before).as_secs(), 30);

    lab.simulator.inject(Fault::next(Effect::Stall));
    let mut answer = lab.send(Method::GET, TARGET, &[], None).await?;
    let mut received = Vec::new();
    while received.len() < whole.len() / 2 {
        received.extend_from_slice(&answer.chunk().await?.context("too short")?);
    }
    assert_eq!(received.len(), whole.len() / 2);
    lab.simulator.clear_faults();
    while let Some(piece) = answer.chunk().await? {
        received.extend_from_slice(&piece);
    }
    assert_eq!(received, whole.as_bytes());
    Ok(())
}

#[tokio::test]
async fn a_page_that_is_asked_for_too_large_fails_until_it_is_asked_for_smaller() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let too_slow = Effect::Status {
        status: 500,
        code: "0x80044151".to_owned(),
        message: "SQL timeout expired.".to_owned(),
        retry_after: RetryAfter::Absent,
        html: false,
    };
    lab.simulator.inject(
        Fault::next(too_slow)
            .times(u32::MAX)
            .table("contacts")
            .pages_above(50),
    );
    let sized = |rows: u32| format!("odata.track-changes,odata.maxpagesize={rows}");
    let fails = async |target: &str, prefer: &str| -> Result<bool> {
        let headers = [("prefer", prefer)];
        let answer = lab.send(Method::GET, target, &headers, None).await?;
        Ok(answer.status() == 500)
    };
    assert!(fails(TARGET, &sized(51)).await?);
    // Without a size it is the largest.
    assert!(fails(TARGET, "").await?);
    assert!(fails("contacts?$select=lastname&$top=51", "").await?);
    assert!(!fails("contacts?$select=lastname&$top=50", "").await?);
    assert!(!fails("accounts", &sized(5_000)).await?);
    assert!(!fails("contacts/$count", "").await?);
    let pages = lab.pages(TARGET, &sized(50)).await?;
    assert_eq!(
        pages.iter().map(|page| page.value.len()).sum::<usize>(),
        230
    );
    let report = &lab.simulator.faults_fired()[0];
    assert_eq!((report.matched, report.fired), (3, 3));
    let asked: Vec<_> = lab
        .simulator
        .requests()
        .last
        .iter()
        .map(|one| one.page_rows)
        .collect();
    let last = asked.len() - 6..;
    assert_eq!(
        asked[last],
        [None, Some(50), Some(50), Some(50), Some(50), Some(50)]
    );
    Ok(())
}

#[tokio::test]
async fn the_token_endpoint_can_fail_too() -> Result<()> {
    let mut lab = Lab::start(small()).await?;
    lab.simulator.inject(Fault::on(
        Class::Token,
        status(503, RetryAfter::Absent, true),
    ));
    assert!(lab.sign_in().await.is_err());
    lab.sign_in().await
}
