//! What the application user must be able to write.

use dynamics_simulator::Depth;
use serde_json::json;

use crate::bench::Bench;

const TABLE: &str = "hlf_certifications";

#[tokio::test]
async fn a_table_that_may_not_be_written_is_a_failure() {
    let bench = Bench::healthy().await;
    bench.lacks(TABLE, &["Write"]);
    assert_eq!(
        bench.findings().await,
        "fail: write privileges of certifications: The application user lacks \
         prvWritehlf_Certification, so every change is refused. → Dynamics administrator: In the \
         Power Platform admin center, select Environments, the environment, Settings, Users + \
         permissions, Security roles, the application user's role, and give \
         prvWritehlf_Certification at organization level."
    );
}

#[tokio::test]
async fn rows_that_may_not_be_created_are_no_finding_where_there_may_be_others() {
    let bench = Bench::healthy().await;
    bench.lacks(TABLE, &["Create"]);
    assert_eq!(bench.findings().await, "");
}

#[tokio::test]
async fn rows_that_may_not_be_created_are_a_failure_where_nothing_else_is_done() {
    let bench = Bench::with("update = \"skip\"\nkey ", "key ").await;
    bench.lacks(TABLE, &["Create", "Write"]);
    assert_eq!(
        bench.findings().await,
        "fail: write privileges of certifications: The application user lacks \
         prvCreatehlf_Certification, so what creates a row is refused. → Dynamics administrator: In \
         the Power Platform admin center, select Environments, the environment, Settings, Users + \
         permissions, Security roles, the application user's role, and give \
         prvCreatehlf_Certification at organization level."
    );
}

#[tokio::test]
async fn deletes_that_are_not_allowed_are_a_failure_where_the_app_deletes() {
    let bench = Bench::with("deletes = { to_dynamics = \"delete\" }\nkey ", "key ").await;
    assert_eq!(
        bench.findings().await,
        "fail: write privileges of certifications: The application user lacks \
         prvDeletehlf_Certification, so every delete is refused. → Dynamics administrator: In the \
         Power Platform admin center, select Environments, the environment, Settings, Users + \
         permissions, Security roles, the application user's role, and give \
         prvDeletehlf_Certification at organization level."
    );
}

#[tokio::test]
async fn lookups_that_may_not_be_set_are_told_on_both_tables() {
    let bench = Bench::healthy().await;
    bench.lacks(TABLE, &["Append"]);
    bench.lacks("contacts", &["AppendTo"]);
    assert_eq!(
        bench.findings().await,
        "fail: write privileges of certifications: The application user lacks \
         prvAppendhlf_Certification, so every change of a lookup is refused. → Dynamics \
         administrator: In the Power Platform admin center, select Environments, the environment, \
         Settings, Users + permissions, Security roles, the application user's role, and give \
         prvAppendhlf_Certification at organization level.\n\
         fail: write privileges of certifications: The application user lacks prvAppendToContact, so \
         every lookup to a row of that table is refused. → Dynamics administrator: In the Power \
         Platform admin center, select Environments, the environment, Settings, Users + permissions, \
         Security roles, the application user's role, and give prvAppendToContact at organization \
         level."
    );
}

#[tokio::test]
async fn a_write_that_reaches_only_the_users_own_rows_is_a_warning() {
    let bench = Bench::healthy().await;
    bench.grant(TABLE, &["Write"], Some(Depth::Basic));
    assert_eq!(
        bench.findings().await,
        "warn: write privileges of certifications: The application user's prvWritehlf_Certification \
         reaches only rows of its own and of its teams: what is to be done to others is refused. → \
         Dynamics administrator: In the Power Platform admin center, select Environments, the \
         environment, Settings, Users + permissions, Security roles, the application user's role, \
         and give prvWritehlf_Certification at organization level."
    );
}

#[tokio::test]
async fn a_column_that_dynamics_keeps_itself_is_a_failure_where_it_is_written() {
    let bench = Bench::with("\"modifiedon\"", "\"hlf_comment\"").await;
    assert_eq!(
        bench.findings().await,
        "fail: columns of certifications: Field `comment`: Dynamics keeps column `modifiedon` \
         itself, so it cannot be written. → whoever deploys: Give the field `owner = \"dynamics\"`, or \
         name another column."
    );
}

#[tokio::test]
async fn a_stamp_on_a_text_is_a_failure() {
    let bench = Bench::with(
        "comment     = { column = \"hlf_comment\", stamp = true }",
        "comment     = \"hlf_comment\"\nlast_synced = { column = \"hlf_lastsyncedon\", stamp = true }",
    )
    .await;
    assert_eq!(
        bench.findings().await,
        "fail: columns of certifications: Field `comment`: a stamp needs a date column, and column \
         `hlf_comment` is none. → whoever deploys: Name another column, or take `stamp` away."
    );
}

