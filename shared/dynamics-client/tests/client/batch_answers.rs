//! How a batch is printed, and answers to it that are cut, too long or something else.

use dynamics_client::{Change, CustomLogic, ErrorKind, Outcome, Record, RowKey, WriteOptions};

use crate::simulated::failed;
use crate::support::contact::{ID, named};
use crate::support::{Bench, Reply, contact_table};

pub(crate) fn part(status: &str, content_id: &str) -> String {
    format!(
        "--b\r\nContent-Type: application/http\r\n{content_id}\r\nHTTP/1.1 {status}\r\n\r\n\r\n"
    )
}

pub(crate) fn multipart(parts: &[String]) -> Reply {
    let text = format!("{}--b--\r\n", parts.concat());
    let mut reply = Reply::html(200, &text);
    reply.set_header("content-type", "multipart/mixed; boundary=b");
    reply
}

#[tokio::test]
async fn an_answer_with_a_part_too_few_or_too_many_is_a_protocol_error_of_every_row() {
    let ok = || part("204 X", "");
    let table = contact_table();
    let key = RowKey::Id(ID);
    let record = named();
    let changes = [Change::upsert(&table, &key, &record); 2];
    for reply in [
        multipart(&[ok()]),
        multipart(&[ok(), ok(), ok()]),
        multipart(&[]),
        multipart(&[ok(), part("204 X", "Content-ID: 1\r\n")]),
        multipart(&[ok(), part("nonsense", "")]),
        Reply::json(200, "{}"),
    ] {
        let bench = Bench::new().await;
        bench.server.script([reply.clone()]);
        let results = bench.client.batch(&changes).await;
        for result in results {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Protocol, "{reply:?}");
            assert_eq!(error.outcome(), Outcome::Unknown);
        }
        assert_eq!(bench.server.api_requests().len(), 1);
    }
}

#[tokio::test]
async fn a_cut_batch_answer_or_a_web_page_in_its_place_is_passing_trouble() {
    let ok = || part("204 X", "");
    let table = contact_table();
    let key = RowKey::Id(ID);
    let record = named();
    let changes = [Change::upsert(&table, &key, &record); 2];
    let mut cut = Reply::html(200, &part("204 X", ""));
    cut.set_header("content-type", "multipart/mixed; boundary=b");
    for reply in [
        cut,
        Reply::html(200, "<h1>wait</h1>"),
        Reply::html(502, "<h1>Bad Gateway</h1>"),
        Reply::json(200, ""),
        multipart(&[ok(), ok()]).claiming(4_000),
        Reply::reset(),
    ] {
        let bench = Bench::new().await;
        bench
            .server
            .script([reply.clone(), multipart(&[ok(), ok()])]);
        let results = bench.client.batch(&changes).await;
        assert!(failed(&results).is_empty(), "{reply:?}: {results:?}");
        assert_eq!(bench.server.api_requests().len(), 2);
    }
}

#[tokio::test]
async fn a_batch_is_printed_as_the_web_api_reads_it() {
    let bench = Bench::new().await;
    bench.server.script([multipart(&[part("204 X", "")])]);
    let table = contact_table();
    let key = RowKey::text("emailaddress1", "O'Brian");
    let record = Record::new().text("lastname", "A\r\n--b--");
    let client = bench
        .client
        .writing(WriteOptions::default().bypass_logic(CustomLogic::Sync));
    let results = client.batch(&[Change::upsert(&table, &key, &record)]).await;
    assert!(failed(&results).is_empty());
    let seen = bench.server.api_requests().remove(0);
    assert_eq!(seen.line, "POST /api/data/v9.2/$batch HTTP/1.1");
    assert_eq!(seen.header("prefer"), Some("odata.continue-on-error"));
    let kind = seen.header("content-type").unwrap();
    let boundary = kind
        .strip_prefix("multipart/mixed; boundary=\"")
        .unwrap()
        .strip_suffix('"')
        .unwrap();
    assert_eq!(
        seen.body,
        format!(
            "--{boundary}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
             PATCH /api/data/v9.2/contacts(emailaddress1='O%27%27Brian') HTTP/1.1\r\n\
             mscrm.bypassbusinesslogicexecution: CustomSync\r\n\
             Content-Type: application/json; charset=utf-8\r\n\r\n\
             {{\"lastname\":\"A\\r\\n--b--\"}}\r\n--{boundary}--\r\n"
        )
    );
}
