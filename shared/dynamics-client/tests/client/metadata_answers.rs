//! Answers about an environment that tell too little, or something else: each names what it did not tell.
//! Those about limits and choices are beside.

use dynamics_client::{ColumnKind, ErrorKind, KeyStatus, TableKind};

use crate::support::unusable::{listing, says, with};
use crate::support::{Bench, Reply, contact_table, contact_table_with};

#[tokio::test]
async fn a_column_without_choices_or_targets_is_refused_before_anything_is_sent() {
    let bench = Bench::new().await;
    let table = with("a", ColumnKind::Text);
    let client = &bench.client;
    for (error, why) in [
        (
            client.choices(&table, &["a"]).await.unwrap_err(),
            "column a of contacts is no choice",
        ),
        (
            client.choices(&table, &["b"]).await.unwrap_err(),
            "column \"b\" of contacts is not in the definition that was read",
        ),
        (
            client.lookup_targets(&table, &["a"]).await.unwrap_err(),
            "column a of contacts is no lookup",
        ),
        (
            client.lookup_targets(&table, &["b"]).await.unwrap_err(),
            "column \"b\" of contacts is not in the definition that was read",
        ),
    ] {
        assert_eq!(error.kind(), ErrorKind::BadRequest);
        assert!(error.to_string().contains(why), "{error}");
    }
    assert!(bench.server.seen().is_empty());
}

#[tokio::test]
async fn hostile_names_reach_nobody() {
    let bench = Bench::new().await;
    let client = &bench.client;
    let hostile = "a') or ('";
    let column = with(hostile, ColumnKind::Memo);
    let mut table = contact_table_with(&[("a", ColumnKind::Memo), ("b", ColumnKind::State)]);
    table.logical_name = hostile.into();
    for error in [
        client.limits(&column).await.unwrap_err(),
        client.limits(&table).await.unwrap_err(),
        client.choices(&table, &["b"]).await.unwrap_err(),
        client.alternate_keys(&table).await.unwrap_err(),
        client.describe(hostile).await.unwrap_err(),
        client.row_counts(&["a", "b\"]"]).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{error}");
    }
    assert!(bench.server.seen().is_empty());

    // Neither do names that the answer of a server is to blame for.
    let bench = listing(r#"{"LogicalName":"a","Targets":["account","x' or 'y"]}"#).await;
    let table = with("a", ColumnKind::Lookup);
    let error = bench.client.lookup_targets(&table, &["a"]).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::BadRequest);
    assert_eq!(bench.server.api_requests().len(), 1);
}

