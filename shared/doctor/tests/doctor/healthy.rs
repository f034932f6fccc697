//! An environment in which everything is as it must be.

use doctor::Outcome;
use dynamics_simulator::Class;

use crate::bench::Bench;

#[tokio::test]
async fn a_healthy_environment_has_no_findings_and_says_what_was_checked() {
    let bench = Bench::healthy().await;
    let report = bench.examine().await;
    assert_eq!(report.verdict(), Outcome::Ok);
    let line = |check: &doctor::Check| {
        let of = check
            .of
            .as_ref()
            .map_or_else(String::new, |of| format!(" of {of}"));
        let note = check
            .note
            .as_ref()
            .map_or_else(String::new, |note| format!(": {note}"));
        format!("{}{of}{note}", check.check)
    };
    let lines: Vec<String> = report.checks.iter().map(line).collect();
    let told = bench.scrubbed(&lines.join("\n"));
    let (before, after) = told.split_once("who am I: ").unwrap();
    let (_, after) = after.split_once('\n').unwrap();
    assert_eq!(
        format!("{before}…\n{after}"),
        "settings\n\
         stream file\n\
         address: https://hlf.example\n\
         clock: agrees with Dataverse's\n\
         credential: 365 days left\n\
         token\n\
         …\n\
         roles: # Dynamics Sync has Dynamics Sync\n\
         changes kept: changes are remembered for 7 days\n\
         table of members: contacts\n\
         columns of members: 3 mapped\n\
         change tracking of members\n\
         read privilege of members: prvReadContact, all rows\n\
         column security of members\n\
         table of certifications: hlf_certifications\n\
         columns of certifications: 6 mapped\n\
         choices of certifications\n\
         lookups of certifications\n\
         key of certifications: alternate key `hlf_code`\n\
         change tracking of certifications\n\
         read privilege of certifications: prvReadhlf_Certification, all rows\n\
         column security of certifications\n\
         write privileges of certifications\n\
         new rows of certifications: many in one request (CreateMultiple)\n\
         least privilege of contacts: a change is refused, as it must be\n\
         least privilege of hlf_certifications\n\
         other tables"
    );
}

#[tokio::test]
async fn the_requests_are_as_many_for_a_large_table_as_for_a_small_one() {
    let bench = Bench::healthy().await;
    bench.examine().await;
    let small = bench.simulator.requests();
    let counted = [
        Class::Token,
        Class::WhoAmI,
        Class::Metadata,
        Class::Privileges,
        Class::Read,
        Class::Write,
        Class::Other,
    ]
    .map(|class| small.of(class));
    assert_eq!(counted, [1, 1, 8, 4, 3, 1, 1]);
    bench.simulator.burst("contacts", 6_000, 0, 0).unwrap();
    bench.simulator.reset_requests();
    bench.examine().await;
    assert_eq!(bench.simulator.requests().total, small.total);
}

#[tokio::test]
async fn json_names_outcome_and_who_can_mend_each_finding() {
    let mut bench = Bench::healthy().await;
    bench.secret_expires(None);
    let json = serde_json::to_value(bench.examine().await).unwrap();
    let checks = json["checks"].as_array().unwrap();
    let check = checks
        .iter()
        .find(|check| check["check"] == "credential")
        .unwrap();
    assert_eq!(check["outcome"], "warn");
    assert_eq!(check["findings"][0]["severity"], "warn");
    assert_eq!(check["findings"][0]["who"], "whoever deploys");
    bench.settings = Err("no".into());
    let json = serde_json::to_value(bench.examine().await).unwrap();
    assert_eq!(json["checks"][0]["outcome"], "fail");
    assert_eq!(json["checks"][2]["outcome"], "skipped");
    assert_eq!(json["checks"][2]["because_of"], "settings");
}
