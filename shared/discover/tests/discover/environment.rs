//! What is found in a simulated environment, and how much is asked for it.

use discover::{Description, Head, Required, Selection, describe, nearest, stream_file, tables};
use dynamics_client::ErrorKind;
use streams::{FieldKind, Key, StreamFile};

use crate::bench::{ENGLISH, bench};

fn by_name(tables: &[Description]) -> String {
    stream_file(&Head::default(), tables, Selection::Name)
}

#[tokio::test]
async fn tables_are_listed_with_their_rows_in_two_requests() {
    let bench = bench().await;
    let found = tables(&bench.client, ENGLISH).await.unwrap();
    assert_eq!(bench.simulator.requests().total, 2);
    let of = |name: &str| found.iter().find(|line| line.table == name).unwrap();
    assert_eq!(of("contacts").rows, Some(12));
    let certifications = of("hlf_certifications");
    assert_eq!(certifications.label.as_deref(), Some("Certification"));
    assert!(certifications.custom && certifications.change_tracking && certifications.syncable);
    let elastic = of("hlf_sensorreadings");
    assert_eq!((elastic.rows, elastic.syncable), (None, false));
}

#[tokio::test]
async fn labels_are_in_the_language_that_is_preferred() {
    let bench = bench().await;
    let found = describe(&bench.client, "hlf_certifications", &[1044, 1033]).await;
    let columns = found.unwrap().columns;
    let status = columns
        .iter()
        .find(|one| one.column == "hlf_status")
        .unwrap();
    let norwegian: Vec<_> = status
        .choices
        .iter()
        .map(|one| one.label.as_deref().unwrap())
        .collect();
    assert_ne!(norwegian, ["Active", "Expired", "Suspended"]);
}

#[tokio::test]
async fn only_the_table_that_is_named_is_asked_about_however_many_rows_it_has() {
    let bench = bench().await;
    bench.described("hlf_certifications").await;
    let asked = bench.simulator.requests();
    bench
        .simulator
        .burst("hlf_certifications", 5_500, 0, 0)
        .unwrap();
    bench.simulator.reset_requests();
    bench.described("hlf_certifications").await;
    assert_eq!(bench.simulator.requests().total, asked.total);
    assert!(asked.total <= 17, "{}", asked.total);
    for request in &asked.last {
        assert!(
            request.target.contains("EntityDefinitions"),
            "{}",
            request.target
        );
        let other =
            request.target.contains("'account'") || request.target.contains("%27account%27");
        assert!(!other, "{}", request.target);
    }
}

#[tokio::test]
async fn a_column_is_told_with_all_that_a_mapping_needs() {
    let bench = bench().await;
    let table = bench.described("hlf_certifications").await;
    let of = |name: &str| table.columns.iter().find(|one| one.column == name).unwrap();
    let code = of("hlf_mentorcode");
    assert_eq!((code.kind, code.max_length), ("text", Some(20)));
    assert_eq!(code.label.as_deref(), Some("Mentor Code"));
    assert_eq!(code.required, Required::OnForms);
    assert_eq!(of("hlf_contactid").lookup, ["contacts"]);
    let choices = of("hlf_status").choices.iter();
    let choices: Vec<_> = choices
        .map(|one| (one.value, one.label.as_deref().unwrap()))
        .collect();
    assert_eq!(choices, [(1, "Active"), (2, "Expired"), (3, "Suspended")]);
    assert_eq!(of("hlf_validto").kind, "date");
    assert!(!of("modifiedon").writable);
    assert!(
        table
            .keys
            .iter()
            .any(|key| key.active && key.columns == ["hlf_mentorcode"])
    );
}

#[tokio::test]
async fn a_secured_column_is_marked_and_not_read() {
    let bench = bench().await;
    bench.simulator.switch(|switches| {
        let secured = switches
            .secured_columns
            .entry("hlf_certifications".into())
            .or_default();
        secured.insert("hlf_comment".into());
    });
    let table = bench.described("hlf_certifications").await;
    let comment = table
        .columns
        .iter()
        .find(|one| one.column == "hlf_comment")
        .unwrap();
    assert!(comment.secured);
    let file = by_name(&[table]);
    assert!(
        file.contains("\n# comment = \"hlf_comment\"  # Comment, secured\n"),
        "{file}"
    );
}

#[tokio::test]
async fn the_stream_file_of_every_table_is_accepted_and_reads_what_it_says() {
    let bench = bench().await;
    let mut described = Vec::new();
    for table in tables(&bench.client, ENGLISH).await.unwrap() {
        if table.syncable {
            described.push(bench.described(&table.table).await);
        }
    }
    let text = by_name(&described);
    let file =
        StreamFile::parse(&text, "found.toml").unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(file.streams.len(), described.len());
    let stream = file.stream("certifications").unwrap();
    assert_eq!(stream.key, Key::Columns(vec!["hlf_mentorcode".to_owned()]));
    let status = stream
        .fields
        .iter()
        .find(|field| field.name == "status")
        .unwrap();
    let FieldKind::Choice(labels) = &status.kind else {
        panic!("{status:?}");
    };
    assert_eq!(labels[&2], "expired");
    for (stream, described) in file.streams.iter().zip(&described) {
        let table = bench.client.describe(&described.table).await.unwrap().table;
        assert_eq!(stream.table, table.entity_set);
        for field in &stream.fields {
            assert!(table.columns[&field.column].readable, "{}", field.column);
        }
    }
}

#[tokio::test]
async fn a_table_whose_own_name_begins_with_an_underscore_makes_a_file_that_is_accepted() {
    let bench = bench().await;
    let mut table = bench.described("contacts").await;
    table.table = "hlf__secrets".to_owned();
    let text = by_name(&[table]);
    let file = StreamFile::parse(&text, "found.toml").unwrap_or_else(|error| {
        panic!(
            "{error}
{text}"
        )
    });
    assert_eq!(file.streams[0].table, "hlf__secrets");
}

/// What is in comments must be as good: people take the mark away.
#[tokio::test]
async fn the_fields_in_comments_are_accepted_too() {
    let bench = bench().await;
    let contacts = bench.described("contacts").await;
    let text = by_name(&[contacts]);
    let (head, fields) = text.split_once("[stream.fields]").unwrap();
    let all = format!("{head}[stream.fields]{}", fields.replace("\n# ", "\n"));
    let file =
        StreamFile::parse(&all, "found.toml").unwrap_or_else(|error| panic!("{error}\n{all}"));
    assert!(file.streams[0].fields.len() > 10);
}

#[tokio::test]
async fn a_name_that_no_table_has_is_an_error_and_the_nearest_is_found() {
    let bench = bench().await;
    let error = describe(&bench.client, "contact", ENGLISH)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    for (name, near) in [
        ("contact", Some("contacts")),
        ("hlf_certfications", Some("hlf_certifications")),
        ("nothing_like_it", None),
    ] {
        assert_eq!(
            nearest(&bench.client, name).await.unwrap().as_deref(),
            near,
            "{name}"
        );
    }
}
