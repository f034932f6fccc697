use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use dynamics_client::{Certificate, Credential};
use dynamics_simulator::test_certificates::FIRST;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Bench, Reply, SECRET, contacts, empty_page, saved};

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Every text below an error.
fn chain(error: &dyn Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(deeper) = cause {
        text.push_str(&format!(" {deeper} {deeper:?}"));
        cause = deeper.source();
    }
    text
}

#[tokio::test]
async fn secret_token_and_row_values_show_in_no_log_no_error_and_no_debug() {
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(captured.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);

    let bench = Bench::new().await;
    let echo = format!(r#"{{"error_description":"AADSTS5: {SECRET}","error_codes":[5]}}"#);
    bench.server.script_tokens([Reply::json(400, echo)]);
    // The link to the next page repeats the values of a filter and of the last row.
    let next = bench
        .server
        .api("contacts?$skiptoken=%3Ccookie%20name=%22Hansen%22/%3E");
    let row = format!(r#"{{"@odata.nextLink":"{next}","value":[{{"fullname":"Kari Hansen"}}]}}"#);
    let mut shown = String::new();
    shown.push_str(&chain(&bench.error([]).await));
    bench.server.script([Reply::json(200, &row)]);
    let page = bench.client.page(&contacts()).await.unwrap();
    shown.push_str(&format!("{page:?} {:?} {:?}", bench.client, saved(next)));
    for cut in [1, 7] {
        let replies = (0..6).map(|_| Reply::json(200, &row[..row.len() - cut]));
        shown.push_str(&chain(&bench.error(replies).await));
    }
    for reply in [
        Reply::json(200, row.replace('[', "")),
        Reply::error(400, "0x80040265", "Kari Hansen exists"),
        Reply::error(403, "0x80040231", "Bearer token-1 of Kari Hansen"),
    ] {
        shown.push_str(&chain(&bench.error([reply]).await));
    }
    let resets = (0..6).map(|_| Reply::reset());
    shown.push_str(&chain(&bench.error(resets).await));
    bench
        .server
        .script([Reply::error(401, "", "token-1"), empty_page()]);
    bench.client.page(&contacts()).await.unwrap();
    drop(guard);

    let logged = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(
        logged.contains("request to Microsoft ended"),
        "the log was captured"
    );
    assert!(shown.contains("cannot read contacts"));
    let encoded: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    for hidden in [SECRET, &encoded, "token-1", "token-2", "Hansen", "Bearer t"] {
        assert!(
            !logged.contains(hidden),
            "{hidden} is in the log:\n{logged}"
        );
        assert!(!shown.contains(hidden), "{hidden} is in a text:\n{shown}");
    }
}

#[tokio::test]
async fn key_assertion_and_token_show_in_no_log_no_error_and_no_debug() {
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(captured.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);

    let bench = Bench::new().await;
    let certificate = Certificate::from_pem(FIRST).unwrap();
    let credential = Credential::Certificate(certificate);
    let mut shown = format!("{credential:?}");
    bench.client.renew_credential(credential);
    // The assertion that is sent cannot be known before: the header is the same in each.
    let start = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"PS256""#);
    let start = &start[..start.len() - 2];
    let echo = format!(r#"{{"error_description":"AADSTS5: {start}","error_codes":[5]}}"#);
    bench.server.script_tokens([Reply::json(400, echo)]);
    shown.push_str(&chain(&bench.error([]).await));
    bench.server.script([empty_page()]);
    bench.client.page(&contacts()).await.unwrap();
    drop(guard);

    let sent = bench.server.token_requests();
    assert!(sent[0].body.contains(start), "{}", sent[0].body);
    assert!(shown.contains("AADSTS5"), "{shown}");
    let logged = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("request to Microsoft ended"));
    let key = FIRST
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with('-'));
    for hidden in key.chain([start, "token-1"]) {
        assert!(
            !logged.contains(hidden),
            "{hidden} is in the log:\n{logged}"
        );
        assert!(!shown.contains(hidden), "{hidden} is in a text:\n{shown}");
    }
}
