//! Answers about the limits and choices of columns that tell too little, or something else.

use dynamics_client::{ColumnKind, Labels, Limits};

use crate::support::unusable::{listing, says, with};
use crate::support::{Bench, contact_table_with};

#[tokio::test]
async fn a_limit_that_is_not_told_names_the_column() {
    for (kind, entry, why) in [
        (ColumnKind::Text, "", "has no length told"),
        (
            ColumnKind::Text,
            r#"{"LogicalName":"a","FormatName":{"Value":"Text"}}"#,
            "has no length told",
        ),
        (
            ColumnKind::Memo,
            r#"{"LogicalName":"a","MaxLength":null}"#,
            "has no length told",
        ),
        (
            ColumnKind::Text,
            r#"{"LogicalName":"a","MaxLength":"long"}"#,
            "has a definition of another form",
        ),
        (
            ColumnKind::Integer,
            r#"{"LogicalName":"a","MinValue":0}"#,
            "has no bounds told",
        ),
        (
            ColumnKind::Decimal,
            r#"{"LogicalName":"a","MinValue":0,"MaxValue":1,"Precision":null}"#,
            "has no precision told",
        ),
        (
            ColumnKind::Money,
            r#"{"LogicalName":"a","MinValue":"0","MaxValue":1,"Precision":2}"#,
            "has no bounds told",
        ),
        (
            ColumnKind::Double,
            r#"{"LogicalName":"b","MinValue":0,"MaxValue":1,"Precision":2}"#,
            "has no bounds told",
        ),
    ] {
        let bench = listing(entry).await;
        let limits = bench.client.limits(&with("a", kind)).await;
        says(limits, &format!("column a of contacts {why}"));
    }
}

#[tokio::test]
async fn what_is_strange_about_another_column_hides_no_limit() {
    let entries = r#"7,{"LogicalName":null},{"LogicalName":"b","MaxLength":"x"},
        {"LogicalName":"a","MaxLength":4,"FormatName":null,"More":{}}"#;
    let bench = listing(entries).await;
    let limits = bench.client.limits(&with("a", ColumnKind::Text)).await;
    let expected = Limits::Text {
        max_length: 4,
        format: None,
    };
    assert_eq!(limits.unwrap()["a"], expected);
}

#[tokio::test]
async fn bounds_keep_every_digit() {
    let entry = r#"{"LogicalName":"a","MinValue":-100000000000.0000000001,"MaxValue":1E+11,"Precision":10}"#;
    let bench = listing(entry).await;
    let limits = bench.client.limits(&with("a", ColumnKind::Decimal)).await;
    let expected = Limits::Number {
        min: "-100000000000.0000000001".into(),
        max: "1E+11".into(),
        precision: Some(10),
    };
    assert_eq!(limits.unwrap()["a"], expected);
}

#[tokio::test]
async fn a_table_without_texts_and_numbers_has_no_limits_to_ask_for() {
    let bench = Bench::new().await;
    let table = with("a", ColumnKind::Boolean);
    assert!(bench.client.limits(&table).await.unwrap().is_empty());
    assert!(bench.server.seen().is_empty());
}

