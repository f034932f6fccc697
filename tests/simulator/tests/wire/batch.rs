use anyhow::Result;
use dynamics_simulator::{Class, Effect, Fault};
use serde_json::{Value as Json, json};

use crate::lab::{Lab, small};

/// A request as a part of a batch.
fn part(method: &str, url: &str, headers: &str, body: &str) -> String {
    format!(
        "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n{headers}\r\n\
         {method} {url} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{body}\r\n"
    )
}

fn post(url: &str, body: Json) -> String {
    part("POST", url, "", &body.to_string())
}

fn batch(parts: &[String]) -> String {
    let parts: String = parts.iter().map(|part| format!("--b\r\n{part}")).collect();
    format!("{parts}--b--\r\n")
}

/// Requests with the content ids 1, 2, ….
fn change_set(requests: &[(&str, &str, Json)]) -> String {
    let mut set = "Content-Type: multipart/mixed; boundary=\"c\"\r\n\r\n".to_owned();
    for (number, (method, url, body)) in requests.iter().enumerate() {
        let id = format!("Content-ID: {}\r\n", number + 1);
        set += &format!("--c\r\n{}", part(method, url, &id, &body.to_string()));
    }
    set + "--c--\r\n\r\n"
}

/// Status and text of the answer.
async fn send(lab: &Lab, body: String, prefer: &str) -> Result<(u16, String)> {
    let request = lab
        .http
        .post(format!("{}/$batch", lab.api()))
        .bearer_auth(lab.token())
        .header("content-type", "multipart/mixed; boundary=\"b\"")
        .header("prefer", prefer)
        .body(body);
    let answer = request.send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

/// The statuses of all answers within, in order.
fn statuses(text: &str) -> Vec<u16> {
    let lines = text
        .lines()
        .filter_map(|line| line.strip_prefix("HTTP/1.1 "));
    lines
        .filter_map(|line| line.split(' ').next()?.parse().ok())
        .collect()
}

const GO_ON: &str = "odata.continue-on-error";

#[tokio::test]
async fn parts_are_answered_in_order_whatever_way_their_address_is_written() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let api = lab.api();
    let parts = [
        post("contacts", json!({ "lastname": "relative" })),
        post("/api/data/v9.2/contacts", json!({ "lastname": "path" })),
        post(
            &format!("{api}/contacts"),
            json!({ "lastname": "absolute" }),
        ),
        part(
            "GET",
            "accounts?$filter=accountnumber eq '000105'&$select=name",
            "",
            "",
        ),
        part("PATCH", "accounts(accountnumber='New 1')", "", "{}"),
    ];
    let (status, text) = send(&lab, batch(&parts), "").await?;
    assert_eq!(
        (status, statuses(&text)),
        (200, vec![204, 204, 204, 200, 204]),
        "{text}"
    );
    assert!(
        text.contains("OData-EntityId: ") && text.contains("Location: "),
        "{text}"
    );
    assert!(text.contains("#accounts(name)"), "{text}");
    assert_eq!(lab.simulator.rows("contacts")?, 233);
    assert_eq!(lab.simulator.requests().of(Class::Batch), 1);
    Ok(())
}

#[tokio::test]
async fn an_error_ends_a_batch_unless_it_shall_go_on_and_what_came_before_stays() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let good = || post("contacts", json!({ "lastname": "good" }));
    let parts = [good(), post("contacts", json!({ "nope": 1 })), good()];
    let (status, text) = send(&lab, batch(&parts), "").await?;
    assert_eq!((status, statuses(&text)), (400, vec![204, 400]), "{text}");
    assert_eq!(lab.simulator.rows("contacts")?, 231);
    let (status, text) = send(&lab, batch(&parts), GO_ON).await?;
    assert_eq!(
        (status, statuses(&text)),
        (200, vec![204, 400, 204]),
        "{text}"
    );
    assert_eq!(lab.simulator.rows("contacts")?, 233);
    // Each part has its own conditions.
    let absent = "contacts(00000000-0000-0000-0000-0000000000aa)";
    let patch = format!(
        "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
         PATCH {absent} HTTP/1.1\r\nIf-Match: *\r\nContent-Type: application/json\r\n\r\n{{}}\r\n"
    );
    let (_, text) = send(&lab, batch(&[patch]), GO_ON).await?;
    assert_eq!(statuses(&text), [404]);
    Ok(())
}

