//! Settings, address, clock, credential and token.

use dynamics_client::{AuthorityHost, InstanceUrl};
use dynamics_simulator::{Class, Effect, Fault};

use crate::bench::Bench;

#[tokio::test]
async fn missing_settings_are_told_and_everything_that_needs_them_is_left_out() {
    let mut bench = Bench::healthy().await;
    bench.settings =
        Err("1 setting is missing or malformed:\nDYNAMICS_TENANT_ID is missing".into());
    assert_eq!(
        bench.findings().await,
        "fail: settings: 1 setting is missing or malformed:\n\
         DYNAMICS_TENANT_ID is missing → whoever deploys: Set the values that are named; where they \
         go is in the README, \"The function\".\n\
         skipped because of: settings"
    );
}

#[tokio::test]
async fn a_stream_file_with_mistakes_stops_only_what_is_of_streams() {
    let mut bench = Bench::healthy().await;
    bench.streams = Err("streams.toml:3: expected a table".into());
    assert_eq!(
        bench.findings().await,
        "fail: stream file: streams.toml:3: expected a table → whoever deploys: Correct the stream \
         file; the README describes it.\n\
         skipped because of: stream file"
    );
}

#[tokio::test]
async fn an_address_that_does_not_exist_is_told_with_where_the_right_one_stands() {
    let mut bench = Bench::healthy().await;
    bench.config.instance = InstanceUrl::parse("https://hlf.invalid").unwrap();
    let told = bench.findings().await;
    // The resolver's own words differ from machine to machine.
    let (head, tail) = told.split_once("could not be reached").unwrap();
    assert_eq!(
        head,
        "fail: address: cannot connect to https://hlf.invalid: Dataverse "
    );
    let (_, tail) = tail.split_once(" → ").unwrap();
    assert_eq!(
        tail,
        "whoever deploys: Compare DYNAMICS_INSTANCE_URL with \"Environment URL\" in the Power Platform \
         admin center, Environments, the environment; if it is right, check that this network may \
         reach it.\n\
         skipped because of: address"
    );
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_told_as_unreachable() {
    let mut bench = Bench::healthy().await;
    bench.config.instance = InstanceUrl::parse("http://127.0.0.1:9").unwrap();
    let told = bench.findings().await;
    assert!(told.contains("Dataverse could not be reached"), "{told}");
    assert!(
        told.contains("whoever deploys: Compare DYNAMICS_INSTANCE_URL"),
        "{told}"
    );
}

#[tokio::test]
async fn a_server_without_tls_is_told_as_insecure() {
    let mut bench = Bench::healthy().await;
    let secure = bench.running.base_url().replace("http://", "https://");
    bench.config.instance = InstanceUrl::parse(&secure).unwrap();
    let told = bench
        .findings()
        .await
        .replace(&secure, "https://hlf.example");
    let (head, tail) = told.split_once("Dataverse: ").unwrap();
    assert_eq!(
        head,
        "fail: address: cannot connect to https://hlf.example: there is no secure connection to "
    );
    let (_, tail) = tail.split_once(" → ").unwrap();
    assert_eq!(
        tail,
        "whoever deploys: Check the environment's address, and that no proxy or firewall on the way \
         puts its own certificate in place of Microsoft's.\n\
         skipped because of: address"
    );
}

#[tokio::test]
async fn a_web_site_that_is_no_dataverse_is_told_as_such() {
    let bench = Bench::healthy().await;
    bench
        .simulator
        .inject(Fault::on(Class::Other, Effect::HtmlPage));
    assert_eq!(
        bench.findings().await,
        "fail: address: https://hlf.example answers, but not as Dataverse does: it asks for no \
         token. → whoever deploys: Compare DYNAMICS_INSTANCE_URL with \"Environment URL\" in the Power \
         Platform admin center, Environments, the environment.\n\
         skipped because of: address"
    );
}

#[tokio::test]
async fn an_environment_of_another_tenant_is_told_by_both_ids() {
    let mut bench = Bench::healthy().await;
    bench.config.tenant = "11111111-2222-3333-4444-555555555555".into();
    assert_eq!(
        bench.findings().await,
        "fail: address: The environment belongs to tenant TENANT, and DYNAMICS_TENANT_ID is \
         11111111-2222-3333-4444-555555555555. → whoever deploys: Set DYNAMICS_TENANT_ID to the \
         environment's tenant, in which the application must be registered; or DYNAMICS_INSTANCE_URL \
         to an environment of yours.\n\
         fail: token: cannot get a token for https://hlf.example: Entra refused (400, AADSTS90002, \
         request ID): there is no such tenant. → whoever deploys: Compare DYNAMICS_TENANT_ID with \
         \"Directory (tenant) ID\" on the application's Overview page in the Microsoft Entra admin \
         center, App registrations; in a national cloud, check AZURE_AUTHORITY_HOST too.\n\
         skipped because of: token"
    );
}

#[tokio::test]
async fn a_clock_that_is_two_minutes_off_is_a_warning() {
    let bench = Bench::healthy().await;
    bench.simulator.advance(-120);
    assert_eq!(
        bench.findings().await,
        "warn: clock: This machine's clock is 2 minutes ahead of Dataverse's. → whoever deploys: Set \
         it by a time server (NTP)."
    );
}

#[tokio::test]
async fn a_clock_that_is_hours_behind_is_a_failure() {
    let bench = Bench::healthy().await;
    bench.simulator.advance(3 * 3_600);
    assert_eq!(
        bench.findings().await,
        "fail: clock: This machine's clock is 3 hours behind Dataverse's. Entra refuses what a \
         certificate signs at such a time, and rows expire on the wrong day. → whoever deploys: Set \
         it by a time server (NTP)."
    );
}

#[tokio::test]
async fn a_credential_that_ends_in_a_week_is_a_warning() {
    let mut bench = Bench::healthy().await;
    bench.secret_expires(Some("2026-11-27T02:00:00Z"));
    assert_eq!(
        bench.findings().await,
        "warn: credential: The client secret expires in 7 days, on 2026-11-27. → Entra \
         administrator: Make a new one in the app registration and store it in place of this one."
    );
}

#[tokio::test]
async fn a_credential_that_has_ended_is_a_failure_before_entra_says_so() {
    let mut bench = Bench::healthy().await;
    bench.secret_expires(Some("2026-11-19T02:00:00Z"));
    assert_eq!(
        bench.findings().await,
        "fail: credential: The client secret has expired, on 2026-11-19. → Entra administrator: Make \
         a new one in the app registration and store it in place of this one."
    );
}

#[tokio::test]
async fn a_credential_whose_end_nobody_knows_is_a_warning() {
    let mut bench = Bench::healthy().await;
    bench.secret_expires(None);
    assert_eq!(
        bench.findings().await,
        "warn: credential: It is not known when the client secret expires, so nobody can be warned \
         in time. → whoever deploys: Give the day that Entra shows as \
         DYNAMICS_CLIENT_SECRET_EXPIRES_ON."
    );
}

#[tokio::test]
async fn a_wrong_client_secret_is_told_with_where_a_new_one_is_made() {
    let bench = Bench::healthy().await;
    bench.simulator.set_secret("another");
    let told = bench.findings().await;
    assert_eq!(
        told,
        "fail: token: cannot get a token for https://hlf.example: Entra refused (401, AADSTS7000215, \
         request ID): the client secret is wrong. → Entra administrator: In the Microsoft Entra \
         admin center, select App registrations, the application, Certificates & secrets, New client \
         secret; store its Value, not its Secret ID, as DYNAMICS_CLIENT_SECRET.\n\
         skipped because of: token"
    );
    assert!(!told.contains(&bench.simulator.credentials().client_secret));
}

#[tokio::test]
async fn an_expired_client_secret_is_told_as_expired() {
    let bench = Bench::healthy().await;
    bench
        .simulator
        .switch(|switches| switches.secret_expired = true);
    assert_eq!(
        bench.findings().await,
        "fail: token: cannot get a token for https://hlf.example: Entra refused (401, AADSTS7000222, \
         request ID): the client secret has expired. → Entra administrator: In the Microsoft Entra \
         admin center, select App registrations, the application, Certificates & secrets, New client \
         secret; store its Value, not its Secret ID, as DYNAMICS_CLIENT_SECRET.\n\
         skipped because of: token"
    );
}

#[tokio::test]
async fn an_unknown_application_is_told_with_where_its_id_stands() {
    let mut bench = Bench::healthy().await;
    bench.config.client_id = "11111111-2222-3333-4444-555555555555".into();
    assert_eq!(
        bench.findings().await,
        "fail: token: cannot get a token for https://hlf.example: Entra refused (400, AADSTS700016, \
         request ID): the tenant has no application with this client id. → whoever deploys: Compare \
         DYNAMICS_CLIENT_ID with \"Application (client) ID\" and DYNAMICS_TENANT_ID with \"Directory \
         (tenant) ID\" on the application's Overview page in the Microsoft Entra admin center, App \
         registrations.\n\
         skipped because of: token"
    );
}

#[tokio::test]
async fn a_disabled_application_is_told_with_where_it_is_enabled() {
    let bench = Bench::healthy().await;
    bench
        .simulator
        .switch(|switches| switches.application_disabled = true);
    assert_eq!(
        bench.findings().await,
        "fail: token: cannot get a token for https://hlf.example: Entra refused (400, AADSTS7000112, \
         request ID): the application is disabled in the tenant. → Entra administrator: In the \
         Microsoft Entra admin center, select Enterprise applications, the application, Properties, \
         and set \"Enabled for users to sign-in?\" to Yes.\n\
         skipped because of: token"
    );
}

#[tokio::test]
async fn an_entra_that_cannot_be_reached_is_told_with_the_setting_that_says_where_it_is() {
    let mut bench = Bench::healthy().await;
    bench.config.authority = AuthorityHost::parse("http://127.0.0.1:9").unwrap();
    let told = bench.findings().await;
    let (head, tail) = told.split_once(" in ").unwrap();
    assert_eq!(
        head,
        "fail: token: cannot get a token for https://hlf.example: Entra could not be reached"
    );
    let (_, tail) = tail.split_once(" → ").unwrap();
    assert_eq!(
        tail,
        "whoever deploys: Compare AZURE_AUTHORITY_HOST with the Entra host of the tenant's cloud (it \
         is login.microsoftonline.com unless set), and check that this network may reach it.\n\
         skipped because of: token"
    );
}

#[tokio::test]
async fn a_tenant_that_does_not_exist_is_told_as_such() {
    let mut bench = Bench::healthy().await;
    bench.config.tenant = "no-such-tenant.example".into();
    assert_eq!(
        bench.findings().await,
        "fail: token: cannot get a token for https://hlf.example: Entra refused (400, AADSTS90002, \
         request ID): there is no such tenant. → whoever deploys: Compare DYNAMICS_TENANT_ID with \
         \"Directory (tenant) ID\" on the application's Overview page in the Microsoft Entra admin \
         center, App registrations; in a national cloud, check AZURE_AUTHORITY_HOST too.\n\
         skipped because of: token"
    );
}

/// What only Entra itself can produce, by its code.
#[tokio::test]
async fn every_other_code_of_entra_is_told_with_who_can_mend_it() {
    let bench = Bench::healthy().await;
    let mut told = Vec::new();
    for code in [
        700_024, 700_027, 700_030, 1_000_502, 7_000_214, 7_000_229, 53_003, 70_011, 500_011,
        90_038, 12_345,
    ] {
        bench
            .simulator
            .switch(|switches| switches.token_refusal = code);
        told.push(bench.findings().await);
    }
    assert_eq!(
        told.join("\n"),
        "fail: token: cannot get a token for https://hlf.example: Entra refused (401, AADSTS700024, \
         request ID): the certificate's signature is not from this time. → whoever deploys: Set this \
         machine's clock by a time server: it differs from Entra's by minutes.\n\
         skipped because of: token\n\
         fail: token: cannot get a token for https://hlf.example: Entra refused (401, AADSTS700027, \
         request ID): the certificate is not registered with the application, or no longer. → Entra \
         administrator: In the Microsoft Entra admin center, select App registrations, the \
         application, Certificates & secrets, Certificates, Upload certificate; the certificate with \
         its key is DYNAMICS_CLIENT_CERTIFICATE.\n\
         skipped because of: token\n\
         fail: token: cannot get a token for https://hlf.example: Entra refused (401, AADSTS700030, \
         request ID): the certificate is not valid for the application. → Entra administrator: In \
         the Microsoft Entra admin center, select App registrations, the application, Certificates & \
         secrets, Certificates, Upload certificate; the certificate with its key is \
         DYNAMICS_CLIENT_CERTIFICATE.\n\
         skipped because of: token\n\
         fail: token: cannot get a token for https://hlf.example: Entra refused (401, AADSTS1000502, \
         request ID): the certificate has expired or is not valid yet. → Entra administrator: In the \
         Microsoft Entra admin center, select App registrations, the application, Certificates & \
         secrets, Certificates, Upload certificate; the certificate with its key is \
         DYNAMICS_CLIENT_CERTIFICATE.\n\
         skipped because of: token\n\
         fail: token: cannot get a token for https://hlf.example: Entra refused (401, AADSTS7000214, \
         request ID): the certificate has been revoked. → Entra administrator: In the Microsoft \
         Entra admin center, select App registrations, the application, Certificates & secrets, \
         Certificates, Upload certificate; the certificate with its key is \
         DYNAMICS_CLIENT_CERTIFICATE.\n\
         skipped because of: token\n\
         fail: token: cannot get a token for https://hlf.example: Entra refused (401, AADSTS7000229, \
         request ID): the application has no service principal in the tenant. → Entra administrator: \
         In the Microsoft Entra admin center, select App registrations, the application, API \
         permissions, Grant admin consent, which makes the application known in the tenant.\n\
         skipped because of: token\n\
         fail: token: cannot get a token for https://hlf.example: Entra refused (401, AADSTS53003, \
         request ID): a Conditional Access policy of the tenant blocks the application. → Entra \
         administrator: In the Microsoft Entra admin center, select Conditional Access, Policies, \
         and exempt the application, or the addresses it comes from.\n\
         skipped because of: token\n\
         fail: token: cannot get a token for https://hlf.example: Entra refused (401, AADSTS70011, \
         request ID): Entra knows no Dataverse environment at this address. → whoever deploys: \
         Compare DYNAMICS_INSTANCE_URL with \"Environment URL\" in the Power Platform admin center, \
         Environments, the environment; it must belong to the tenant that DYNAMICS_TENANT_ID names.\n\
         skipped because of: token\n\
         fail: token: cannot get a token for https://hlf.example: Entra refused (401, AADSTS500011, \
         request ID): the tenant knows no Dataverse environment at this address. → whoever deploys: \
         Compare DYNAMICS_INSTANCE_URL with \"Environment URL\" in the Power Platform admin center, \
         Environments, the environment; it must belong to the tenant that DYNAMICS_TENANT_ID names.\n\
         skipped because of: token\n\
         fail: token: cannot get a token for https://hlf.example: Entra refused (401, AADSTS90038, \
         request ID): the tenant belongs to another cloud than the Entra host. → whoever deploys: \
         Set AZURE_AUTHORITY_HOST to the Entra host of the tenant's cloud: login.microsoftonline.us \
         for US Government, login.partner.microsoftonline.cn for China.\n\
         skipped because of: token\n\
         fail: token: cannot get a token for https://hlf.example: Entra refused (401, AADSTS12345, \
         request ID). → Entra administrator: Check the tenant, the client id, the credential and the \
         environment's address; the code is explained at https://login.microsoftonline.com/error.\n\
         skipped because of: token"
    );
}