#[tokio::test]
async fn a_column_that_new_rows_must_have_and_nobody_writes_is_a_warning() {
    let mut bench = Bench::healthy().await;
    bench.streams = Ok(r#"
time_zone = "Europe/Oslo"
[[stream]]
name      = "teams"
table     = "teams"
direction = "both"
fields    = { name = "name" }
"#
    .to_owned());
    bench.lacks("teams", &["Delete", "Append", "AppendTo"]);
    bench.lacks("contacts", &["Read"]);
    assert_eq!(
        bench.findings().await,
        "warn: new rows of teams: Dynamics demands a value of `businessunitid` in every new row, and \
         no field of the stream writes one. → whoever deploys: If the app creates rows, add a field \
         for it to the stream file."
    );
}

#[tokio::test]
async fn an_owner_team_that_is_not_there_is_a_failure() {
    let bench = with_team("11111111-2222-3333-4444-555555555555").await;
    assert_eq!(
        bench.findings().await,
        "fail: owner team of certifications: There is no team 11111111-2222-3333-4444-555555555555, \
         so no row can be given to it. → whoever deploys: Correct `owner_team` in the stream file: \
         the team's GUID stands in its address in Dynamics."
    );
}

#[tokio::test]
async fn an_access_team_cannot_own_rows() {
    let probe = Bench::healthy().await;
    let id = team(&probe);
    let bench = with_team(&id).await;
    let access = json!({"teamtype": 1}).as_object().unwrap().clone();
    bench
        .simulator
        .update("teams", id.parse().unwrap(), access)
        .unwrap();
    assert_eq!(
        bench.findings().await,
        "fail: owner team of certifications: Team 75017c56-ebda-0a56-8afe-83a91425f5a9 is an access \
         team, which cannot own rows. → Dynamics administrator: Make a team of the type Owner, and \
         name it as `owner_team` in the stream file."
    );
}

#[tokio::test]
async fn rows_that_may_not_be_given_to_the_owner_team_are_a_failure() {
    let probe = Bench::healthy().await;
    let bench = with_team(&team(&probe)).await;
    bench.lacks(TABLE, &["Assign"]);
    assert_eq!(
        bench.findings().await,
        "fail: write privileges of certifications: The application user lacks \
         prvAssignhlf_Certification, so giving new rows to the owner team is refused. → Dynamics \
         administrator: In the Power Platform admin center, select Environments, the environment, \
         Settings, Users + permissions, Security roles, the application user's role, and give \
         prvAssignhlf_Certification at organization level."
    );
}

#[tokio::test]
async fn teams_that_may_not_be_read_are_a_warning() {
    let probe = Bench::healthy().await;
    let bench = with_team(&team(&probe)).await;
    bench.simulator.switch(|switches| {
        switches.forbidden.insert("teams".into());
    });
    assert_eq!(
        bench.findings().await,
        "warn: owner team of certifications: It is not known whether team \
         75017c56-ebda-0a56-8afe-83a91425f5a9 is there: the application user may not read teams. → \
         Dynamics administrator: In the Power Platform admin center, select Environments, the \
         environment, Settings, Users + permissions, Security roles, the application user's role, \
         and give prvReadTeam at organization level."
    );
}

fn team(bench: &Bench) -> String {
    let team = bench.simulator.truth("teams").unwrap().next().unwrap();
    team["teamid"].as_str().unwrap().to_owned()
}

async fn with_team(id: &str) -> Bench {
    let bench = Bench::with(&format!("owner_team = \"{id}\"\nkey "), "key ").await;
    bench.grant(TABLE, &["Assign"], Some(Depth::Global));
    bench
}

#[tokio::test]
async fn a_table_that_takes_no_rows_in_bulk_is_no_finding() {
    let bench = Bench::healthy().await;
    bench.simulator.switch(|switches| {
        switches.without_bulk.insert(TABLE.into());
    });
    assert_eq!(bench.findings().await, "");
    let report = bench.examine().await;
    let new_rows = report
        .checks
        .iter()
        .find(|check| check.check == "new rows")
        .unwrap();
    assert_eq!(
        new_rows.note.as_deref(),
        Some("in batches: the table has no CreateMultiple, which is slower and no harm")
    );
}

#[tokio::test]
async fn a_stream_that_writes_only_visibility_and_a_stamp_is_healthy_without_creating() {
    let narrow = r#"
time_zone = "Europe/Oslo"
[[stream]]
name      = "certifications"
table     = "hlf_certifications"
direction = "both"
[stream.fields]
mentor_code = { column = "hlf_mentorcode", owner = "dynamics" }
visible     = "hlf_portalvisible"
last_synced = { column = "hlf_lastsyncedon", stamp = true }
"#;
    let mut bench = Bench::healthy().await;
    bench.streams = Ok(narrow.to_owned());
    bench.lacks(TABLE, &["Create", "Append"]);
    bench.lacks("contacts", &["Read", "AppendTo"]);
    assert_eq!(bench.findings().await, "");
}