#[tokio::test]
async fn many_columns_are_asked_for_without_a_condition_that_lists_them() {
    for (count, listed) in [(20, true), (21, false)] {
        let names: Vec<String> = (0..count).map(|number| format!("a{number}")).collect();
        let columns: Vec<_> = names
            .iter()
            .map(|name| (name.as_str(), ColumnKind::Memo))
            .collect();
        let entries: Vec<String> = names
            .iter()
            .map(|name| format!(r#"{{"LogicalName":"{name}","MaxLength":1}}"#))
            .collect();
        let bench = listing(&entries.join(",")).await;
        let limits = bench.client.limits(&contact_table_with(&columns)).await;
        assert_eq!(limits.unwrap().len(), count);
        let line = &bench.server.api_requests()[0].line;
        assert_eq!(line.contains("$filter="), listed, "{line}");
    }
}

#[tokio::test]
async fn a_choice_that_is_not_told_names_the_column() {
    for (kind, entry, why) in [
        (ColumnKind::Choice, "", "has no choices told"),
        (
            ColumnKind::Choice,
            r#"{"LogicalName":"a","OptionSet":null,"GlobalOptionSet":null}"#,
            "has no choices told",
        ),
        (
            ColumnKind::State,
            r#"{"LogicalName":"a","OptionSet":{"Options":null}}"#,
            "has no choices told",
        ),
        (
            ColumnKind::Boolean,
            r#"{"LogicalName":"a","OptionSet":{"TrueOption":{"Value":1}}}"#,
            "has no choices told",
        ),
        (
            ColumnKind::Status,
            r#"{"LogicalName":"a","OptionSet":{"Options":[{"Value":null,"State":0}]}}"#,
            "has a choice whose number is not told",
        ),
        (
            ColumnKind::Choices,
            r#"{"LogicalName":"a","OptionSet":{"Options":[{"Value":"one"}]}}"#,
            "has a definition of another form",
        ),
    ] {
        let bench = listing(entry).await;
        let choices = bench.client.choices(&with("a", kind), &["a"]).await;
        says(choices, &format!("column a of contacts {why}"));
    }
}

#[tokio::test]
async fn shared_choices_of_several_at_once_count_where_a_column_has_none_of_its_own() {
    let entry = r#"{"LogicalName":"a","OptionSet":null,"GlobalOptionSet":{"Options":[
        {"Value":727000000,"Label":{"LocalizedLabels":[{"Label":"Starter","LanguageCode":1033}]}}]}}"#;
    let bench = listing(entry).await;
    let table = with("a", ColumnKind::Choices);
    let choices = bench.client.choices(&table, &["a"]).await.unwrap();
    let choice = &choices["a"][0];
    assert_eq!((choice.value, choice.state), (727_000_000, None));
    assert_eq!(choice.labels.get(1033), Some("Starter"));
    let line = &bench.server.api_requests()[0].line;
    assert!(
        line.starts_with(
            "GET /api/data/v9.2/EntityDefinitions(LogicalName=%27contact%27)/Attributes/\
             Microsoft.Dynamics.CRM.MultiSelectPicklistAttributeMetadata?$select=LogicalName\
             &$expand=OptionSet($select=Options),GlobalOptionSet($select=Options)\
             &$filter=LogicalName%20eq%20%27a%27"
        ),
        "{line}"
    );
}

#[tokio::test]
async fn labels_that_are_null_or_empty_are_none() {
    for (label, english) in [
        ("null", None),
        ("{}", None),
        (
            r#"{"LocalizedLabels":null,"UserLocalizedLabel":null}"#,
            None,
        ),
        (
            r#"{"LocalizedLabels":[null,7,{"Label":null,"LanguageCode":1033},{"Label":"x","LanguageCode":null},{"Label":"","LanguageCode":1033},{"Label":"x","LanguageCode":-1}]}"#,
            None,
        ),
        (
            r#"{"LocalizedLabels":[],"UserLocalizedLabel":{"Label":"Only","LanguageCode":1033}}"#,
            Some("Only"),
        ),
    ] {
        let entry = format!(
            r#"{{"LogicalName":"a","OptionSet":{{"Options":[{{"Value":1,"Label":{label}}}]}}}}"#
        );
        let bench = listing(&entry).await;
        let table = with("a", ColumnKind::Choice);
        let choices = bench.client.choices(&table, &["a"]).await.unwrap();
        let labels = &choices["a"][0].labels;
        assert_eq!(labels.get(1033), english, "{label}");
        assert_eq!(labels.preferring(&[1044]), english, "{label}");
    }
    assert_eq!(Labels::default().preferring(&[1033]), None);
}