#[tokio::test]
async fn a_change_set_counts_whole_or_not_at_all_and_refers_to_its_own_rows() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let account = json!({ "accountnumber": "N", "primarycontactid@odata.bind": "$1" });
    let set = change_set(&[
        ("POST", "contacts", json!({ "lastname": "Å" })),
        ("POST", "accounts", account.clone()),
        ("PATCH", "$1", json!({ "firstname": "B" })),
    ]);
    let (status, text) = send(&lab, batch(&[set]), "").await?;
    assert_eq!((status, statuses(&text)), (200, vec![204; 3]), "{text}");
    assert!(
        text.contains("changesetresponse_") && text.contains("Content-ID: 3"),
        "{text}"
    );
    let read = "accounts(accountnumber='N')?$expand=primarycontactid($select=fullname)";
    let (_, account_read) = lab.get(read).await?;
    assert_eq!(account_read["primarycontactid"]["fullname"], "B Å");

    let before = lab.simulator.rows("contacts")?;
    let taken = [
        ("POST", "contacts", json!({ "lastname": "lost" })),
        ("POST", "accounts", account),
    ];
    let good = post("contacts", json!({ "lastname": "kept" }));
    let (status, text) = send(&lab, batch(&[change_set(&taken), good.clone()]), GO_ON).await?;
    assert_eq!((status, statuses(&text)), (200, vec![412, 204]), "{text}");
    assert_eq!(lab.simulator.rows("contacts")?, before + 1);
    let forward = change_set(&[("PATCH", "$2", json!({}))]);
    let (status, text) = send(&lab, batch(&[forward, good]), "").await?;
    assert_eq!((status, statuses(&text)), (400, vec![400]));
    assert!(text.contains("Content-ID Reference: '$2'"), "{text}");
    Ok(())
}

#[tokio::test]
async fn bodies_that_are_no_batch_are_refused_whole() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let good = post("contacts", json!({ "lastname": "x" }));
    let whole = batch(std::slice::from_ref(&good));
    let get = change_set(&[("GET", "contacts", json!({}))]);
    let unnamed = change_set(&[("POST", "contacts", json!({}))]).replace("Content-ID: 1\r\n", "");
    for body in [
        String::new(),
        "{}".to_owned(),
        whole.replace("\r\n", "\n"),
        whole.replace("--b--\r\n", ""),
        whole.replace("binary", "8bit"),
        whole.replace(" HTTP/1.1", ""),
        batch(&[good.clone(), get]),
        batch(&[good.clone(), unnamed]),
        batch(&vec![good; 1_001]),
    ] {
        let (status, text) = send(&lab, body, GO_ON).await?;
        assert_eq!(status, 400, "{text}");
        assert!(text.contains("0x80048d19"), "{text}");
    }
    let nested = batch(&[part("POST", "$batch", "", "")]);
    let (_, text) = send(&lab, nested, GO_ON).await?;
    assert_eq!(statuses(&text), [400]);
    assert_eq!(lab.simulator.rows("contacts")?, 230);
    Ok(())
}

#[tokio::test]
async fn half_of_the_parts_fail_by_order_and_a_lost_reply_leaves_its_writes() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let parts: Vec<String> = (0..4)
        .map(|number| post("contacts", json!({ "lastname": number.to_string() })))
        .collect();
    let effect = Effect::FailParts {
        every: 2,
        status: 429,
        code: "0x80072322".into(),
        message: "slow down".into(),
    };
    lab.simulator.inject(Fault::on(Class::Batch, effect));
    let (status, text) = send(&lab, batch(&parts), GO_ON).await?;
    assert_eq!(
        (status, statuses(&text)),
        (200, vec![429, 204, 429, 204]),
        "{text}"
    );
    assert_eq!(lab.simulator.faults_fired()[0].fired, 1);
    lab.simulator
        .inject(Fault::on(Class::Batch, Effect::ResetAfter));
    assert!(send(&lab, batch(&parts), GO_ON).await.is_err());
    assert_eq!(lab.simulator.rows("contacts")?, 236);
    Ok(())
}
