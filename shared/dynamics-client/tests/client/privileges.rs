use dynamics_client::{Depth, Error, ErrorKind};
use uuid::Uuid;

use crate::support::{Bench, Reply};

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
    bench.client.read_depth(USER, "prvReadContact").await
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
    bench.client.read_depth(USER, name).await.unwrap();
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
                 the user's roles has the privilege at a depth of an unknown kind."
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
    let error = bench.client.read_depth(USER, "prv') or ('").await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::BadRequest);
    assert!(bench.server.seen().is_empty());
}
