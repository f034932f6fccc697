//! Tables, columns, choices, lookups and keys.

use dynamics_simulator::KeyStatus;

use crate::bench::{Bench, STREAMS};

#[tokio::test]
async fn a_misspelt_table_is_told_with_the_nearest_and_the_other_stream_is_checked() {
    let bench = Bench::with("\"contakts\"\nwhere", "\"contacts\"\nwhere").await;
    assert_eq!(
        bench.findings().await,
        "fail: table of members: The environment has no table with the entity set name `contakts`. → \
         whoever deploys: Did you mean `contacts`? Correct `table` in the stream file.\n\
         warn: other tables: The application user may read tables that no stream reads: \
         prvReadContact. → Dynamics administrator: In the Power Platform admin center, select \
         Environments, the environment, Settings, Users + permissions, Security roles, the \
         application user's role, and take prvReadContact away.\n\
         skipped because of: table"
    );
}

#[tokio::test]
async fn a_logical_name_in_place_of_the_entity_set_is_told_with_the_right_one() {
    let bench = Bench::with("\"hlf_certification\"", "\"hlf_certifications\"").await;
    assert_eq!(
        bench.findings().await,
        "fail: table of certifications: The environment has no table with the entity set name \
         `hlf_certification`. → whoever deploys: Did you mean `hlf_certifications`? Correct `table` \
         in the stream file.\n\
         skipped because of: table"
    );
}

#[tokio::test]
async fn a_table_whose_app_is_not_installed_is_told_as_such() {
    let bench = Bench::with(
        "\"hlf_journeys\"\ndirection",
        "\"hlf_certifications\"\ndirection",
    )
    .await;
    assert_eq!(
        bench.findings().await,
        "fail: table of certifications: The environment has no table with the entity set name \
         `hlf_journeys`. → Dynamics administrator: Install the app that brings the table, or correct \
         `table` in the stream file: `dynamics-sync discover` lists the tables there are.\n\
         skipped because of: table"
    );
}

#[tokio::test]
async fn misspelt_columns_are_told_with_the_nearest_and_nothing_else_is_left_out() {
    let bench = Bench::with("\"emialaddress1\"", "\"emailaddress1\"").await;
    assert_eq!(
        bench.findings().await,
        "fail: columns of members: field `email`: the table has no column `emialaddress1`. Did you \
         mean `emailaddress1`? → whoever deploys: Correct the stream file; `dynamics-sync discover \
         TABLE` shows the table's columns."
    );
}

#[tokio::test]
async fn a_column_of_another_type_is_told_in_the_words_of_a_run() {
    let bench = Bench::with(
        "{ column = \"firstname\", type = \"date\" }",
        "\"firstname\"",
    )
    .await;
    assert_eq!(
        bench.findings().await,
        "fail: columns of members: field `first_name`: column `firstname` is text, but type = \"date\" \
         needs a date column. → whoever deploys: Correct the stream file; `dynamics-sync discover \
         TABLE` shows the table's columns."
    );
}

#[tokio::test]
async fn a_condition_of_another_type_is_told_in_the_words_of_a_run() {
    let bench = Bench::with("{ statecode = true }", "{ statecode = 0 }").await;
    assert_eq!(
        bench.findings().await,
        "fail: columns of members: where `statecode`: the value's type does not fit a column that is \
         a choice. → whoever deploys: Correct the stream file; `dynamics-sync discover TABLE` shows \
         the table's columns."
    );
}

#[tokio::test]
async fn an_elastic_table_is_told_in_the_words_of_a_run() {
    let mut bench = Bench::healthy().await;
    bench.streams = Ok(r#"
time_zone = "Europe/Oslo"
[[stream]]
name   = "readings"
table  = "hlf_sensorreadings"
fields = { name = "hlf_name" }
"#
    .to_owned());
    bench.simulator.switch(|switches| {
        switches.forbidden.insert("contacts".into());
    });
    assert_eq!(
        bench.findings().await,
        "fail: table of readings: `hlf_sensorreadings` is an elastic table, which cannot be synced. \
         → whoever deploys: Take the stream out of the stream file.\n\
         skipped because of: table"
    );
}

#[tokio::test]
async fn a_condition_on_a_choice_that_is_not_there_is_told() {
    let mut bench = Bench::with("{ hlf_status = 7 }\nkey", "key").await;
    bench.streams = bench
        .streams
        .map(|text| text.replace("{ hlf_status = 7 }\nkey", "where = { hlf_status = 7 }\nkey"));
    assert_eq!(
        bench.findings().await,
        "fail: choices of certifications: `where`: column `hlf_status` has no choice 7, so no row \
         belongs to the stream; it has 1 (Active), 2 (Expired), 3 (Suspended). → whoever deploys: \
         Correct `where` in the stream file."
    );
}

#[tokio::test]
async fn a_choice_that_dynamics_does_not_have_is_a_failure() {
    let bench = Bench::with("suspended = 3, retired = 9", "suspended = 3").await;
    assert_eq!(
        bench.findings().await,
        "fail: choices of certifications: Field `status`: column `hlf_status` has no choice retired \
         = 9; it has 1 (Active), 2 (Expired), 3 (Suspended). → whoever deploys: Correct `choice` in \
         the stream file, or ask a Dynamics administrator where the choice went."
    );
}

