//! Faults on the wire while a row is written: none of them doubles a row or reports one that is not there.

use dynamics_client::{Change, ETag, ErrorKind, IfMatch, Outcome, RowKey};
use uuid::Uuid;

use crate::support::contact::{ID, done, named, with_id, write};
use crate::support::{Reply, contact_table};

fn duplicate() -> Reply {
    Reply::error(412, "0x80040237", "Cannot insert duplicate key.")
}

fn found() -> Reply {
    Reply::json(200, format!(r#"{{"value":[{{"contactid":"{ID}"}}]}}"#))
}

/// Every way in which an answer is lost although the write may have been applied.
fn lost() -> [Reply; 7] {
    [
        Reply::reset(),
        Reply::html(502, "<h1>Bad Gateway</h1>"),
        Reply::html(200, "<h1>Please wait</h1>"),
        Reply::json(200, ""),
        Reply::json(200, r#"{"contactid":"00000"#),
        Reply::json(201, r#"{"contactid":""#).claiming(400),
        Reply::json(504, ""),
    ]
}

#[tokio::test]
async fn a_lost_reply_to_a_create_without_id_or_key_is_never_sent_again() {
    let (table, record) = (contact_table(), named());
    for reply in lost() {
        let (result, bench) =
            write([reply.clone(), done()], &Change::create(&table, &record)).await;
        let error = result.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{reply:?}");
        assert!(error.is_temporary(), "{reply:?}: {error}");
        assert_eq!(bench.server.api_requests().len(), 1, "{reply:?}");
    }
}

#[tokio::test]
async fn a_lost_reply_to_a_create_with_its_own_id_finds_the_row_and_is_a_success() {
    let (table, record) = (contact_table(), with_id());
    for reply in lost() {
        let replies = [reply.clone(), duplicate(), found()];
        let (result, bench) = write(replies, &Change::create(&table, &record)).await;
        let written = result.unwrap();
        assert_eq!(
            (written.id, written.created),
            (Some(ID), Some(true)),
            "{reply:?}"
        );
        let lines: Vec<_> = bench
            .server
            .api_requests()
            .iter()
            .map(|seen| seen.line.clone())
            .collect();
        assert!(
            lines[2].starts_with("GET /api/data/v9.2/contacts?$select=contactid&$filter="),
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn a_lost_reply_to_a_create_whose_other_key_is_taken_is_no_success() {
    let (table, record) = (contact_table(), with_id());
    let replies = [
        Reply::reset(),
        duplicate(),
        Reply::json(200, r#"{"value":[]}"#),
    ];
    let (result, _) = write(replies, &Change::create(&table, &record)).await;
    let error = result.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::DuplicateKey, Outcome::Refused)
    );
}

#[tokio::test]
async fn a_duplicate_key_that_no_lost_reply_explains_is_an_error_at_once() {
    let (table, record) = (contact_table(), with_id());
    let throttled = Reply::error(429, "0x80072322", "").header("retry-after", 1);
    let (result, bench) = write(
        [throttled, duplicate(), found()],
        &Change::create(&table, &record),
    )
    .await;
    let error = result.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::DuplicateKey, Outcome::Refused)
    );
    assert_eq!(bench.server.api_requests().len(), 2);
}

#[tokio::test]
async fn a_lost_reply_to_an_upsert_is_sent_again_until_it_is_known() {
    let (table, record) = (contact_table(), named());
    for key in [RowKey::Id(ID), RowKey::text("emailaddress1", "a")] {
        let replies = lost().into_iter().take(5).chain([done()]);
        let (result, bench) = write(replies, &Change::upsert(&table, &key, &record)).await;
        result.unwrap();
        let seen = bench.server.api_requests();
        assert_eq!(seen.len(), 6);
        assert!(
            seen.iter()
                .all(|one| one.line == seen[0].line && one.body == seen[0].body)
        );
    }
}

#[tokio::test]
async fn a_404_after_a_lost_reply_to_a_delete_is_a_success_and_alone_it_is_not() {
    let (table, key) = (contact_table(), RowKey::Id(ID));
    let gone = || {
        Reply::error(
            404,
            "0x80040217",
            &format!("contact With Id = {ID} Does Not Exist"),
        )
    };
    let delete = Change::delete(&table, &key, &IfMatch::Any);
    for reply in lost() {
        let (result, _) = write([reply.clone(), gone()], &delete).await;
        assert!(result.is_ok(), "{reply:?}");
    }
    let (result, _) = write([gone()], &delete).await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_412_after_a_lost_reply_to_an_update_says_that_the_change_may_be_its_own() {
    let (table, key, record) = (contact_table(), RowKey::Id(ID), with_id());
    let tag = IfMatch::ETag(ETag::parse("W/\"5\"").unwrap());
    let mismatch = || Reply::error(412, "0x80060882", "");
    let update = Change::update(&table, &key, &record, &tag);
    let (result, _) = write([Reply::reset(), mismatch()], &update).await;
    let error = result.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::VersionMismatch, Outcome::Unknown)
    );
    let (result, _) = write([mismatch()], &update).await;
    assert_eq!(result.unwrap_err().outcome(), Outcome::Refused);
}

#[tokio::test]
async fn an_answer_about_another_row_is_a_protocol_error() {
    let (table, key, record) = (contact_table(), RowKey::Id(ID), with_id());
    let other = Uuid::from_u128(9);
    let upsert = Change::upsert(&table, &key, &record);
    for reply in [
        done().header("odata-entityid", format!("https://x/contacts({other})")),
        Reply::json(200, format!(r#"{{"contactid":"{other}"}}"#)),
        Reply::json(200, r#"{"error":{"code":"0x1","message":"m"}}"#),
    ] {
        let (result, bench) = write([reply.clone()], &upsert).await;
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{reply:?}");
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert_eq!(bench.server.api_requests().len(), 1);
    }
}

#[tokio::test]
async fn no_value_of_a_row_or_key_shows_in_an_error_or_in_debug() {
    let (table, record) = (contact_table(), named());
    let key = RowKey::text("emailaddress1", "Hansen");
    let change = Change::upsert(&table, &key, &record);
    let refused = Reply::error(
        400,
        "0x80048d19",
        "Cannot convert the literal 'Hansen' of Hansen",
    );
    let (result, _) = write([refused], &change).await;
    let error = result.unwrap_err();
    assert!(
        !format!("{error} {error:?} {change:?}").contains("Hansen"),
        "{error:?}"
    );
}
