use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use dynamics_simulator::{Class, Depth, Options};
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::delta::{TRACKED, link};
use crate::lab::{Lab, WireRow, small, text};

/// The address of a function bound to the application user.
async fn function(lab: &Lab, call: &str) -> Result<String> {
    let (_, who) = lab.get("WhoAmI").await?;
    let user = who.get("UserId").and_then(Json::as_str);
    let user = user.context("no user")?;
    Ok(format!("systemusers({user})/Microsoft.Dynamics.CRM.{call}"))
}

async fn set_of(lab: &Lab, names: &Json) -> Result<Json> {
    let call = "RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p1)?@p1=";
    let target = format!("{}{names}", function(lab, call).await?);
    let (status, body) = lab.get(&target).await?;
    anyhow::ensure!(status == 200, "{body}");
    body.get("RolePrivileges").cloned().context("no privileges")
}

fn limit(lab: &Lab, depth: Depth) {
    lab.simulator.switch(|switches| {
        switches.read_depth.insert("contacts".to_owned(), depth);
    });
}

fn ids(rows: &[WireRow]) -> BTreeSet<String> {
    rows.iter()
        .filter_map(|row| text(row, "contactid"))
        .collect()
}

#[tokio::test]
async fn a_privilege_is_told_with_its_depth_and_a_missing_one_by_silence() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let (_, who) = lab.get("WhoAmI").await?;
    let call = "RetrieveUserPrivilegeByPrivilegeName(PrivilegeName='prvReadContact')";
    let target = function(&lab, call).await?;
    let (status, body) = lab.get(&target).await?;
    assert_eq!(status, 200, "{body}");
    assert_eq!(
        body["@odata.context"],
        format!(
            "{}/$metadata#Microsoft.Dynamics.CRM.RetrieveUserPrivilegeByPrivilegeNameResponse",
            lab.api()
        )
    );
    let held = &body["RolePrivileges"][0];
    assert_eq!(held["Depth"], "Global");
    assert_eq!(held["PrivilegeName"], "prvReadContact");
    assert_eq!(held["BusinessUnitId"], who["BusinessUnitId"]);
    assert!(held["PrivilegeId"].is_string());
    for depth in [Depth::Basic, Depth::Local, Depth::Deep] {
        limit(&lab, depth);
        let (_, body) = lab.get(&target).await?;
        let name = format!("{depth:?}");
        assert_eq!(body["RolePrivileges"][0]["Depth"], name);
    }
    lab.simulator.switch(|switches| {
        switches.forbidden.insert("contacts".to_owned());
    });
    assert_eq!(lab.get(&target).await?.1["RolePrivileges"], json!([]));
    assert_eq!(lab.simulator.requests().of(Class::Privileges), 5);
    Ok(())
}

#[tokio::test]
async fn several_privileges_are_told_at_once_and_unknown_names_left_out() -> Result<()> {
    let lab = Lab::start(small()).await?;
    limit(&lab, Depth::Local);
    let asked = json!([
        "prvReadContact",
        "prvWriteContact",
        "prvReadhlf_Certification",
        "prvReadUser",
        // Not what the table's name suggests.
        "prvReadSystemUser",
        "prvReadhlf_certification",
    ]);
    let held = set_of(&lab, &asked).await?;
    let found: Vec<_> = held
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| (one["PrivilegeName"].as_str(), one["Depth"].as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (Some("prvReadContact"), Some("Local")),
            (Some("prvWriteContact"), Some("Global")),
            (Some("prvReadhlf_Certification"), Some("Global")),
            (Some("prvReadUser"), Some("Global")),
        ]
    );
    for (call, status) in [
        (
            "RetrieveUserPrivilegeByPrivilegeName(PrivilegeName=prvX)",
            400,
        ),
        ("RetrieveUserPrivilegeByPrivilegeName(Name='prvX')", 400),
        // As a client encodes it.
        (
            "RetrieveUserPrivilegeByPrivilegeName(PrivilegeName=%27prvX%27)",
            200,
        ),
        (
            "RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p1)",
            400,
        ),
        ("RetrieveUserSecrets()", 404),
    ] {
        assert_eq!(
            lab.get(&function(&lab, call).await?).await?.0,
            status,
            "{call}"
        );
    }
    let nobody = "systemusers(00000000-0000-0000-0000-0000000000aa)/Microsoft.Dynamics.CRM.\
                  RetrieveUserPrivilegeByPrivilegeName(PrivilegeName='prvReadContact')";
    assert_eq!(lab.get(nobody).await?.0, 404);
    // Only the application user has a role.
    let somebody = lab
        .simulator
        .truth("systemusers")?
        .nth(1)
        .context("no user")?;
    let somebody = nobody.replace(
        "00000000-0000-0000-0000-0000000000aa",
        somebody["systemuserid"].as_str().unwrap_or_default(),
    );
    assert_eq!(lab.get(&somebody).await?.1["RolePrivileges"], json!([]));
    let bound_to_a_contact = nobody.replace("systemusers", "contacts");
    assert_eq!(lab.get(&bound_to_a_contact).await?.0, 404);
    Ok(())
}

