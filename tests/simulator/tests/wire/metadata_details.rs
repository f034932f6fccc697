use anyhow::Result;
use serde_json::{Value as Json, json};

use crate::lab::{Lab, small};
use crate::metadata::named;

#[tokio::test]
async fn a_cast_to_nothing_known_or_with_a_property_of_another_type_is_refused() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let columns = "EntityDefinitions(LogicalName='contact')/Attributes";
    let crm = "Microsoft.Dynamics.CRM";
    // Also where no column is of the type: contacts have no floating point number.
    for query in [
        format!("{columns}/{crm}.DoubleAttributeMetadata?$select=LogicalName,MaxLength"),
        format!("{columns}/{crm}.StringAttributeMetadata?$select=LogicalName,Targets"),
        format!("{columns}/{crm}.StringAttributeMetadata?$expand=OptionSet"),
        format!("{columns}?$select=LogicalName,MaxLength"),
        format!("{columns}?$select=LogicalName,Nope"),
        format!("{columns}/{crm}.PicklistAttributeMetadata?$expand=OptionSet($select=Nope)"),
        "EntityDefinitions?$select=LogicalName&$expand=Attributes($select=MaxLength)".to_owned(),
    ] {
        let (status, body) = lab.get(&query).await?;
        let refused = (status, &body["error"]["code"]);
        assert_eq!(refused, (400, &json!("0x80060888")), "{query}");
    }
    let unknown = format!("{columns}/{crm}.EnumAttributeMetadata?$select=LogicalName");
    let (status, body) = lab.get(&unknown).await?;
    assert_eq!(
        (status, &body["error"]["code"]),
        (404, &json!("0x80060888"))
    );
    let none = format!("{columns}/{crm}.DoubleAttributeMetadata?$select=LogicalName,MinValue");
    assert_eq!(lab.get(&none).await?.1["value"], json!([]));
    Ok(())
}

#[tokio::test]
async fn definitions_of_columns_are_changed_deleted_and_added() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let altered = json!({
        "emailaddress1": { "MaxLength": 50, "RequiredLevel": { "Value": "SystemRequired" } },
        "firstname": null,
        "new_note": { "AttributeType": "Memo", "MaxLength": 7 },
    });
    lab.simulator.switch(|switches| {
        let altered = serde_json::from_value(altered).unwrap_or_default();
        switches.altered_columns.insert("contacts".into(), altered);
    });
    let columns = "EntityDefinitions(LogicalName='contact')/Attributes";
    let crm = "Microsoft.Dynamics.CRM";
    let all = format!("{columns}?$select=LogicalName,RequiredLevel,AttributeTypeName");
    let (_, all) = lab.get(&all).await?;
    let of = |name: &str| named(&all["value"], name);
    // What is not named of an object stays.
    let level = &of("emailaddress1")["RequiredLevel"];
    let told = (&level["Value"], &level["CanBeChanged"]);
    assert_eq!(told, (&json!("SystemRequired"), &json!(false)));
    assert_eq!(of("firstname"), &Json::Null);
    assert_eq!(of("new_note")["AttributeTypeName"]["Value"], "MemoType");
    for (cast, column, length) in [("String", "emailaddress1", 50), ("Memo", "new_note", 7)] {
        let cast = format!(
            "{columns}/{crm}.{cast}AttributeMetadata?$select=LogicalName,MaxLength\
             &$filter=LogicalName%20eq%20%27{column}%27"
        );
        let (_, told) = lab.get(&cast).await?;
        assert_eq!(named(&told["value"], column)["MaxLength"], length);
    }
    Ok(())
}

#[tokio::test]
async fn limits_come_with_a_cast_and_only_those_selected() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let table = "EntityDefinitions(LogicalName='contact')/Attributes/Microsoft.Dynamics.CRM";
    for (cast, select, column, expected) in [
        (
            "String",
            "MaxLength,FormatName",
            "emailaddress1",
            json!({ "MaxLength": 100, "FormatName": { "Value": "Email" } }),
        ),
        (
            "Memo",
            "MaxLength",
            "description",
            json!({ "MaxLength": 2_000 }),
        ),
        (
            "Integer",
            "MinValue,MaxValue",
            "numberofchildren",
            json!({ "MinValue": i32::MIN, "MaxValue": i32::MAX }),
        ),
        (
            "Money",
            "Precision",
            "creditlimit",
            json!({ "Precision": 4 }),
        ),
    ] {
        let (_, body) = lab
            .get(&format!(
                "{table}.{cast}AttributeMetadata?$select=LogicalName,{select}\
                 &$filter=LogicalName eq '{column}' or LogicalName eq 'nothing'"
            ))
            .await?;
        let [one] = body["value"].as_array().map_or(&[][..], Vec::as_slice) else {
            anyhow::bail!("{body}");
        };
        let mut told = one.clone();
        if let Some(told) = told.as_object_mut() {
            told.remove("MetadataId");
            told.remove("LogicalName");
        }
        assert_eq!(told, expected);
    }
    Ok(())
}

