use dynamics_client::{ColumnKind, DateTimeBehavior, ErrorKind, TableKind};

use crate::support::{Bench, Reply};

fn attribute(name: &str, kind: &str, rest: &str) -> String {
    format!(
        r#"{{"LogicalName":"{name}","AttributeType":"{kind}","AttributeTypeName":{{"Value":"{kind}Type"}},"IsValidForRead":true,"IsSecured":false{rest}}}"#
    )
}

/// As Dataverse lists them: in no order, and with more than is looked at.
const PRIVILEGES: &str = r#"{"CanBeBasic":true,"Name":"prvWritehlf_Certification","PrivilegeId":"x","PrivilegeType":"Write"},{"CanBeBasic":true,"Name":"prvReadhlf_Certification","PrivilegeId":"y","PrivilegeType":"Read"}"#;

fn definition(attributes: &[String]) -> Reply {
    let attributes = attributes.join(",");
    Reply::json(
        200,
        format!(
            r#"{{"value":[{{"MetadataId":"x","LogicalName":"hlf_certification","EntitySetName":"hlf_certifications","PrimaryIdAttribute":"hlf_certificationid","ChangeTrackingEnabled":true,"TableType":"Standard","Privileges":[{PRIVILEGES}],"Attributes":[{attributes}]}}]}}"#
        ),
    )
}

#[tokio::test]
async fn a_table_without_dates_takes_one_request() {
    let bench = Bench::new().await;
    bench.server.script([definition(&[
        attribute("hlf_name", "String", ""),
        attribute(
            "hlf_contactid",
            "Lookup",
            r#","IsValidODataAttribute":true"#,
        ),
        attribute("hlf_fee", "Money", ""),
        attribute(
            "hlf_contactidname",
            "String",
            r#","IsValidODataAttribute":false"#,
        ),
        attribute("not_asked_for", "DateTime", ""),
    ])]);
    let columns = [
        "hlf_name",
        "hlf_contactid",
        "hlf_contactidname",
        "hlf_missing",
    ];
    let table = bench
        .client
        .table("hlf_certifications", &columns)
        .await
        .unwrap();
    assert_eq!(table.logical_name, "hlf_certification");
    assert_eq!(table.primary_id, "hlf_certificationid");
    assert!(table.change_tracking);
    assert_eq!(table.kind, TableKind::Standard);
    assert_eq!(
        table.read_privilege.as_deref(),
        Some("prvReadhlf_Certification")
    );
    assert_eq!(table.columns.len(), 3);
    assert_eq!(
        table.select_name("hlf_contactid").as_deref(),
        Some("_hlf_contactid_value")
    );
    assert_eq!(table.select_name("hlf_name").as_deref(), Some("hlf_name"));
    assert_eq!(table.select_name("hlf_missing"), None);
    assert!(!table.columns["hlf_contactidname"].readable);
    assert_eq!(bench.counters.snapshot().metadata, 1);
    let request = &bench.server.api_requests()[0].line;
    assert!(
        request.starts_with(
            "GET /api/data/v9.2/EntityDefinitions?$select=LogicalName,EntitySetName,PrimaryIdAttribute,\
             ChangeTrackingEnabled,TableType,Privileges&$filter=EntitySetName%20eq%20%27hlf_certifications%27"
        ),
        "{request}"
    );
}

#[tokio::test]
async fn every_column_type_is_known_and_dates_take_one_more_request() {
    let bench = Bench::new().await;
    let types = [
        ("String", ColumnKind::Text),
        ("Memo", ColumnKind::Memo),
        ("Integer", ColumnKind::Integer),
        ("BigInt", ColumnKind::BigInt),
        ("Decimal", ColumnKind::Decimal),
        ("Double", ColumnKind::Double),
        ("Money", ColumnKind::Money),
        ("Boolean", ColumnKind::Boolean),
        ("Lookup", ColumnKind::Lookup),
        ("Customer", ColumnKind::Lookup),
        ("Owner", ColumnKind::Lookup),
        ("Picklist", ColumnKind::Choice),
        ("State", ColumnKind::State),
        ("Status", ColumnKind::Status),
        ("Uniqueidentifier", ColumnKind::Guid),
        ("EntityName", ColumnKind::Other("EntityNameType".into())),
    ];
    let mut attributes: Vec<String> = types
        .iter()
        .map(|(name, _)| attribute(name, name, ""))
        .collect();
    for date in ["local", "day", "wall"] {
        attributes.push(attribute(date, "DateTime", ""));
    }
    attributes.push(
        r#"{"LogicalName":"many","AttributeType":"Virtual","AttributeTypeName":{"Value":"MultiSelectPicklistType"},"IsValidForRead":true,"IsSecured":true}"#.into(),
    );
    bench.server.script([
        definition(&attributes),
        Reply::json(
            200,
            r#"{"value":[{"LogicalName":"local","DateTimeBehavior":{"Value":"UserLocal"}},
                {"LogicalName":"day","DateTimeBehavior":{"Value":"DateOnly"}},
                {"LogicalName":"wall","DateTimeBehavior":{"Value":"TimeZoneIndependent"}},
                {"LogicalName":"another","DateTimeBehavior":{"Value":"DateOnly"}}]}"#,
        ),
    ]);
    let mut names: Vec<&str> = types.iter().map(|(name, _)| *name).collect();
    names.extend(["local", "day", "wall", "many"]);
    let table = bench
        .client
        .table("hlf_certifications", &names)
        .await
        .unwrap();
    for (name, kind) in types {
        assert_eq!(table.columns[name].kind, kind);
    }
    for (name, behavior) in [
        ("local", DateTimeBehavior::UserLocal),
        ("day", DateTimeBehavior::DateOnly),
        ("wall", DateTimeBehavior::TimeZoneIndependent),
    ] {
        assert_eq!(table.columns[name].kind, ColumnKind::DateTime(behavior));
    }
    assert_eq!(table.columns["many"].kind, ColumnKind::Choices);
    assert!(table.columns["many"].secured);
    assert_eq!(bench.counters.snapshot().metadata, 2);
}

