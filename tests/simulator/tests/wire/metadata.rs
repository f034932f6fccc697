use anyhow::Result;
use serde_json::{Value as Json, json};

use crate::lab::{Lab, small};

pub(crate) fn named<'a>(list: &'a Json, name: &str) -> &'a Json {
    list.as_array()
        .and_then(|list| list.iter().find(|item| item["LogicalName"] == name))
        .unwrap_or(&Json::Null)
}

#[tokio::test]
async fn a_table_is_found_by_its_entity_set_with_the_columns_asked_for() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let (status, body) = lab
        .get(
            "EntityDefinitions?$select=LogicalName,EntitySetName,PrimaryIdAttribute,TableType,\
             ChangeTrackingEnabled,CanChangeTrackingBeEnabled\
             &$filter=EntitySetName eq 'hlf_certifications'\
             &$expand=Attributes($select=LogicalName,AttributeType,AttributeTypeName,AttributeOf;\
             $filter=LogicalName eq 'hlf_validto' or LogicalName eq 'hlf_fee')",
        )
        .await?;
    assert_eq!(status, 200, "{body}");
    let found = body["value"].as_array().map_or(0, Vec::len);
    assert_eq!(found, 1);
    let table = &body["value"][0];
    assert_eq!(table["LogicalName"], "hlf_certification");
    assert_eq!(table["PrimaryIdAttribute"], "hlf_certificationid");
    assert_eq!(table["TableType"], "Standard");
    assert_eq!(table["ChangeTrackingEnabled"], true);
    assert_eq!(table["CanChangeTrackingBeEnabled"]["Value"], true);
    assert!(table["MetadataId"].is_string());
    assert!(table.get("SchemaName").is_none());
    let columns = &table["Attributes"];
    assert_eq!(columns.as_array().map_or(0, Vec::len), 2);
    assert_eq!(
        named(columns, "hlf_fee")["AttributeTypeName"]["Value"],
        "MoneyType"
    );
    assert_eq!(named(columns, "hlf_validto")["AttributeType"], "DateTime");
    Ok(())
}

#[tokio::test]
async fn behaviours_choices_and_targets_need_a_cast() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let table = "EntityDefinitions(LogicalName='hlf_certification')/Attributes";
    let crm = "Microsoft.Dynamics.CRM";
    let (_, body) = lab
        .get(&format!(
            "{table}/{crm}.DateTimeAttributeMetadata?$select=LogicalName,DateTimeBehavior,Format"
        ))
        .await?;
    let behavior = |name: &str| named(&body["value"], name)["DateTimeBehavior"].clone();
    assert_eq!(behavior("hlf_validto"), json!({ "Value": "DateOnly" }));
    assert_eq!(
        behavior("hlf_lastsyncedon"),
        json!({ "Value": "UserLocal" })
    );
    assert_eq!(
        behavior("hlf_examon"),
        json!({ "Value": "TimeZoneIndependent" })
    );

    let (_, body) = lab
        .get(&format!(
            "{table}/{crm}.PicklistAttributeMetadata?$select=LogicalName\
             &$expand=OptionSet($select=Options),GlobalOptionSet"
        ))
        .await?;
    let options = &named(&body["value"], "hlf_status")["OptionSet"]["Options"];
    assert_eq!(options[1]["Value"], 2);
    assert_eq!(
        options[1]["Label"]["UserLocalizedLabel"]["Label"],
        "Expired"
    );

    let (status, body) = lab
        .get(&format!("{table}?$select=DateTimeBehavior"))
        .await?;
    assert_eq!(
        (status, &body["error"]["code"]),
        (400, &json!("0x80060888"))
    );
    let (_, body) = lab
        .get(&format!(
            "{table}/{crm}.LookupAttributeMetadata?$select=LogicalName,Targets"
        ))
        .await?;
    assert_eq!(
        named(&body["value"], "hlf_contactid")["Targets"],
        json!(["contact"])
    );
    let (_, body) = lab
        .get("EntityDefinitions(LogicalName='contact')/ManyToOneRelationships")
        .await?;
    let names = body.to_string();
    assert!(names.contains("\"parentcustomerid_account\""));
    Ok(())
}

#[tokio::test]
async fn elastic_virtual_untracked_and_absent_tables_show_as_such() -> Result<()> {
    let lab = Lab::start(small()).await?;
    lab.simulator.switch(|switches| {
        switches.untracked.insert("contacts".to_owned());
        switches.absent.insert("accounts".to_owned());
    });
    let (_, body) = lab
        .get("EntityDefinitions?$select=LogicalName&$filter=ChangeTrackingEnabled eq true")
        .await?;
    let tracked: Vec<_> = body["value"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|table| table["LogicalName"].as_str())
        .collect();
    assert_eq!(
        tracked,
        [
            "systemuser",
            "hlf_certification",
            "team",
            "hlf_posting",
            "lead",
            "opportunity",
            "incident",
            "task",
            "phonecall",
        ]
    );
    for (name, kind) in [
        ("hlf_sensorreading", "Elastic"),
        ("hlf_external", "Virtual"),
    ] {
        let (_, body) = lab
            .get(&format!(
                "EntityDefinitions(LogicalName='{name}')?$select=TableType"
            ))
            .await?;
        assert_eq!(body["TableType"], kind);
    }
    assert_eq!(
        lab.get("EntityDefinitions(LogicalName='account')").await?.0,
        404
    );
    let (status, _) = lab.get("EntityDefinitions?$select=Nope").await?;
    assert_eq!(status, 400);
    Ok(())
}

#[tokio::test]
async fn one_request_tells_a_tables_columns_and_the_privilege_to_read_it() -> Result<()> {
    let lab = Lab::start(small()).await?;
    for (entity_set, privilege) in [
        ("contacts", Some("prvReadContact")),
        ("systemusers", Some("prvReadUser")),
        ("hlf_certifications", Some("prvReadhlf_Certification")),
        ("hlf_sensorreadings", None),
    ] {
        let (status, body) = lab
            .get(&format!(
                "EntityDefinitions?$select=LogicalName,TableType,Privileges\
                 &$filter=EntitySetName%20eq%20%27{entity_set}%27\
                 &$expand=Attributes($select=LogicalName)"
            ))
            .await?;
        assert_eq!(status, 200, "{body}");
        let table = &body["value"][0];
        assert!(
            table["Attributes"]
                .as_array()
                .is_some_and(|all| all.len() > 1)
        );
        let named = table["Privileges"].as_array().and_then(|all| {
            let read = all.iter().find(|one| one["PrivilegeType"] == "Read")?;
            read["Name"].as_str()
        });
        assert_eq!(named, privilege, "{entity_set}");
    }
    Ok(())
}