#[tokio::test]
async fn a_key_of_an_unknown_kind_is_never_taken_for_an_active_one() {
    for (key, why) in [
        (
            r#"{"LogicalName":"k","KeyAttributes":["a"],"EntityKeyIndexStatus":"Lunar"}"#,
            "key k of contacts has an index status of an unknown kind",
        ),
        (
            r#"{"LogicalName":"k","KeyAttributes":["a"],"EntityKeyIndexStatus":null}"#,
            "key k of contacts has no index status told",
        ),
        (
            r#"{"LogicalName":"k","KeyAttributes":[],"EntityKeyIndexStatus":"Active"}"#,
            "key k of contacts has no columns told",
        ),
    ] {
        let bench = Bench::new().await;
        bench
            .server
            .script([Reply::json(200, format!(r#"{{"Keys":[{key}]}}"#))]);
        says(bench.client.alternate_keys(&contact_table()).await, why);
    }
    for (told, status) in [
        ("Pending", KeyStatus::Pending),
        ("InProgress", KeyStatus::InProgress),
        ("Active", KeyStatus::Active),
        ("Failed", KeyStatus::Failed),
    ] {
        let bench = Bench::new().await;
        bench.server.script([Reply::json(
            200,
            format!(
                r#"{{"Keys":[{{"LogicalName":"k","KeyAttributes":["a"],"EntityKeyIndexStatus":"{told}"}}]}}"#
            ),
        )]);
        let keys = bench.client.alternate_keys(&contact_table()).await.unwrap();
        assert_eq!(keys[0].status, status);
    }
}

#[tokio::test]
async fn an_answer_without_a_list_of_keys_is_not_a_table_without_keys() {
    let bench = Bench::new().await;
    bench
        .server
        .script([Reply::json(200, r#"{"LogicalName":"contact"}"#)]);
    says(
        bench.client.alternate_keys(&contact_table()).await,
        "the JSON is not of the expected form",
    );
}

#[tokio::test]
async fn a_lookup_without_targets_is_named_and_a_target_without_rows_has_no_set() {
    let table = with("a", ColumnKind::Lookup);
    for entry in ["", r#"{"LogicalName":"a","Targets":null}"#] {
        let bench = listing(entry).await;
        let targets = bench.client.lookup_targets(&table, &["a"]).await;
        says(targets, "column a of contacts has no targets told");
    }
    let bench = listing(r#"{"LogicalName":"a","Targets":["contact","owner"]}"#).await;
    bench.server.script([Reply::json(
        200,
        r#"{"value":[{"LogicalName":"owner","EntitySetName":null},
            {"LogicalName":"contact","EntitySetName":"contacts"},7]}"#,
    )]);
    let targets = bench.client.lookup_targets(&table, &["a"]).await.unwrap();
    let sets: Vec<_> = targets["a"]
        .iter()
        .map(|target| (target.table.as_str(), target.entity_set.as_deref()))
        .collect();
    assert_eq!(sets, [("contact", Some("contacts")), ("owner", None)]);
}

#[tokio::test]
async fn more_targets_than_one_condition_lists_take_further_requests() {
    let names: Vec<String> = (0..45).map(|number| format!("\"t{number}\"")).collect();
    let entry = format!(r#"{{"LogicalName":"a","Targets":[{}]}}"#, names.join(","));
    let bench = listing(&entry).await;
    let nothing = || Reply::json(200, r#"{"value":[]}"#);
    bench.server.script([nothing(), nothing(), nothing()]);
    let table = with("a", ColumnKind::Lookup);
    let targets = bench.client.lookup_targets(&table, &["a"]).await.unwrap();
    assert_eq!(targets["a"].len(), 45);
    assert_eq!(bench.counters.snapshot().metadata, 4);
}

#[tokio::test]
async fn tables_that_no_address_reaches_are_left_out_and_strange_ones_named() {
    let bench = listing(
        r#"{"LogicalName":"hidden","EntitySetName":null,"IsPrivate":null},{"LogicalName":null},
           {"LogicalName":"new","EntitySetName":"news","TableType":"Lunar","DisplayName":null}"#,
    )
    .await;
    let tables = bench.client.tables().await.unwrap();
    assert_eq!(tables.len(), 1);
    assert_eq!(
        (tables[0].entity_set.as_str(), tables[0].kind),
        ("news", TableKind::Other)
    );
    assert!(!tables[0].change_tracking && !tables[0].custom);

    let bench = listing(r#"{"LogicalName":"new","EntitySetName":["news"]}"#).await;
    says(
        bench.client.tables().await,
        "table new has a definition of another form",
    );
}

#[tokio::test]
async fn a_count_that_is_not_told_names_the_table() {
    for collection in [
        r#"{"Keys":[],"Values":[]}"#,
        r#"{"Keys":["contact","account"],"Values":[1]}"#,
    ] {
        let bench = Bench::new().await;
        bench.server.script([Reply::json(
            200,
            format!(r#"{{"EntityRecordCountCollection":{collection}}}"#),
        )]);
        says(
            bench.client.row_counts(&["account"]).await,
            "table account has no number of rows told",
        );
    }
}

#[tokio::test]
async fn settings_that_are_null_are_none_and_missing_ones_are_named() {
    let id = r#""organizationid":"00000000-0000-0000-0000-000000000007""#;
    let bench = listing(&format!(
        r#"{{{id},"expirechangetrackingindays":null,"languagecode":null,"_basecurrencyid_value":null}}"#
    ))
    .await;
    let settings = bench.client.organization().await.unwrap();
    assert_eq!(
        (
            settings.change_tracking_days,
            settings.language,
            settings.base_currency
        ),
        (None, None, None)
    );
    for (row, why) in [
        (
            format!(r#"{{{id},"languagecode":1,"_basecurrencyid_value":null}}"#),
            "column expirechangetrackingindays of organizations is not told as a number",
        ),
        (
            format!(
                r#"{{{id},"expirechangetrackingindays":-1,"languagecode":1,"_basecurrencyid_value":null}}"#
            ),
            "column expirechangetrackingindays of organizations is not told as a number",
        ),
        (
            format!(r#"{{{id},"expirechangetrackingindays":7,"languagecode":1}}"#),
            "column _basecurrencyid_value of organizations is not told",
        ),
        (
            r#"{"expirechangetrackingindays":7,"languagecode":1,"_basecurrencyid_value":null}"#
                .to_owned(),
            "column organizationid of organizations is not told",
        ),
        (
            String::new(),
            "the organization is not told, or several are",
        ),
    ] {
        let bench = listing(&row).await;
        says(bench.client.organization().await, why);
    }
}

#[tokio::test]
async fn a_refused_question_says_what_was_asked() {
    let bench = Bench::new().await;
    let client = &bench.client;
    let table = with("a", ColumnKind::State);
    let missing = || Reply::error(404, "0x80060888", "Could not find an entity.");
    bench.server.script([
        Reply::error(403, "0x80040220", "No."),
        missing(),
        Reply::error(403, "", "No."),
        Reply::html(404, "<html>"),
    ]);
    for (error, kind, text) in [
        (
            client.organization().await.unwrap_err(),
            ErrorKind::Forbidden,
            "cannot read the settings of http",
        ),
        (
            client.choices(&table, &["a"]).await.unwrap_err(),
            ErrorKind::NotFound,
            "cannot read the choices of contacts: Dataverse refused (404, 0x80060888): the environment \
             has no table",
        ),
        (
            client.tables().await.unwrap_err(),
            ErrorKind::Forbidden,
            "cannot read which tables there are: Dataverse refused (403)",
        ),
        (
            client.alternate_keys(&table).await.unwrap_err(),
            ErrorKind::NotFound,
            "cannot read the keys of contacts: Dataverse refused (404): there is no Dataverse Web API",
        ),
    ] {
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().starts_with(text), "{error}");
    }
}
