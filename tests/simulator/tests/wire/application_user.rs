//! What an administrator can get wrong about the application user.

use anyhow::{Context as _, Result};
use dynamics_simulator::Depth;
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::lab::{Lab, small};

async fn user(lab: &Lab) -> Result<String> {
    let (_, who) = lab.get("WhoAmI").await?;
    let user = who.get("UserId").and_then(Json::as_str);
    Ok(user.context("no user")?.to_owned())
}

#[tokio::test]
async fn a_disabled_application_user_is_refused_everything() -> Result<()> {
    let lab = Lab::start(small()).await?;
    lab.simulator
        .switch(|switches| switches.application_user_disabled = true);
    let (status, body) = lab.get("WhoAmI").await?;
    assert_eq!(
        (status, &body["error"]["code"]),
        (403, &json!("0x80040225"))
    );
    Ok(())
}

#[tokio::test]
async fn the_application_users_roles_are_those_of_the_switches_and_nobody_elses() -> Result<()> {
    let lab = Lab::start(small()).await?;
    lab.simulator
        .switch(|switches| switches.roles.push("System Administrator".to_owned()));
    let user = user(&lab).await?;
    let path = format!("systemusers({user})/systemuserroles_association?$select=name");
    let (status, body) = lab.get(&path).await?;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["value"][0]["name"], "Dynamics Sync");
    assert_eq!(body["value"][1]["name"], "System Administrator");
    let (status, _) = lab.get(&format!("systemusers({user})/nothing")).await?;
    assert_eq!(status, 404);
    lab.simulator.switch(|switches| {
        switches.forbidden.insert("roles".to_owned());
    });
    let (status, body) = lab.get(&path).await?;
    assert_eq!(
        (status, &body["error"]["code"]),
        (403, &json!("0x80040220"))
    );
    Ok(())
}

#[tokio::test]
async fn a_privilege_that_is_taken_away_is_not_told_and_what_it_allows_is_refused() -> Result<()> {
    let lab = Lab::start(small()).await?;
    lab.simulator.switch(|switches| {
        let held = switches
            .privileges
            .entry("contacts".to_owned())
            .or_default();
        held.insert("Write".to_owned(), None);
        held.insert("Delete".to_owned(), Some(Depth::Local));
    });
    let user = user(&lab).await?;
    let names = json!(["prvReadContact", "prvWriteContact", "prvDeleteContact"]);
    let (_, body) = lab
        .get(&format!(
            "systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserSetOfPrivilegesByNames\
             (PrivilegeNames=@p1)?@p1={names}"
        ))
        .await?;
    let held = body["RolePrivileges"].as_array().context("no privileges")?;
    let held: Vec<_> = held
        .iter()
        .map(|one| (one["PrivilegeName"].as_str(), one["Depth"].as_str()))
        .collect();
    assert_eq!(
        held,
        [
            (Some("prvReadContact"), Some("Global")),
            (Some("prvDeleteContact"), Some("Local"))
        ]
    );
    // Before anybody looks whether there is such a row.
    let nobody = "contacts(11111111-2222-3333-4444-555555555555)";
    let refused = lab
        .send(Method::PATCH, nobody, &[("If-Match", "*")], Some(json!({})))
        .await?;
    assert_eq!(refused.status(), 403);
    let (status, _) = lab.get("contacts?$top=1").await?;
    assert_eq!(status, 200);
    Ok(())
}

#[tokio::test]
async fn column_security_is_told_by_the_ids_of_the_columns() -> Result<()> {
    let lab = Lab::start(small()).await?;
    lab.simulator.switch(|switches| {
        let column = |name: &str| [name.to_owned()].into();
        let table = "contacts".to_owned();
        switches
            .secured_columns
            .insert(table.clone(), column("description"));
        switches
            .locked_columns
            .insert(table.clone(), column("telephone1"));
        switches.hidden_columns.insert(table, column("birthdate"));
    });
    let (_, columns) = lab
        .get("EntityDefinitions(LogicalName='contact')/Attributes?$select=LogicalName&$filter=IsSecured eq true")
        .await?;
    let user = user(&lab).await?;
    let (status, body) = lab
        .get(&format!(
            "systemusers({user})/Microsoft.Dynamics.CRM.RetrievePrincipalAttributePrivileges()"
        ))
        .await?;
    assert_eq!(status, 200, "{body}");
    let told = body["AttributePrivileges"].as_array().context("none")?;
    let of = |name: &str| {
        let mut columns = columns["value"].as_array()?.iter();
        let id = &columns.find(|column| column["LogicalName"] == name)?["MetadataId"];
        let found = told.iter().find(|one| one["AttributeId"] == *id)?;
        Some([found["CanRead"].as_i64()?, found["CanUpdate"].as_i64()?])
    };
    assert_eq!(of("description"), Some([4, 4]));
    assert_eq!(of("telephone1"), Some([4, 0]));
    assert_eq!(of("birthdate"), Some([0, 4]));
    assert_eq!(told.len(), 3);
    Ok(())
}