#[tokio::test]
async fn metadata_names_each_tables_privileges_in_both_forms() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let named = |table: &Json, kind: &str| {
        let privileges = table["Privileges"].as_array().cloned().unwrap_or_default();
        privileges
            .into_iter()
            .find(|one| one["PrivilegeType"] == kind)
            .map(|one| one["Name"].clone())
    };
    let (_, one) = lab
        .get("EntityDefinitions(LogicalName='contact')?$select=Privileges")
        .await?;
    assert_eq!(named(&one, "Read"), Some(json!("prvReadContact")));
    assert_eq!(named(&one, "Assign"), Some(json!("prvAssignContact")));
    for (entity_set, name) in [
        ("hlf_certifications", "prvReadhlf_Certification"),
        ("systemusers", "prvReadUser"),
        ("organizations", "prvReadOrganization"),
    ] {
        let target = format!(
            "EntityDefinitions?$select=LogicalName,Privileges&$filter=EntitySetName eq '{entity_set}'"
        );
        let (_, found) = lab.get(&target).await?;
        assert_eq!(named(&found["value"][0], "Read"), Some(json!(name)));
        let privilege = &set_of(&lab, &json!([name])).await?[0];
        let listed = found["value"][0]["Privileges"].to_string();
        let id = privilege["PrivilegeId"].as_str().context("no id")?;
        assert!(listed.contains(id), "{listed}");
    }
    Ok(())
}

#[tokio::test]
async fn below_global_depth_queries_silently_return_fewer_rows() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let size = "odata.maxpagesize=7";
    let mut previous = BTreeSet::new();
    for depth in [Depth::Basic, Depth::Local, Depth::Deep, Depth::Global] {
        limit(&lab, depth);
        let pages = lab.pages("contacts?$select=lastname", size).await?;
        let rows: Vec<_> = pages.into_iter().flat_map(|page| page.value).collect();
        let found = ids(&rows);
        assert!(found.is_superset(&previous) && found.len() > previous.len());
        let visible: BTreeSet<String> = lab
            .simulator
            .truth("contacts")?
            .visible()
            .filter_map(|row| Some(row.get("contactid")?.as_str()?.to_owned()))
            .collect();
        assert_eq!(found, visible);
        let ordered = lab
            .pages("contacts?$select=lastname&$orderby=modifiedon", size)
            .await?;
        let rows: Vec<_> = ordered.into_iter().flat_map(|page| page.value).collect();
        assert_eq!(ids(&rows), found);
        let count = lab
            .page("contacts?$select=lastname&$count=true", "")
            .await?
            .count;
        assert_eq!(count, Some(u64::try_from(found.len())?));
        assert_eq!(lab.get("contacts/$count").await?.1, found.len());
        if depth == Depth::Local {
            assert!(found.len().abs_diff(230 / 3) < 20, "{}", found.len());
        }
        previous = found;
    }
    assert_eq!(previous.len(), 230);
    assert_eq!(lab.simulator.truth("contacts")?.count(), 230);
    Ok(())
}

#[tokio::test]
async fn the_visible_truth_of_a_large_table_is_a_third_of_it() -> Result<()> {
    let contacts = 6_000;
    let lab = Lab::start(Options {
        contacts,
        ..small()
    })
    .await?;
    limit(&lab, Depth::Local);
    let visible = lab.simulator.truth("contacts")?.visible().count();
    assert!((1_850..2_150).contains(&visible), "{visible}");
    let url = format!("{}/simulator/truth/contacts?visible=true", lab.base());
    let answer = lab.send(Method::GET, &url, &[], None).await?;
    assert_eq!(answer.text().await?.lines().count(), visible);
    Ok(())
}

#[tokio::test]
async fn below_global_depth_change_tracking_and_hidden_rows_are_refused_aloud() -> Result<()> {
    let lab = Lab::start(small()).await?;
    let delta = link(&lab.pages("contacts?$select=lastname", TRACKED).await?)?;
    limit(&lab, Depth::Deep);
    let tracked = [("prefer", TRACKED)];
    let count = delta.replace("/contacts?", "/contacts/$count?");
    for target in ["contacts?$select=lastname", &delta, &count] {
        let (status, code, message) = lab.refused(target, &tracked).await?;
        assert_eq!((status, code.as_str()), (403, "0x80040220"), "{target}");
        assert!(
            message.contains("is missing prvReadContact privilege on OTC=2 for entity 'contact'")
        );
    }
    let seen: BTreeSet<_> = lab
        .simulator
        .truth("contacts")?
        .visible()
        .map(|row| row["contactid"].to_string())
        .collect();
    for row in lab.simulator.truth("contacts")?.take(20) {
        let id = row["contactid"].as_str().unwrap_or_default();
        let (status, body) = lab.get(&format!("contacts({id})")).await?;
        if seen.contains(&row["contactid"].to_string()) {
            assert_eq!(status, 200);
        } else {
            assert_eq!(
                (status, &body["error"]["code"]),
                (403, &json!("0x80048306"))
            );
        }
    }
    // Other tables are not concerned.
    assert_eq!(lab.pages("accounts", TRACKED).await?[0].value.len(), 20);
    lab.simulator.switch(|switches| {
        switches.forbidden.insert("contacts".to_owned());
    });
    assert_eq!(lab.simulator.truth("contacts")?.visible().count(), 0);
    Ok(())
}
