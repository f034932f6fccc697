//! Who the application is in the environment, and what the environment allows it.

use dynamics_simulator::{Class, Effect, Fault, RetryAfter};
use serde_json::json;

use crate::bench::Bench;

#[tokio::test]
async fn no_application_user_is_told_with_where_one_is_made() {
    let bench = Bench::healthy().await;
    bench
        .simulator
        .switch(|switches| switches.no_application_user = true);
    assert_eq!(
        bench.findings().await,
        "fail: who am I: cannot connect to https://hlf.example: Dataverse refused (403, 0x80072560, \
         request ID): the application has no user in this environment. → Dynamics administrator: In \
         the Power Platform admin center, select Environments, the environment, Settings, Users + \
         permissions, Application users, + New app user, + Add an app, the application; then give it \
         a security role.\n\
         skipped because of: who am I"
    );
}

#[tokio::test]
async fn a_disabled_application_user_is_told_with_where_it_is_activated() {
    let bench = Bench::healthy().await;
    bench
        .simulator
        .switch(|switches| switches.application_user_disabled = true);
    assert_eq!(
        bench.findings().await,
        "fail: who am I: cannot connect to https://hlf.example: Dataverse refused (403, 0x80040225, \
         request ID): the application user is disabled or in no business unit. → Dynamics \
         administrator: In the Power Platform admin center, select Environments, the environment, \
         Settings, Users + permissions, Application users, the user, Activate, and check its \
         Business unit.\n\
         skipped because of: who am I"
    );
}

#[tokio::test]
async fn a_user_without_a_role_is_told_with_where_one_is_given() {
    let bench = Bench::healthy().await;
    bench
        .simulator
        .switch(|switches| switches.no_security_role = true);
    assert_eq!(
        bench.findings().await,
        "fail: who am I: cannot connect to https://hlf.example: Dataverse refused (403, 0x80042f09, \
         request ID): the application user has no security role. → Dynamics administrator: In the \
         Power Platform admin center, select Environments, the environment, Settings, Users + \
         permissions, Application users, the user, Edit security roles.\n\
         skipped because of: who am I"
    );
}

#[tokio::test]
async fn a_token_that_the_environment_does_not_accept_is_no_raw_401() {
    let bench = Bench::healthy().await;
    bench
        .simulator
        .inject(Fault::on(Class::WhoAmI, Effect::Unauthorized).times(10));
    assert_eq!(
        bench.findings().await,
        "fail: who am I: cannot connect to https://hlf.example: Dataverse refused (401, 0x80041d52, \
         request ID) in 2 tries over 0 s: it does not accept the token. → Dynamics administrator: \
         Check that the tenant is the environment's own and that the application user is enabled.\n\
         skipped because of: who am I"
    );
}

#[tokio::test]
async fn an_application_that_conditional_access_blocks_is_told_as_such() {
    let bench = Bench::healthy().await;
    bench.simulator.inject(refused("0x80072561"));
    assert_eq!(
        bench.findings().await,
        "fail: who am I: cannot connect to https://hlf.example: Dataverse refused (403, 0x80072561, \
         request ID): a conditional access or location rule forbids access from here. → Entra \
         administrator: In the Microsoft Entra admin center, select Conditional Access, Policies, \
         and exempt the application, or the addresses it comes from.\n\
         skipped because of: who am I"
    );
}

#[tokio::test]
async fn an_application_that_is_not_on_the_list_is_told_as_such() {
    let bench = Bench::healthy().await;
    bench.simulator.inject(refused("0x80095ffc"));
    assert_eq!(
        bench.findings().await,
        "fail: who am I: cannot connect to https://hlf.example: Dataverse refused (403, 0x80095ffc, \
         request ID): this environment accepts only listed applications. → Dynamics administrator: \
         Ask a Power Platform administrator to add this client id to the environment's list of \
         allowed applications.\n\
         skipped because of: who am I"
    );
}