#[tokio::test]
async fn a_choice_that_the_stream_file_does_not_name_is_a_warning() {
    let bench = Bench::with("expired = 2 }", "expired = 2, suspended = 3 }").await;
    assert_eq!(
        bench.findings().await,
        "warn: choices of certifications: Field `status`: column `hlf_status` also has 3 \
         (Suspended), and rows with it cannot be read. → whoever deploys: Name it in `choice` in the \
         stream file."
    );
}

#[tokio::test]
async fn a_lookup_to_another_table_is_told_with_the_right_one() {
    let bench = Bench::with("lookup = \"accounts\"", "lookup = \"contacts\"").await;
    bench.simulator.switch(|switches| {
        switches.forbidden.clear();
    });
    bench.lacks(
        "accounts",
        &[
            "Create", "Read", "Write", "Delete", "Append", "Assign", "Share",
        ],
    );
    assert_eq!(
        bench.findings().await,
        "fail: lookups of certifications: Field `mentor`: column `hlf_contactid` does not refer to \
         table `accounts`, but to contacts. → whoever deploys: Correct its `lookup` in the stream \
         file.\n\
         warn: least privilege of contacts: The application user holds more than the stream file \
         needs: prvAppendToContact. → Dynamics administrator: In the Power Platform admin center, \
         select Environments, the environment, Settings, Users + permissions, Security roles, the \
         application user's role, and take prvAppendToContact away."
    );
}

#[tokio::test]
async fn a_key_whose_index_is_being_built_is_a_warning() {
    let bench = Bench::healthy().await;
    key(&bench, KeyStatus::Pending);
    assert_eq!(
        bench.findings().await,
        "warn: key of certifications: The index of the alternate key `hlf_code` is still being \
         built, so it is not in use. → Dynamics administrator: Wait until it is Active; if that \
         takes more than a day, create the key anew."
    );
}

#[tokio::test]
async fn a_key_whose_index_failed_is_a_failure() {
    let bench = Bench::healthy().await;
    key(&bench, KeyStatus::Failed);
    assert_eq!(
        bench.findings().await,
        "fail: key of certifications: The index of the alternate key `hlf_code` could not be built, \
         most likely because rows share a value of hlf_mentorcode. → Dynamics administrator: In \
         Power Apps (make.powerapps.com), select Tables, hlf_certification, Keys, hlf_code, \
         Reactivate key, after the rows that share a value are merged."
    );
}

fn key(bench: &Bench, status: KeyStatus) {
    bench.simulator.switch(|switches| {
        switches.key_status.insert("hlf_code".into(), status);
    });
}

#[tokio::test]
async fn a_key_that_is_no_alternate_key_is_a_warning() {
    let bench = Bench::with(
        "key       = [\"hlf_comment\"]",
        "key       = [\"hlf_mentorcode\"]",
    )
    .await;
    assert_eq!(
        bench.findings().await,
        "warn: key of certifications: The table has no alternate key of just hlf_comment: rows are \
         found by a query, and two systems that create the same row at once make two of it. → \
         Dynamics administrator: In Power Apps (make.powerapps.com), select Tables, \
         hlf_certification, Keys, New key, with hlf_comment."
    );
}

#[tokio::test]
async fn change_tracking_that_is_off_is_a_warning_with_where_it_is_switched_on() {
    let bench = Bench::healthy().await;
    bench.simulator.switch(|switches| {
        switches.untracked.insert("contacts".into());
    });
    assert_eq!(
        bench.findings().await,
        "warn: change tracking of members: Change tracking is off for this table: deletes are only \
         told by a walk over all keys, every night one request for 5,000 rows. → Dynamics \
         administrator: In Power Apps (make.powerapps.com), select Tables, contact, Properties, \
         Advanced options, Track changes; it cannot be switched off again."
    );
}

#[tokio::test]
async fn several_mistakes_of_one_stream_are_all_told_at_once() {
    let mut bench = Bench::healthy().await;
    let text = STREAMS
        .replace("\"hlf_comment\"", "\"hlf_coment\"")
        .replace("\"hlf_validto\"", "\"hlf_mentorcod\"")
        .replace("suspended = 3", "suspended = 4");
    bench.streams = Ok(text);
    assert_eq!(
        bench.findings().await,
        "fail: columns of certifications: field `valid_to`: the table has no column `hlf_mentorcod`. \
         Did you mean `hlf_mentorcode`? → whoever deploys: Correct the stream file; `dynamics-sync \
         discover TABLE` shows the table's columns.\n\
         fail: columns of certifications: field `comment`: the table has no column `hlf_coment`. Did \
         you mean `hlf_comment`? → whoever deploys: Correct the stream file; `dynamics-sync discover \
         TABLE` shows the table's columns.\n\
         fail: choices of certifications: Field `status`: column `hlf_status` has no choice \
         suspended = 4; it has 1 (Active), 2 (Expired), 3 (Suspended). → whoever deploys: Correct \
         `choice` in the stream file, or ask a Dynamics administrator where the choice went.\n\
         warn: choices of certifications: Field `status`: column `hlf_status` also has 3 \
         (Suspended), and rows with it cannot be read. → whoever deploys: Name it in `choice` in the \
         stream file."
    );
}
