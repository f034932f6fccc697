use dynamics_client::{
    ColumnKind, DateTimeBehavior, ErrorKind, PrivilegeKind, RequiredLevel, TableKind,
};

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
        table.privilege(PrivilegeKind::Read),
        Some("prvReadhlf_Certification")
    );
    assert_eq!(
        table.privilege(PrivilegeKind::Write),
        Some("prvWritehlf_Certification")
    );
    assert_eq!(table.privilege(PrivilegeKind::Delete), None);
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
             ChangeTrackingEnabled,TableType,Privileges,PrimaryNameAttribute,IsActivity\
             &$filter=EntitySetName%20eq%20%27hlf_certifications%27"
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
async fn what_may_be_written_and_what_must_be_is_told() {
    let bench = Bench::new().await;
    let flags = |name, rest: &str| attribute(name, "String", &format!(",{rest}"));
    bench.server.script([definition(&[
        flags(
            "plain",
            r#""IsValidForCreate":true,"IsValidForUpdate":true,"RequiredLevel":{"Value":"Recommended","CanBeChanged":true}"#,
        ),
        flags(
            "stamp",
            r#""IsValidForCreate":true,"IsValidForUpdate":false,"RequiredLevel":{"Value":"SystemRequired"}"#,
        ),
        flags("shadow", r#""IsValidForCreate":true,"IsValidODataAttribute":false"#),
        flags(
            "odd",
            r#""IsValidForCreate":null,"IsValidForUpdate":null,"RequiredLevel":{"Value":"Perhaps"}"#,
        ),
        flags("null", r#""RequiredLevel":null"#),
        r#"{"LogicalName":"secret","AttributeType":"String","IsSecured":true,"CanBeSecuredForCreate":false,"CanBeSecuredForUpdate":true}"#.into(),
        r#"{"LogicalName":"hidden","AttributeType":"String","IsSecured":true,"CanBeSecuredForCreate":null}"#.into(),
        r#"{"LogicalName":"open","AttributeType":"String","IsSecured":false,"CanBeSecuredForUpdate":true}"#.into(),
        r#"{"LogicalName":"statecode","AttributeType":"State"}"#.into(),
    ])]);
    let names = [
        "plain", "stamp", "shadow", "odd", "null", "secret", "hidden", "open",
    ];
    let table = bench
        .client
        .table("hlf_certifications", &names)
        .await
        .unwrap();
    for (name, written, required) in [
        ("plain", (true, true), Some(RequiredLevel::Recommended)),
        ("stamp", (true, false), Some(RequiredLevel::SystemRequired)),
        ("shadow", (false, false), None),
        ("odd", (true, true), None),
        ("null", (true, true), None),
    ] {
        let column = &table.columns[name];
        assert_eq!((column.creatable, column.updatable), written, "{name}");
        assert_eq!(column.required, required, "{name}");
    }
    for (name, secured) in [
        ("secret", (true, false, true)),
        ("hidden", (true, true, true)),
        ("open", (false, false, false)),
    ] {
        let column = &table.columns[name];
        let told = (
            column.secured,
            column.secured_on_create,
            column.secured_on_update,
        );
        assert_eq!(told, secured, "{name}");
    }
    assert!(table.has_state && !table.is_activity);
    assert_eq!(table.primary_name, None);
    assert_eq!(bench.counters.snapshot().metadata, 1);
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
        text.contains("column hlf_name of hlf_certifications has a definition of another form"),
        "{text}"
    );
}

#[tokio::test]
async fn how_a_date_behaves_is_never_guessed() {
    for (told, why) in [
        (
            r#"{"LogicalName":"another","DateTimeBehavior":{"Value":"DateOnly"}}"#,
            "column day of hlf_certifications is a date, but how it behaves is not told",
        ),
        (
            r#"{"LogicalName":"day","DateTimeBehavior":null}"#,
            "column day of hlf_certifications is a date, but how it behaves is not told",
        ),
        (
            r#"{"LogicalName":"day","DateTimeBehavior":{"Value":"Lunar"}}"#,
            "column day of hlf_certifications has a date behavior of an unknown kind",
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
        assert_eq!(table.privilege(PrivilegeKind::Read), None, "{privileges}");
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