#[tokio::test]
async fn an_environment_that_is_down_is_told_as_passing() {
    let bench = Bench::healthy().await;
    let down = Effect::Status {
        status: 503,
        code: String::new(),
        message: String::new(),
        retry_after: RetryAfter::default(),
        html: true,
    };
    bench
        .simulator
        .inject(Fault::on(Class::WhoAmI, down).times(100));
    let told = bench.findings().await;
    let (_, said) = told.split_once(" tries over ").unwrap();
    let (_, said) = said.split_once(" → ").unwrap();
    assert_eq!(
        said,
        "whoever deploys: Try again later.\n\
         skipped because of: who am I"
    );
}

fn refused(code: &str) -> Fault {
    let effect = Effect::Status {
        status: 403,
        code: code.to_owned(),
        message: "No.".to_owned(),
        retry_after: RetryAfter::default(),
        html: false,
    };
    Fault::on(Class::WhoAmI, effect).times(10)
}

#[tokio::test]
async fn a_system_administrator_is_told_as_too_powerful() {
    let bench = Bench::healthy().await;
    bench
        .simulator
        .switch(|switches| switches.roles.push("System Administrator".into()));
    assert_eq!(
        bench.findings().await,
        "warn: roles: The application user has the role System Administrator, which may do \
         everything: whoever gets hold of the credential could too. → Dynamics administrator: Give \
         it a role of its own with what the checks below ask for, and take this one away."
    );
}

#[tokio::test]
async fn an_organization_that_may_not_be_read_is_a_warning() {
    let bench = Bench::healthy().await;
    bench.simulator.switch(|switches| {
        switches.forbidden.insert("organizations".into());
    });
    assert_eq!(
        bench.findings().await,
        "warn: changes kept: It is not known for how many days the environment remembers changes: \
         the application user may not read the organization. → Dynamics administrator: In the Power \
         Platform admin center, select Environments, the environment, Settings, Users + permissions, \
         Security roles, the application user's role, and give Read on Organization."
    );
}

#[tokio::test]
async fn changes_that_are_remembered_for_a_day_are_a_warning() {
    let bench = Bench::healthy().await;
    let organization = bench
        .simulator
        .truth("organizations")
        .unwrap()
        .next()
        .unwrap();
    let id = organization["organizationid"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let day = json!({"expirechangetrackingindays": 1});
    let day = day.as_object().unwrap().clone();
    bench.simulator.update("organizations", id, day).unwrap();
    assert_eq!(
        bench.findings().await,
        "warn: changes kept: The environment remembers changes for 1 day only: after as many failed \
         nights every table is read again in full. → Dynamics administrator: Set the column \
         expirechangetrackingindays of the organization to 7 or more."
    );
}

/// Whatever else answers, nobody is left alone with a status or a page of a gateway.
#[tokio::test]
async fn whatever_kind_of_request_fails_who_can_mend_it_is_said() {
    let kinds = [
        Class::Metadata,
        Class::Privileges,
        Class::Read,
        Class::Write,
    ];
    let mut met = 0;
    for (class, status) in kinds
        .into_iter()
        .flat_map(|class| [400, 401, 403, 404, 500, 503].map(|status| (class, status)))
    {
        let bench = Bench::healthy().await;
        let effect = Effect::Status {
            status,
            code: String::new(),
            message: "no".to_owned(),
            retry_after: RetryAfter::default(),
            html: true,
        };
        bench
            .simulator
            .inject(Fault::on(class, effect).times(10_000));
        for line in bench.findings().await.lines() {
            if line.starts_with("skipped") {
                continue;
            }
            met += 1;
            let (what, mended) = line.split_once(" → ").unwrap();
            assert!(!what.contains('<') && what.ends_with('.'), "{line}");
            let (who, how) = mended.split_once(": ").unwrap();
            assert!(
                who.ends_with("administrator") || who == "whoever deploys",
                "{line}"
            );
            assert!(how.ends_with('.') && how.len() > 10, "{line}");
        }
    }
    assert!(met > 30, "{met}");
}
