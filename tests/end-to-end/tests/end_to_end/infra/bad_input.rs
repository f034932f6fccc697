//! What is wrong with a stage is said before anything is changed, all of it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::template::folder;
use crate::support::infra_tool;

#[test]
fn a_deployment_of_no_stage_or_of_one_that_there_is_not_names_those_that_there_are() {
    let Some(infra) = Infra::copy() else {
        return;
    };
    let said = infra.refused("deploy.py", "");
    assert!(
        said.starts_with(
            "no stage is named; say which: STAGE=development or STAGE=test or STAGE=production"
        ),
        "{said}"
    );
    let said = infra.refused("deploy.py", "prodution");
    assert!(said.contains("has no stage `prodution` (did you mean production?); expected development, test or production"), "{said}");
}

#[test]
fn a_stage_without_parameters_is_told_which_it_must_have() {
    let Some(infra) = Infra::copy() else {
        return;
    };
    infra.append("\n[empty.deploy.parameters]\nstack_name = \"dynamics-sync-test\"\n");
    let said = infra.refused("deploy.py", "empty");
    for expected in [
        "empty: `region` is missing",
        "empty: `stack_name` is that of test too; a stage has a stack of its own",
        "empty: the parameter Stage is missing: Which of the organisation's environments this is.",
        "empty: the parameter TimeZone is missing: ",
        "empty: the parameter StreamFile is missing: ",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
}

#[test]
fn parameters_that_are_unknown_or_malformed_are_each_named_with_what_was_expected() {
    let Some(infra) = Infra::copy() else {
        return;
    };
    infra.stage(
        "bad",
        &[
            "Stage=test",
            "TimeZone=Europe/Oslo",
            "StreamFile=hlf.toml",
            "NightlyHour=2",
            "Trys=3",
            "Tries=99",
            "OperationsEmail=nobody",
            "AlertSender=DynamicsSync",
            "LogDays=30 days",
            "Architecture",
        ],
    );
    let said = infra.refused("deploy.py", "bad");
    for expected in [
        "bad: the parameter Stage is `test`; expected `bad`, its own name",
        "bad: the parameter NightlyHour is `2`; expected 0, 1 or 3",
        "bad: the template has no parameter Trys (did you mean Tries?)",
        "bad: the parameter Tries is `99`; expected a number from 1 to 10",
        "bad: the parameter OperationsEmail is `nobody`; expected an e-mail address, or nothing",
        "bad: the parameter AlertSender is `DynamicsSync`; expected at most 10 letters, digits and hyphens",
        "bad: the parameter LogDays is `30 days`; expected no blank in it",
        "bad: `Architecture` is no parameter; expected NAME=VALUE",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
}

#[test]
fn a_protected_stage_of_which_nobody_is_told_is_refused() {
    let Some(infra) = Infra::copy() else {
        return;
    };
    let all = ["Stage=quiet", "TimeZone=Europe/Oslo", "StreamFile=hlf.toml"];
    infra.stage("quiet", &all);
    let said = infra.refused("deploy.py", "quiet");
    let expected = "quiet: nobody is told when the sync fails; give OperationsEmail, such as \
                    OperationsEmail=it@example.no, or OperationsPhone in samconfig.toml";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_time_zone_that_there_is_not_or_that_is_not_the_stream_file_s_is_refused() {
    let Some(infra) = Infra::copy() else {
        return;
    };
    infra.stage(
        "olso",
        &["Stage=olso", "TimeZone=Europe/Olso", "StreamFile=hlf.toml"],
    );
    let said = infra.refused("deploy.py", "olso");
    assert!(
        said.contains("olso: there is no time zone `Europe/Olso` (did you mean Europe/Oslo?)"),
        "{said}"
    );
    infra.stage(
        "paris",
        &[
            "Stage=paris",
            "TimeZone=Europe/Paris",
            "StreamFile=hlf.toml",
        ],
    );
    let said = infra.refused("deploy.py", "paris");
    assert!(
        said.contains("paris: the parameter TimeZone is `Europe/Paris`, but `time_zone` in "),
        "{said}"
    );
    assert!(
        said.contains("hlf.toml is `Europe/Oslo`; expected the same"),
        "{said}"
    );
}

#[test]
fn a_night_that_has_no_such_time_because_the_clock_is_put_forward_is_refused() {
    let Some(infra) = Infra::copy() else {
        return;
    };
    let streams = fs::read_to_string(infra.path().join("streams/hlf.toml")).unwrap();
    let streams = streams.replace("Europe/Oslo", "Asia/Beirut");
    fs::write(infra.path().join("streams/beirut.toml"), streams).unwrap();
    let parameters = [
        "Stage=beirut",
        "TimeZone=Asia/Beirut",
        "StreamFile=beirut.toml",
    ];
    infra.stage("beirut", &parameters);
    let said = infra.refused("deploy.py", "beirut");
    assert!(
        said.contains("beirut: in Asia/Beirut there is no 00:14 on "),
        "{said}"
    );
    assert!(
        said.contains("give another NightlyHour or NightlyMinute"),
        "{said}"
    );
}

#[test]
fn a_stream_file_with_mistakes_or_that_is_not_there_is_refused_in_the_words_of_the_functions() {
    let Some(infra) = Infra::copy() else {
        return;
    };
    let streams = fs::read_to_string(infra.path().join("streams/hlf.toml")).unwrap();
    let streams = streams
        .replace("conflict  =", "conflct  =")
        .replace("direction = \"pull\"", "direction = \"pul\"");
    fs::write(infra.path().join("streams/wrong.toml"), streams).unwrap();
    infra.stage(
        "wrong",
        &[
            "Stage=wrong",
            "TimeZone=Europe/Oslo",
            "StreamFile=wrong.toml",
        ],
    );
    let said = infra.refused("deploy.py", "wrong");
    assert!(said.contains("2 mistakes in wrong.toml:"), "{said}");
    assert!(said.contains("wrong.toml:8:"), "{said}");
    infra.stage(
        "gone",
        &["Stage=gone", "TimeZone=Europe/Oslo", "StreamFile=hfl.toml"],
    );
    let said = infra.refused("deploy.py", "gone");
    assert!(said.contains("hfl.toml (did you mean hlf.toml?); expected accounting.toml, hlf.toml, visibility.toml or wrong.toml"), "{said}");
}

#[test]
fn stages_as_they_are_shipped_are_right_but_for_what_only_the_operator_has() {
    let Some(infra) = Infra::copy() else {
        return;
    };
    for stage in ["development", "test", "production"] {
        let said = infra.refused("deploy.py", stage);
        let nobody = format!("{stage}: nobody is told");
        assert_eq!(said.contains(&nobody), stage == "production", "{said}");
        let other = said.lines().find(|line| {
            let packages = line.contains("bootstrap.zip") || line.contains("make build");
            !packages && !line.starts_with(&nobody) && *line != "Nothing was changed."
        });
        assert_eq!(
            other,
            Some("there are no AWS credentials; run `aws configure`, or set AWS_PROFILE"),
            "{said}"
        );
    }
}

#[test]
fn a_stage_is_not_destroyed_without_having_been_asked_and_production_not_without_its_name() {
    let Some(infra) = Infra::copy() else {
        return;
    };
    let said = infra.refused("destroy.py", "test");
    assert!(
        said.starts_with("there is no terminal to ask on; say CONFIRM=dynamics-sync-test"),
        "{said}"
    );
    let said = infra.refused("destroy.py", "production");
    assert!(said.starts_with("production is protected (DeletionProtection). If you mean it: make destroy STAGE=production CONFIRM=dynamics-sync-production"), "{said}");
}

#[test]
fn a_build_for_an_unknown_architecture_or_without_its_tools_says_what_to_get() {
    let said = build(&["arm65"], "/usr/bin:/bin");
    assert_eq!(said, "ARCH is `arm65`; expected x86_64 or arm64\n");
    // Nothing but what a shell needs.
    let said = build(&[], "/usr/bin:/bin");
    assert_eq!(said, "cargo is missing; get it from https://rustup.rs\n");
}

/// What a build that is refused says.
fn build(arguments: &[&str], path: &str) -> String {
    let output = Command::new("/bin/bash")
        .arg(folder().join("build.sh"))
        .args(arguments)
        .env("PATH", path)
        .output()
        .unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

/// A copy of the folder of the deployment, to be spoilt.
struct Infra(TempDir);

impl Infra {
    fn copy() -> Option<Self> {
        infra_tool("python", "the commands of the deployment")?;
        let copy = tempfile::tempdir().unwrap();
        fs::create_dir(copy.path().join("streams")).unwrap();
        for file in [
            "samconfig.toml",
            "template.yaml",
            "streams/hlf.toml",
            "streams/accounting.toml",
            "streams/visibility.toml",
        ] {
            fs::copy(folder().join(file), copy.path().join(file)).unwrap();
        }
        Some(Self(copy))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn append(&self, text: &str) {
        let path = self.path().join("samconfig.toml");
        let before = fs::read_to_string(&path).unwrap();
        fs::write(path, before + text).unwrap();
    }

    /// Adds a stage.
    fn stage(&self, name: &str, parameters: &[&str]) {
        self.append(&format!(
            "\n[{name}.deploy.parameters]\nstack_name = \"{name}\"\nregion = \"eu-north-1\"\nparameter_overrides = {parameters:?}\n"
        ));
    }

    /// What a command that is refused says, on a machine without AWS credentials.
    fn refused(&self, script: &str, stage: &str) -> String {
        let python = infra_tool("python", "the commands of the deployment").unwrap();
        let output = Command::new(python)
            .arg(folder().join(script))
            .arg(stage)
            .arg(self.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "/nowhere")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY")
            .env_remove("AWS_PROFILE")
            .env_remove("CONFIRM")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(!output.status.success());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.ends_with("Nothing was changed.\n"), "{said}");
        said
    }
}