#[tokio::test]
async fn a_null_of_a_column_that_nobody_asked_for_fails_no_table() {
    let bench = Bench::new().await;
    bench.server.script([definition(&[
        r#"{"LogicalName":"strange","AttributeType":null,"AttributeTypeName":null,"IsValidForRead":null,"IsSecured":null,"IsValidODataAttribute":null}"#.into(),
        r#"{"LogicalName":null,"AttributeType":7,"IsValidForRead":"yes"}"#.into(),
        r#"{"LogicalName":"hlf_name","AttributeType":"String","AttributeTypeName":null,"IsValidForRead":null,"IsSecured":null}"#.into(),
    ])]);
    let table = bench
        .client
        .table("hlf_certifications", &["hlf_name"])
        .await
        .unwrap();
    let column = &table.columns["hlf_name"];
    assert_eq!(column.kind, ColumnKind::Text);
    assert!(column.readable && !column.secured);
    assert_eq!(table.columns.len(), 1);
}

#[tokio::test]
async fn a_column_that_was_asked_for_and_is_of_another_form_is_named() {
    let bench = Bench::new().await;
    let strange = r#"{"LogicalName":"hlf_name","AttributeType":7}"#.to_owned();
    bench.server.script([definition(&[strange])]);
    let error = bench
        .client
        .table("hlf_certifications", &["hlf_name"])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    let text = error.to_string();
    assert!(
        text.contains("column hlf_name has a definition of another form"),
        "{text}"
    );
}

#[tokio::test]
async fn how_a_date_behaves_is_never_guessed() {
    for (told, why) in [
        (
            r#"{"LogicalName":"another","DateTimeBehavior":{"Value":"DateOnly"}}"#,
            "column day is a date, but how it behaves is not told",
        ),
        (
            r#"{"LogicalName":"day","DateTimeBehavior":null}"#,
            "column day is a date, but how it behaves is not told",
        ),
        (
            r#"{"LogicalName":"day","DateTimeBehavior":{"Value":"Lunar"}}"#,
            "column day has a date behavior of an unknown kind",
        ),
    ] {
        let bench = Bench::new().await;
        bench.server.script([
            definition(&[attribute("day", "DateTime", "")]),
            Reply::json(200, format!(r#"{{"value":[{told}]}}"#)),
        ]);
        let table = bench.client.table("hlf_certifications", &["day"]).await;
        let error = table.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
        let text = error.to_string();
        assert!(text.contains(why), "{text}");
    }
}

#[tokio::test]
async fn a_table_without_a_privilege_to_read_it_has_none() {
    for privileges in [
        r#""Privileges":[]"#,
        r#""Privileges":null"#,
        r#""Privileges":[{"Name":"prvCreateThing","PrivilegeType":"Create"},{"Name":null,"PrivilegeType":null}]"#,
    ] {
        let bench = Bench::new().await;
        bench.server.script([Reply::json(
            200,
            format!(
                r#"{{"value":[{{"LogicalName":"thing","EntitySetName":"things","PrimaryIdAttribute":"thingid",{privileges}}}]}}"#
            ),
        )]);
        let table = bench.client.table("things", &[]).await.unwrap();
        assert_eq!(table.read_privilege, None, "{privileges}");
    }
}

#[tokio::test]
async fn a_missing_table_is_named() {
    let bench = Bench::new().await;
    bench.server.script([Reply::json(200, r#"{"value":[]}"#)]);
    let error = bench.client.table("contactz", &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(
        error.to_string(),
        "cannot read the definition of contactz: Dataverse knows no such table: the environment has no \
         table with this entity set name. Check its spelling (it is usually a plural, and case counts) \
         and that the app that brings the table is installed."
    );
}

#[tokio::test]
async fn a_name_that_is_no_name_reaches_nobody() {
    let bench = Bench::new().await;
    let error = bench.client.table("x' or 1 eq 1", &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    assert!(bench.server.seen().is_empty());
}
