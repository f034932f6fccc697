//! Single writes against the simulator: what it checks as Dataverse does, and what is in it afterwards.

use dynamics_client::{ErrorKind, IfMatch, KeyValue, Outcome, Record, RowKey, WriteOptions};
use dynamics_simulator::{Class, Effect, Fault};

use crate::simulated::{World, account, id};

#[tokio::test]
async fn a_row_is_created_read_back_changed_by_its_version_and_deleted() {
    let world = World::start().await;
    let client = world
        .client
        .writing(WriteOptions::default().returning(["name"]));
    let key = RowKey::text("accountnumber", "N'1 ø");
    let created = client
        .upsert(&world.accounts, &key, &account(1))
        .await
        .unwrap();
    assert_eq!(created.created, Some(true));
    let row = RowKey::Id(created.id.unwrap());
    let version = IfMatch::ETag(created.etag.unwrap());
    let changed = client
        .update(&world.accounts, &row, &account(2), &version)
        .await
        .unwrap();
    assert_eq!(
        changed.row.unwrap().cell("name").text().unwrap().unwrap(),
        "New 2"
    );
    let error = client
        .update(&world.accounts, &row, &account(3), &version)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VersionMismatch);
    let error = client
        .delete(&world.accounts, &row, &version)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VersionMismatch);
    let upserted = client
        .upsert(&world.accounts, &key, &account(4))
        .await
        .unwrap();
    assert_eq!((upserted.created, upserted.id), (Some(false), created.id));
    let latest = IfMatch::ETag(upserted.etag.unwrap());
    client.delete(&world.accounts, &key, &latest).await.unwrap();
    assert_eq!(world.added(), 0);
    let error = client
        .delete(&world.accounts, &row, &IfMatch::Any)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::NotFound, Outcome::Refused)
    );
    let error = client
        .update(&world.accounts, &row, &account(5), &IfMatch::Any)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(world.added(), 0);
}

#[tokio::test]
async fn a_lookup_is_bound_by_its_navigation_property_and_addressed_in_a_composite_key() {
    let world = World::start().await;
    let certifications = world.client.table("hlf_certifications", &[]).await.unwrap();
    let navigations = world.client.navigations(&certifications).await.unwrap();
    let to_contact = navigations
        .iter()
        .find(|held| held.column == "hlf_contactid" && held.target == "contact")
        .unwrap();
    let contacts = world.client.table("contacts", &[]).await.unwrap();
    let person = Record::new().text("lastname", "Hansen").id(id(1));
    world.client.create(&contacts, &person).await.unwrap();
    let record =
        Record::new()
            .text("hlf_mentorcode", "M 1")
            .bind(&to_contact.property, "contacts", id(1));
    let made = world.client.create(&certifications, &record).await.unwrap();
    let key = RowKey::Alternate(vec![
        ("hlf_contactid".into(), KeyValue::Lookup(id(1))),
        ("hlf_mentorcode".into(), KeyValue::Text("M 1".into())),
    ]);
    let client = world
        .client
        .writing(WriteOptions::default().returning(["hlf_mentorcode"]));
    let again = client
        .upsert(&certifications, &key, &Record::new())
        .await
        .unwrap();
    assert_eq!((again.id, again.created), (made.id, Some(false)));
}

#[tokio::test]
async fn a_reply_lost_after_the_write_was_applied_never_doubles_a_row() {
    let world = World::start().await;
    let lose = || {
        world
            .simulator
            .inject(Fault::on(Class::Write, Effect::ResetAfter))
    };
    let (mine, blind) = (account(1).id(id(1)), account(2));
    lose();
    world.client.create(&world.accounts, &mine).await.unwrap();
    lose();
    let key = RowKey::text("accountnumber", "N-1");
    world
        .client
        .upsert(&world.accounts, &key, &blind)
        .await
        .unwrap();
    lose();
    let error = world
        .client
        .create(&world.accounts, &blind)
        .await
        .unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(world.added(), 3);
    lose();
    world
        .client
        .delete(&world.accounts, &RowKey::Id(id(1)), &IfMatch::Any)
        .await
        .unwrap();
    assert_eq!(world.added(), 2);
}
