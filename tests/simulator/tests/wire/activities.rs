//! Tables of apps, and activities, which have some things in common that other tables have for themselves.

use anyhow::Result;
use serde_json::{Value as Json, json};

use crate::lab::{Lab, small};
use crate::metadata::named;

#[tokio::test]
async fn activities_share_a_keys_name_and_their_privileges_and_say_what_they_are() -> Result<()> {
    let lab = Lab::start(small()).await?;
    for (table, set) in [("task", "tasks"), ("phonecall", "phonecalls")] {
        let path = format!(
            "EntityDefinitions(LogicalName='{table}')?$select=PrimaryIdAttribute,IsActivity,Privileges"
        );
        let (_, body) = lab.get(&path).await?;
        assert_eq!(body["PrimaryIdAttribute"], "activityid");
        assert_eq!(body["IsActivity"], true);
        let read = body["Privileges"].as_array().into_iter().flatten();
        let read: Vec<&Json> = read
            .filter(|one| one["PrivilegeType"] == "Read")
            .map(|one| &one["Name"])
            .collect();
        assert_eq!(read, ["prvReadActivity"]);
        let (status, body) = lab.get(&format!("{set}?$select=subject&$top=1")).await?;
        assert_eq!(status, 200, "{body}");
        assert!(body["value"][0]["activityid"].is_string(), "{body}");
    }
    Ok(())
}

#[tokio::test]
async fn a_reason_says_to_which_state_it_belongs_and_a_new_state_brings_its_first_one() -> Result<()>
{
    let lab = Lab::start(small()).await?;
    let (_, body) = lab
        .get(
            "EntityDefinitions(LogicalName='task')/Attributes/\
             Microsoft.Dynamics.CRM.StatusAttributeMetadata?$select=LogicalName&$expand=OptionSet",
        )
        .await?;
    let options = named(&body["value"], "statuscode")["OptionSet"]["Options"].as_array();
    let states: Vec<_> = options
        .into_iter()
        .flatten()
        .map(|option| (option["Value"].clone(), option["State"].clone()))
        .collect();
    let pair = |value: i32, state: i32| (json!(value), json!(state));
    assert_eq!(
        states,
        [
            pair(2, 0),
            pair(3, 0),
            pair(4, 0),
            pair(5, 1),
            pair(6, 2),
            pair(7, 0)
        ]
    );

    let row = json!({ "subject": "Ring tilbake" });
    let id = lab
        .simulator
        .create("tasks", serde_json::from_value(row)?)?;
    let read = format!("tasks({id})?$select=statecode,statuscode");
    let (_, body) = lab.get(&read).await?;
    assert_eq!(
        (&body["statecode"], &body["statuscode"]),
        (&json!(0), &json!(2))
    );
    let done = serde_json::from_value(json!({ "statecode": 1 }))?;
    lab.simulator.update("tasks", id, done)?;
    let (_, body) = lab.get(&read).await?;
    assert_eq!(
        (&body["statecode"], &body["statuscode"]),
        (&json!(1), &json!(5))
    );
    Ok(())
}

#[tokio::test]
async fn seeded_rows_have_reasons_that_belong_to_their_states() -> Result<()> {
    let lab = Lab::start(small()).await?;
    for (set, reasons) in [
        ("leads", [1, 3, 4]),
        ("opportunities", [1, 3, 4]),
        ("incidents", [1, 5, 6]),
        ("tasks", [2, 5, 6]),
        ("phonecalls", [1, 2, 3]),
    ] {
        let mut seen = 0;
        for row in lab.simulator.truth(set)? {
            let state = row["statecode"]
                .as_u64()
                .and_then(|state| usize::try_from(state).ok());
            let reason = state.and_then(|state| reasons.get(state)).copied();
            assert_eq!(row["statuscode"].as_i64(), reason, "{set}: {row:?}");
            seen += 1;
        }
        assert!(seen > 10, "{set}: {seen}");
    }
    Ok(())
}