#[tokio::test]
async fn choices_come_in_both_languages_and_shared_ones_as_shared() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let (_, body) = lab
        .get(
            "EntityDefinitions(LogicalName='hlf_certification')/Attributes/\
             Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName\
             &$expand=OptionSet,GlobalOptionSet($select=Options)",
        )
        .await?;
    let status = named(&body["value"], "hlf_status");
    assert_eq!(status["OptionSet"]["IsGlobal"], true);
    assert_eq!(status["OptionSet"]["Name"], "hlf_certificationstatus");
    let labels = &status["GlobalOptionSet"]["Options"][1]["Label"]["LocalizedLabels"];
    let texts: Vec<_> = labels
        .as_array()
        .into_iter()
        .flatten()
        .map(|label| (&label["LanguageCode"], &label["Label"]))
        .collect();
    assert_eq!(
        texts,
        [
            (&json!(1033), &json!("Expired")),
            (&json!(1044), &json!("Utløpt"))
        ]
    );
    let (_, body) = lab
        .get(
            "EntityDefinitions(LogicalName='contact')/Attributes/\
             Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$expand=OptionSet,GlobalOptionSet",
        )
        .await?;
    let gender = named(&body["value"], "gendercode");
    assert_eq!(gender["OptionSet"]["IsGlobal"], false);
    assert_eq!(gender["GlobalOptionSet"], Json::Null);
    Ok(())
}

#[tokio::test]
async fn columns_tell_what_must_have_a_value_and_what_is_secured() -> Result<()> {
    let lab = Lab::start(small()).await?;
    lab.simulator.switch(|switches| {
        let columns = |name: &str| [name.to_owned()].into();
        switches
            .hidden_columns
            .insert("contacts".to_owned(), columns("birthdate"));
        switches
            .locked_columns
            .insert("contacts".to_owned(), columns("lastname"));
    });
    let (_, body) = lab
        .get(
            "EntityDefinitions(LogicalName='contact')/Attributes?$select=LogicalName,RequiredLevel,\
             IsSecured,CanBeSecuredForCreate,CanBeSecuredForUpdate,IsValidForUpdate",
        )
        .await?;
    for (name, level, secured, written) in [
        ("contactid", "SystemRequired", false, false),
        ("lastname", "ApplicationRequired", true, true),
        ("firstname", "Recommended", false, true),
        ("birthdate", "None", true, true),
        ("createdon", "None", false, false),
    ] {
        let column = named(&body["value"], name);
        assert_eq!(column["RequiredLevel"]["Value"], level, "{name}");
        assert_eq!(column["IsSecured"], secured, "{name}");
        assert_eq!(column["IsValidForUpdate"], written, "{name}");
        assert_eq!(column["CanBeSecuredForUpdate"], written, "{name}");
    }
    // Columns of a table without rows here can be asked for the same.
    let (status, body) = lab
        .get(
            "EntityDefinitions(LogicalName='hlf_external')/Attributes?$select=LogicalName,\
             RequiredLevel,CanBeSecuredForCreate,DisplayName",
        )
        .await?;
    assert_eq!(status, 200, "{body}");
    Ok(())
}

#[tokio::test]
async fn rows_are_counted_by_logical_name_and_only_where_they_are() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let ask = |names: &str| format!("RetrieveTotalRecordCount(EntityNames=@p1)?@p1={names}");
    let (status, body) = lab.get(&ask(r#"["contact","account"]"#)).await?;
    assert_eq!(status, 200, "{body}");
    let counts = &body["EntityRecordCountCollection"];
    assert_eq!(counts["Keys"], json!(["contact", "account"]));
    let live = [
        lab.simulator.rows("contacts")?,
        lab.simulator.rows("accounts")?,
    ];
    assert_eq!(counts["Values"], json!(live));

    for (names, code) in [
        (r#"["contact","contacts"]"#, "0x80041102"),
        (r#"["hlf_external"]"#, "0x80040203"),
        ("contact", "0x80060888"),
    ] {
        let (status, body) = lab.get(&ask(names)).await?;
        assert_eq!((status, &body["error"]["code"]), (400, &json!(code)));
    }
    Ok(())
}

#[tokio::test]
async fn languages_and_the_base_currency_are_told() -> Result<()> {
    let lab = Lab::start(small()).await?;
    for function in [
        "RetrieveProvisionedLanguages",
        "RetrieveProvisionedLanguages()",
    ] {
        let (_, body) = lab.get(function).await?;
        assert_eq!(body["RetrieveProvisionedLanguages"], json!([1033, 1044]));
    }
    let (_, body) = lab
        .get("organizations?$select=_basecurrencyid_value,languagecode")
        .await?;
    let currency = &body["value"][0]["_basecurrencyid_value"];
    let (status, body) = lab
        .get(&format!(
            "transactioncurrencies({})?$select=isocurrencycode",
            currency.as_str().unwrap_or_default()
        ))
        .await?;
    assert_eq!((status, &body["isocurrencycode"]), (200, &json!("NOK")));
    Ok(())
}
