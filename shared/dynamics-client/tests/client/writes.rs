use dynamics_client::{
    Change, CustomLogic, ETag, ErrorKind, IfMatch, KeyValue, Outcome, Record, RowKey, WriteOptions,
};
use uuid::Uuid;

use crate::support::contact::{ID, ID_TEXT, done, named};
use crate::support::{Bench, Reply, Seen, contact_table};

fn created(bench: &Bench) -> Reply {
    let url = bench.server.api(&format!("contacts({ID_TEXT})"));
    done().header("odata-entityid", url)
}

fn only(bench: &Bench) -> Seen {
    let mut seen = bench.server.api_requests();
    assert_eq!(seen.len(), 1, "{seen:?}");
    seen.remove(0)
}

#[tokio::test]
async fn a_create_is_a_post_and_tells_the_id_that_dataverse_made() {
    let bench = Bench::new().await;
    bench.server.script([created(&bench)]);
    let written = bench
        .client
        .create(&contact_table(), &named())
        .await
        .unwrap();
    assert_eq!((written.id, written.created), (Some(ID), Some(true)));
    let seen = only(&bench);
    assert_eq!(seen.line, "POST /api/data/v9.2/contacts HTTP/1.1");
    assert_eq!(seen.body, r#"{"lastname":"Hansen"}"#);
    assert_eq!(
        seen.header("content-type").unwrap(),
        "application/json; charset=utf-8"
    );
    for name in ["if-match", "if-none-match", "prefer"] {
        assert_eq!(seen.header(name), None, "{name}");
    }
    assert_eq!(bench.counters.snapshot().writes, 1);
}

#[tokio::test]
async fn each_write_carries_the_condition_that_keeps_it_to_what_it_is() {
    let (table, record, key) = (contact_table(), named(), RowKey::Id(ID));
    let tag = IfMatch::ETag(ETag::parse(r#"W/"5""#).unwrap());
    for (change, method, condition) in [
        (
            Change::update(&table, &key, &record, &IfMatch::Any),
            "PATCH",
            Some(("if-match", "*")),
        ),
        (
            Change::update(&table, &key, &record, &tag),
            "PATCH",
            Some(("if-match", "W/\"5\"")),
        ),
        (Change::upsert(&table, &key, &record), "PATCH", None),
        (
            Change::create_only(&table, &key, &record),
            "PATCH",
            Some(("if-none-match", "*")),
        ),
        (Change::delete(&table, &key, &IfMatch::Any), "DELETE", None),
        (
            Change::delete(&table, &key, &tag),
            "DELETE",
            Some(("if-match", "W/\"5\"")),
        ),
    ] {
        let bench = Bench::new().await;
        bench.server.script([done()]);
        let written = bench.client.write(&change).await.unwrap();
        assert_eq!(written.id, Some(ID));
        let seen = only(&bench);
        assert_eq!(
            seen.line,
            format!("{method} /api/data/v9.2/contacts({ID_TEXT}) HTTP/1.1")
        );
        for name in ["if-match", "if-none-match"] {
            let expected = condition
                .filter(|(held, _)| *held == name)
                .map(|(_, value)| value);
            assert_eq!(seen.header(name), expected, "{change:?}");
        }
        assert_eq!(seen.body.is_empty(), method == "DELETE");
    }
}

#[tokio::test]
async fn a_composite_key_is_addressed_with_its_quotes_doubled() {
    let bench = Bench::new().await;
    bench.server.script([done()]);
    let key = RowKey::Alternate(vec![
        ("lastname".into(), KeyValue::Text("O'Brian".into())),
        ("parentcustomerid".into(), KeyValue::Lookup(ID)),
    ]);
    let written = bench
        .client
        .upsert(&contact_table(), &key, &named())
        .await
        .unwrap();
    assert_eq!((written.id, written.created), (None, None));
    assert_eq!(
        only(&bench).line,
        format!(
            "PATCH /api/data/v9.2/contacts(lastname='O%27%27Brian',_parentcustomerid_value={ID_TEXT}) \
             HTTP/1.1"
        )
    );
}

fn page(ids: &[u128]) -> Reply {
    let rows: Vec<String> = ids
        .iter()
        .map(|id| format!(r#"{{"contactid":"{}"}}"#, Uuid::from_u128(*id)))
        .collect();
    Reply::json(200, format!(r#"{{"value":[{}]}}"#, rows.join(",")))
}

#[tokio::test]
async fn a_key_that_no_address_can_carry_is_looked_for_and_its_row_addressed_by_id() {
    let bench = Bench::new().await;
    bench.server.script([page(&[7]), done()]);
    let key = RowKey::text("emailaddress1", "a+b@example.com");
    let written = bench
        .client
        .upsert(&contact_table(), &key, &named())
        .await
        .unwrap();
    assert_eq!((written.id, written.created), (Some(ID), Some(false)));
    let seen = bench.server.api_requests();
    assert_eq!(
        seen[0].line,
        "GET /api/data/v9.2/contacts?$select=contactid&$filter=emailaddress1%20eq%20\
         %27a%2Bb%40example.com%27&$top=2 HTTP/1.1"
    );
    assert_eq!(
        seen[1].line,
        format!("PATCH /api/data/v9.2/contacts({ID_TEXT}) HTTP/1.1")
    );
    assert_eq!(seen[1].header("if-match"), Some("*"));
}

#[tokio::test]
async fn a_key_that_no_address_can_carry_and_no_row_has_creates_one_with_it() {
    let bench = Bench::new().await;
    bench.server.script([page(&[]), created(&bench)]);
    let key = RowKey::text("emailaddress1", "a+b@example.com");
    let written = bench
        .client
        .upsert(&contact_table(), &key, &named())
        .await
        .unwrap();
    assert_eq!((written.id, written.created), (Some(ID), Some(true)));
    let seen = bench.server.api_requests();
    assert_eq!(seen[1].line, "POST /api/data/v9.2/contacts HTTP/1.1");
    assert_eq!(
        seen[1].body,
        r#"{"emailaddress1":"a+b@example.com","lastname":"Hansen"}"#
    );

    bench.server.script([page(&[])]);
    let error = bench
        .client
        .update(&contact_table(), &key, &named(), &IfMatch::Any)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let text = error.to_string();
    assert_eq!(
        text,
        "cannot update contacts by its key emailaddress1: no row has this key. It may have been \
         deleted, or its key changed."
    );
}

#[tokio::test]
async fn a_key_that_two_rows_have_names_both() {
    let bench = Bench::new().await;
    bench.server.script([page(&[7, 8])]);
    let key = RowKey::text("emailaddress1", "a/b");
    let error = bench
        .client
        .upsert(&contact_table(), &key, &named())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "cannot upsert contacts by its key emailaddress1: more than one row has this key: \
             {ID_TEXT} and {} have it. Make them differ, or address the row by its id.",
            Uuid::from_u128(8)
        )
    );
}

#[tokio::test]
async fn the_row_that_was_asked_for_tells_its_version_and_whether_it_is_new() {
    for (status, new) in [(200, false), (201, true)] {
        let bench = Bench::new().await;
        let row = format!(r#"{{"@odata.etag":"W/\"9\"","contactid":"{ID_TEXT}","lastname":"H"}}"#);
        bench.server.script([Reply::json(status, row)]);
        let client = bench
            .client
            .writing(WriteOptions::default().returning(["lastname"]));
        let key = RowKey::text("emailaddress1", "a");
        let written = client
            .upsert(&contact_table(), &key, &named())
            .await
            .unwrap();
        assert_eq!((written.id, written.created), (Some(ID), Some(new)));
        assert_eq!(written.etag.unwrap().as_str(), "W/\"9\"");
        assert_eq!(
            written
                .row
                .unwrap()
                .cell("lastname")
                .text()
                .unwrap()
                .unwrap(),
            "H"
        );
        let seen = only(&bench);
        assert!(
            seen.line.contains("(emailaddress1='a')?$select=lastname "),
            "{}",
            seen.line
        );
        assert_eq!(seen.header("prefer"), Some("return=representation"));
    }
}

#[tokio::test]
async fn options_are_headers_of_every_write() {
    let bench = Bench::new().await;
    bench.server.script([done()]);
    let options = WriteOptions::default()
        .suppress_flows()
        .bypass_plugins()
        .bypass_logic(CustomLogic::SyncAndAsync);
    let client = bench.client.writing(options);
    client
        .delete(&contact_table(), &RowKey::Id(ID), &IfMatch::Any)
        .await
        .unwrap();
    let seen = only(&bench);
    for (name, value) in [
        ("mscrm.suppresscallbackregistrationexpanderjob", "true"),
        ("mscrm.bypasscustompluginexecution", "true"),
        (
            "mscrm.bypassbusinesslogicexecution",
            "CustomSync,CustomAsync",
        ),
    ] {
        assert_eq!(seen.header(name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_written_is_refused_before_anything_is_sent() {
    let bench = Bench::new().await;
    let table = contact_table();
    for record in [
        Record::new().text("a b", "x"),
        Record::new().decimal("amount", "1,5"),
    ] {
        let error = bench.client.create(&table, &record).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRequest);
        assert_eq!(error.outcome(), Outcome::NotApplied);
    }
    assert!(bench.server.seen().is_empty());
}

#[tokio::test]
async fn lookups_are_named_by_their_relationships() {
    let bench = Bench::new().await;
    let body = r#"{"value":[{"ReferencingAttribute":"parentcustomerid","ReferencedEntity":"account","ReferencingEntityNavigationPropertyName":"parentcustomerid_account","MetadataId":"x"}]}"#;
    bench.server.script([Reply::json(200, body)]);
    let found = bench.client.navigations(&contact_table()).await.unwrap();
    assert_eq!(found[0].property, "parentcustomerid_account");
    assert_eq!(
        (found[0].column.as_str(), found[0].target.as_str()),
        ("parentcustomerid", "account")
    );
}
