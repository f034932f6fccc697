use anyhow::{Context as _, Result};
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::lab::{Lab, small};

const FORMATTED: &str = "OData.Community.Display.V1.FormattedValue";
const CRM: &str = "Microsoft.Dynamics.CRM";

async fn read(lab: &Lab, target: &str, names: &str) -> Result<Json> {
    let prefer = format!("odata.include-annotations=\"{names}\"");
    let answer = lab
        .send(Method::GET, target, &[("prefer", &prefer)], None)
        .await?;
    assert_eq!(answer.headers()["preference-applied"], prefer);
    Ok(serde_json::from_str(&answer.text().await?)?)
}

#[tokio::test]
async fn values_come_with_their_text_and_lookups_with_what_they_point_to() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let account = lab
        .simulator
        .truth("accounts")?
        .next()
        .context("no account")?;
    let parent = account["accountid"].as_str().unwrap_or_default();
    let body = json!({
        "lastname": "Å", "creditlimit": 1234567.5, "gendercode": 2, "birthdate": "2001-02-03",
        "parentcustomerid_account@odata.bind": format!("/accounts({parent})"),
    });
    let answer = lab.send(Method::POST, "contacts", &[], Some(body)).await?;
    let url = answer.headers()["odata-entityid"].to_str()?.to_owned();
    let row = read(&lab, &url, "*").await?;
    let shown = |property: &str, name: &str| row[format!("{property}@{name}")].clone();
    for (property, text) in [
        ("creditlimit", "kr1,234,567.50"),
        ("gendercode", "Female"),
        ("birthdate", "2/3/2001"),
        ("donotemail", "Allow"),
        ("createdon", "11/1/2026 3:00 AM"),
        (
            "_parentcustomerid_value",
            account["name"].as_str().unwrap_or_default(),
        ),
    ] {
        assert_eq!(shown(property, FORMATTED), text, "{property}");
    }
    let lookup = "_parentcustomerid_value";
    assert_eq!(
        shown(lookup, &format!("{CRM}.lookuplogicalname")),
        "account"
    );
    let navigation = format!("{CRM}.associatednavigationproperty");
    assert_eq!(shown(lookup, &navigation), "parentcustomerid_account");
    // Null has none, and text needs none.
    assert!(shown("numberofchildren", FORMATTED).is_null());
    assert!(shown("lastname", FORMATTED).is_null());
    let some = read(&lab, &url, FORMATTED).await?;
    assert!(some[format!("{lookup}@{FORMATTED}")].is_string());
    assert!(some[format!("{lookup}@{navigation}")].is_null());
    let page = read(&lab, "contacts?$top=1&$count=true", "*").await?;
    assert_eq!(page[format!("@{CRM}.totalrecordcount")], 231);
    assert_eq!(page[format!("@{CRM}.totalrecordcountlimitexceeded")], false);
    assert!(page[format!("@{CRM}.globalmetadataversion")].is_string());
    Ok(())
}

#[tokio::test]
async fn lookups_are_followed_by_expand() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let nested = "accounts?$select=name&$expand=primarycontactid($select=fullname;\
                  $expand=ownerid($select=fullname)),ownerid($select=fullname)";
    let (status, page) = lab.get(nested).await?;
    assert_eq!(status, 200, "{page}");
    for row in page["value"].as_array().context("no rows")? {
        let contact = &row["primarycontactid"];
        assert!(
            contact["fullname"].is_string() && contact["contactid"].is_string(),
            "{row}"
        );
        assert!(contact["ownerid"]["systemuserid"].is_string(), "{row}");
        assert!(row["ownerid"]["fullname"].is_string(), "{row}");
    }
    // Of a lookup to one of two tables only one way leads to the row.
    let both = "contacts?$select=_parentcustomerid_value&$filter=_parentcustomerid_value ne null&\
                $expand=parentcustomerid_account($select=name),\
                parentcustomerid_contact($select=fullname)";
    let (_, page) = lab.get(both).await?;
    for row in page["value"].as_array().context("no rows")? {
        let ways = ["parentcustomerid_account", "parentcustomerid_contact"];
        let reached = ways.iter().filter(|way| row[**way].is_object()).count();
        assert_eq!(reached, 1, "{row}");
    }
    for (query, status) in [
        ("accounts?$expand=nope", 400),
        ("accounts?$expand=primarycontactid($top=1)", 400),
        ("accounts?$expand=primarycontactid($select=nope)", 400),
        ("accounts?sql=SELECT%20name%20FROM%20account", 501),
    ] {
        assert_eq!(lab.refused(query, &[]).await?.0, status, "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn definitions_come_in_two_languages_and_as_changes() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let query = json!({
        "Properties": { "PropertyNames": ["LogicalName", "Attributes", "Keys"] },
        "Criteria": { "Conditions": [{
            "PropertyName": "LogicalName", "ConditionOperator": "Equals",
            "Value": { "Type": "System.String", "Value": "contact" },
        }] },
        "AttributeQuery": { "Properties": {
            "PropertyNames": ["LogicalName", "MaxLength", "OptionSet"],
        } },
    });
    let query: String =
        url::form_urlencoded::byte_serialize(query.to_string().as_bytes()).collect();
    let target = format!("RetrieveMetadataChanges(Query=@p1)?@p1={query}");
    let (status, body) = lab.get(&target).await?;
    assert_eq!(status, 200, "{body}");
    let table = &body["EntityMetadata"][0];
    assert_eq!(
        table["Keys"][0]["KeyAttributes"],
        json!(["firstname", "emailaddress1"])
    );
    let column = |name: &str| {
        let columns = table["Attributes"].as_array().into_iter().flatten();
        columns
            .into_iter()
            .find(|column| column["LogicalName"] == name)
            .cloned()
    };
    assert_eq!(column("lastname").context("no column")?["MaxLength"], 50);
    let gender = column("gendercode").context("no column")?;
    let labels = &gender["OptionSet"]["Options"][1]["Label"];
    assert_eq!(labels["UserLocalizedLabel"]["Label"], "Female");
    assert_eq!(labels["LocalizedLabels"][1]["Label"], "Kvinne");
    assert_eq!(labels["LocalizedLabels"][1]["LanguageCode"], 1044);
    Ok(())
}
