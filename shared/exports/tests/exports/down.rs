//! Dynamics is down: the copy stands in for it, and says so.

use std::net::TcpListener;
use std::sync::Arc;

use access::Access;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Config, Credentials, Region};
use clock::SystemClock;
use dynamics_client::{AuthorityHost, BudgetShare};
use dynamics_simulator::{Class, Effect, Fault, RetryAfter};
use jiff::Timestamp;
use settings::DynamicsSource;
use sync_store::ExportSource;

use crate::support::{World, call, members, outage};

#[tokio::test]
async fn while_dynamics_is_down_the_copy_is_handed_out_and_the_header_says_why() {
    let world = World::start().await;
    world.sync().await;
    let copy = world.file("/export/members.csv?source=copy").await;
    world.take_down();
    let file = world.file("/export/members.csv").await;
    assert_eq!(file.header("x-sync-source"), "copy");
    assert_eq!(file.header("x-sync-fallback"), "unavailable");
    assert_eq!(file.header("x-sync-as-of"), copy.header("x-sync-as-of"));
    assert_eq!(file.body, copy.body);
    world.simulator.clear_faults();
    let file = world.file("/export/members.csv").await;
    assert_eq!(file.header("x-sync-source"), "dynamics");
}

#[tokio::test]
async fn a_first_page_that_does_not_come_is_down_too() {
    let world = World::start().await;
    world.sync().await;
    let fault = Fault::on(Class::Read, outage()).times(u32::MAX);
    world.simulator.inject(fault);
    let file = world.file("/export/members.csv").await;
    assert_eq!(file.header("x-sync-source"), "copy");
    assert_eq!(
        file.rows().len(),
        world
            .file("/export/members.csv?source=copy")
            .await
            .rows()
            .len()
    );
}

#[tokio::test]
async fn a_secret_that_has_expired_is_named_as_credentials_and_a_new_one_is_used_at_once() {
    let world = World::start().await;
    world.sync().await;
    world
        .simulator
        .switch(|switches| switches.secret_expired = true);
    let file = world.file("/export/members.csv").await;
    assert_eq!(file.header("x-sync-fallback"), "credentials");
    world
        .simulator
        .switch(|switches| switches.secret_expired = false);
    let file = world.file("/export/members.csv").await;
    assert_eq!(file.header("x-sync-source"), "dynamics");
}

#[tokio::test]
async fn a_secret_that_nobody_hands_out_is_down_too() {
    let world = World::start().await;
    world.sync().await;
    // Takes connections, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let secrets = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-north-1"))
        .credentials_provider(Credentials::new("id", "key", None, None, "test"))
        .endpoint_url(format!("http://{}", silent.local_addr().unwrap()))
        .build();
    let source = DynamicsSource::Secret {
        secret_id: "dynamics/test".to_owned(),
        authority: AuthorityHost::default(),
        budget_share: BudgetShare::default(),
    };
    let secrets = aws_sdk_secretsmanager::Client::from_conf(secrets);
    let access = Access::new(source, secrets, Arc::new(SystemClock));
    let exports = world.opened_by(access);
    let answer = call(&exports, "export", "GET", "/export/members.csv", &[]).await;
    assert_eq!(answer.header("x-sync-source"), "copy");
    assert_eq!(answer.header("x-sync-fallback"), "credentials");
}

#[tokio::test]
async fn without_a_copy_a_dynamics_that_is_down_is_a_503_that_says_both() {
    let world = World::start().await;
    world.take_down();
    let answer = world.get("/export/members.csv").await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (503, "unavailable")
    );
    let text = answer.text();
    assert!(
        text.contains("there is no copy") && text.contains("members"),
        "{text}"
    );
    assert_eq!(answer.header("retry-after"), "5");
}

#[tokio::test]
async fn a_page_that_takes_dynamics_too_long_is_asked_for_again_with_fewer_rows() {
    let world = World::start().await;
    let timeout = Effect::Status {
        status: 504,
        code: String::new(),
        message: String::new(),
        retry_after: RetryAfter::Absent,
        html: true,
    };
    let fault = Fault::on(Class::Read, timeout).pages_above(2_000);
    world.simulator.inject(fault.times(u32::MAX));
    // Of a program that has time.
    let members = members();
    let opened = world.exports.open("terminal", &members, Timestamp::MAX);
    let opened = opened.await.unwrap();
    assert_eq!(opened.source, ExportSource::Dynamics);
}
