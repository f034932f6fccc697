//! Every fault of the wire, by its name: what it means to a read and to a write.

use std::time::Duration;

use clock::Clock;
use dynamics_client::{Change, ETag, Error, ErrorKind, IfMatch, Outcome, RowKey};

use crate::support::contact::{ID, ID_TEXT, done, named, with_id, write};
use crate::support::{Bench, Reply, contact_table, contacts, empty_page};

/// The error of a write that is refused with `reply` and not tried again.
async fn refused(reply: Reply, change: &Change<'_>) -> Error {
    let (result, bench) = write([reply, done()], change).await;
    let error = result.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Refused);
    assert!(!error.is_temporary(), "{error}");
    assert_eq!(bench.server.api_requests().len(), 1);
    error
}

/// `reply` says nothing of what was done: a read is tried again, and in the end an error without a word of
/// the body; a create without id or key is not.
async fn passes_and_proves_nothing(reply: Reply) {
    let bench = Bench::new().await;
    bench.server.script([reply.clone(), empty_page()]);
    bench.client.page(&contacts()).await.unwrap();

    let bench = Bench::new().await;
    let error = bench.error((0..6).map(|_| reply.clone())).await;
    assert_eq!(
        (error.kind(), error.tries()),
        (ErrorKind::Unavailable, 6),
        "{error}"
    );
    assert!(!format!("{error} {error:?}").contains("Hansen"), "{error}");

    let (table, record) = (contact_table(), named());
    let (result, bench) = write([reply, done()], &Change::create(&table, &record)).await;
    assert_eq!(result.unwrap_err().outcome(), Outcome::Unknown);
    assert_eq!(bench.server.api_requests().len(), 1);
}

#[tokio::test]
async fn a_412_is_not_tried_again_and_says_to_read_the_row() {
    let (table, key, record) = (contact_table(), RowKey::Id(ID), named());
    let tag = IfMatch::ETag(ETag::parse("W/\"5\"").unwrap());
    let update = Change::update(&table, &key, &record, &tag);
    let error = refused(Reply::error(412, "0x80060882", ""), &update).await;
    assert_eq!(error.kind(), ErrorKind::VersionMismatch);
    assert_eq!(
        error.to_string(),
        format!(
            "cannot update contacts {ID_TEXT}: Dataverse refused (412, 0x80060882): the row was changed \
             since this version of it was read. Read the row again and decide anew."
        )
    );
}

#[tokio::test]
async fn a_404_is_not_tried_again_and_says_that_there_is_no_such_row() {
    let (table, key, record) = (contact_table(), RowKey::Id(ID), named());
    let update = Change::update(&table, &key, &record, &IfMatch::Any);
    let error = refused(Reply::error(404, "0x80040217", ""), &update).await;
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(
        error.to_string(),
        format!(
            "cannot update contacts {ID_TEXT}: Dataverse refused (404, 0x80040217): there is no such row. \
             It may have been deleted."
        )
    );
}

#[tokio::test]
async fn a_duplicate_key_is_not_tried_again_and_says_to_use_another() {
    let (table, record) = (contact_table(), with_id());
    let create = Change::create(&table, &record);
    let error = refused(Reply::error(412, "0x80040237", ""), &create).await;
    assert_eq!(error.kind(), ErrorKind::DuplicateKey);
    assert_eq!(
        error.to_string(),
        format!(
            "cannot create contacts {ID_TEXT}: Dataverse refused (412, 0x80040237): there is a row \
             already with the same id or the same values of a key. Update that row, or use another id \
             or key."
        )
    );
}

#[tokio::test]
async fn throttling_holds_every_request_for_what_it_asks_even_a_create_without_id() {
    let throttled = || Reply::error(429, "0x80072322", "").header("retry-after", 17);
    let (table, record) = (contact_table(), named());
    let (result, bench) = write([throttled(), done()], &Change::create(&table, &record)).await;
    result.unwrap();
    assert_eq!(bench.slept_s(), [17]);
    assert_eq!(bench.counters.snapshot().throttled, 1);

    let bench = Bench::new().await;
    bench.server.script([throttled(), empty_page()]);
    bench.client.page(&contacts()).await.unwrap();
    assert_eq!(bench.slept_s(), [17]);
}

#[tokio::test]
async fn a_502_with_html_passes_and_proves_nothing() {
    passes_and_proves_nothing(Reply::html(502, "<h1>Bad Gateway, Hansen</h1>")).await;
}

#[tokio::test]
async fn a_reset_passes_and_proves_nothing() {
    passes_and_proves_nothing(Reply::reset()).await;
}

#[tokio::test]
async fn half_a_body_passes_and_proves_nothing() {
    passes_and_proves_nothing(Reply::json(200, r#"{"value":[{"lastname":"Hansen"#)).await;
}

#[tokio::test]
async fn a_content_length_that_is_wrong_passes_and_proves_nothing() {
    let body = r#"{"value":[{"lastname":"Hansen"}]}"#;
    passes_and_proves_nothing(Reply::json(200, body).claiming(body.len() + 1)).await;
    passes_and_proves_nothing(Reply::json(200, body).claiming(body.len() - 1)).await;
}

#[tokio::test]
async fn a_slow_body_ends_with_the_caller_and_leaves_the_outcome_unknown() {
    let (table, record) = (contact_table(), with_id());
    let row = format!(r#"{{"contactid":"{ID}"}}"#);
    for reply in [
        Reply::json(201, row.clone()).dripping(),
        Reply::json(201, row.clone()).claiming(400).then_silence(),
        Reply::silence(),
    ] {
        let bench = Bench::new().await;
        bench.server.script([reply.clone(), reply.clone()]);
        let deadline = clock::after(bench.clock.now(), Duration::from_millis(300));
        let client = bench.client.until(deadline);
        let error = client.create(&table, &record).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{reply:?}");
        assert!(error.is_temporary(), "{error}");
        let client = bench
            .client
            .until(clock::after(bench.clock.now(), Duration::from_millis(300)));
        let error = client.page(&contacts()).await.unwrap_err();
        assert!(error.is_temporary(), "{error}");
    }
}
