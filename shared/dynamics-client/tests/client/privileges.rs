use std::collections::BTreeMap;

use dynamics_client::{Depth, Error, ErrorKind, PrivilegeKind, Table};
use uuid::Uuid;

use crate::support::{Bench, Reply, contact_table};

const USER: Uuid = Uuid::from_u128(0x5f2c_0a11_0000_4000_8000_0000_0000_0001);

/// An answer with one entry a role.
fn held(depths: &[&str]) -> Reply {
    let roles: Vec<String> = depths
        .iter()
        .map(|depth| {
            format!(
                r#"{{"Depth":"{depth}","PrivilegeId":"x","BusinessUnitId":"y","PrivilegeName":"prvReadContact"}}"#
            )
        })
        .collect();
    let roles = roles.join(",");
    Reply::json(
        200,
        format!(r#"{{"@odata.context":"c","RolePrivileges":[{roles}]}}"#),
    )
}

async fn depth(reply: Reply) -> Result<Option<Depth>, Error> {
    let bench = Bench::new().await;
    bench.server.script([reply]);
    bench.client.privilege_depth(USER, "prvReadContact").await
}

#[test]
fn depths_are_ordered_by_how_far_they_reach() {
    let depths = [Depth::Basic, Depth::Local, Depth::Deep, Depth::Global];
    assert!(depths.is_sorted_by(|less, more| less < more));
}

#[tokio::test]
async fn of_several_roles_the_one_that_reaches_furthest_counts() {
    for (roles, deepest) in [
        (&[][..], None),
        (&["Basic"], Some(Depth::Basic)),
        (&["Local"], Some(Depth::Local)),
        (&["Deep", "Basic"], Some(Depth::Deep)),
        (&["Local", "Global", "Deep"], Some(Depth::Global)),
    ] {
        assert_eq!(depth(held(roles)).await.unwrap(), deepest, "{roles:?}");
    }
}

#[tokio::test]
async fn one_request_asks_for_the_privilege_of_the_user() {
    let bench = Bench::new().await;
    bench.server.script([held(&["Global"])]);
    let name = "prvReadhlf_Certification";
    bench.client.privilege_depth(USER, name).await.unwrap();
    assert_eq!(
        bench.server.api_requests()[0].line,
        format!(
            "GET /api/data/v9.2/systemusers({USER})/Microsoft.Dynamics.CRM.\
             RetrieveUserPrivilegeByPrivilegeName(PrivilegeName=%27{name}%27) HTTP/1.1"
        )
    );
    assert_eq!(bench.counters.snapshot().metadata, 1);
}

#[tokio::test]
async fn a_depth_that_is_not_known_is_never_guessed() {
    for roles in [
        &["RecordFilter"][..],
        &["Deep", "RecordFilter"],
        &["global"],
    ] {
        let error = depth(held(roles)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{roles:?}");
        let text = error.to_string();
        assert!(
            text.starts_with(
                "cannot read the depth of prvReadContact: Dataverse gave an unusable answer: one of \
                 the user's roles has prvReadContact at a depth of an unknown kind."
            ),
            "{text}"
        );
    }
    // Nothing reaches further than all rows.
    let all = depth(held(&["RecordFilter", "Global"])).await.unwrap();
    assert_eq!(all, Some(Depth::Global));
}

#[tokio::test]
async fn an_answer_without_a_list_of_roles_is_not_a_privilege_that_is_not_held() {
    for body in [
        "{}",
        r#"{"RolePrivileges":null}"#,
        r#"{"RolePrivileges":[{}]}"#,
    ] {
        let error = depth(Reply::json(200, body)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{body}");
    }
}

#[tokio::test]
async fn a_user_that_may_not_ask_or_is_not_there_is_told_so() {
    let refused = depth(Reply::error(403, "0x80040220", "No.")).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Forbidden);
    let missing = depth(Reply::error(404, "0x80040217", "No.")).await;
    let missing = missing.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    assert!(
        missing.to_string().contains("there is no such row"),
        "{missing}"
    );
}

#[tokio::test]
async fn a_privilege_whose_name_is_none_reaches_nobody() {
    let bench = Bench::new().await;
    let error = bench.client.privilege_depth(USER, "prv') or ('").await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::BadRequest);
    assert!(bench.server.seen().is_empty());
}

/// A table with these privileges.
fn table(privileges: &[(PrivilegeKind, &str)]) -> Table {
    let named = |(kind, name): &(PrivilegeKind, &str)| (*kind, (*name).to_owned());
    Table {
        privileges: privileges.iter().map(named).collect(),
        ..contact_table()
    }
}

async fn depths(roles: &str) -> Result<BTreeMap<PrivilegeKind, Depth>, Error> {
    let bench = Bench::new().await;
    bench.server.script([Reply::json(
        200,
        format!(r#"{{"RolePrivileges":[{roles}]}}"#),
    )]);
    let table = table(&[
        (PrivilegeKind::Read, "prvReadContact"),
        (PrivilegeKind::Write, "prvWriteContact"),
        (PrivilegeKind::Delete, "prvDeleteContact"),
    ]);
    let depths = bench.client.privilege_depths(USER, &table).await;
    let asked = &bench.server.api_requests()[0].line;
    assert_eq!(
        *asked,
        format!(
            "GET /api/data/v9.2/systemusers({USER})/Microsoft.Dynamics.CRM.\
             RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@p1)?@p1=[%22prvReadContact%22,\
             %22prvWriteContact%22,%22prvDeleteContact%22] HTTP/1.1"
        )
    );
    assert_eq!(bench.counters.snapshot().metadata, 1);
    depths
}

#[tokio::test]
async fn all_privileges_on_a_table_take_one_request() {
    let held = depths(
        r#"{"Depth":"Basic","PrivilegeName":"prvReadContact"},
           {"Depth":"Deep","PrivilegeName":"prvWriteContact"},
           {"Depth":"Global","PrivilegeName":"prvReadContact"},
           {"Depth":"Odd","PrivilegeName":"prvReadAccount"}"#,
    );
    let expected = [
        (PrivilegeKind::Read, Depth::Global),
        (PrivilegeKind::Write, Depth::Deep),
    ];
    assert_eq!(held.await.unwrap(), BTreeMap::from(expected));
}

#[tokio::test]
async fn a_privilege_without_a_name_or_of_an_unknown_depth_is_an_error() {
    for (role, why) in [
        (
            r#"{"Depth":"Global"}"#,
            "one of the user's privileges has no name told",
        ),
        (
            r#"{"Depth":"Global","PrivilegeName":null}"#,
            "one of the user's privileges has no name told",
        ),
        (
            r#"{"Depth":"Odd","PrivilegeName":"prvWriteContact"}"#,
            "one of the user's roles has prvWriteContact at a depth of an unknown kind",
        ),
    ] {
        let error = depths(role).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{role}");
        let text = error.to_string();
        assert!(
            text.starts_with("cannot read the privileges on contacts: "),
            "{text}"
        );
        assert!(text.contains(why), "{text}");
    }
}

#[tokio::test]
async fn a_table_without_privileges_asks_for_none_and_a_hostile_one_reaches_nobody() {
    let bench = Bench::new().await;
    let none = bench.client.privilege_depths(USER, &table(&[])).await;
    assert_eq!(none.unwrap(), BTreeMap::new());
    let hostile = table(&[(PrivilegeKind::Read, "prv\"] or [\"")]);
    let error = bench.client.privilege_depths(USER, &hostile).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::BadRequest);
    assert!(bench.server.seen().is_empty());
}
