//! What cannot be exported is refused by name, with what there is.

use crate::support::{World, call};

#[tokio::test]
async fn what_is_asked_for_wrongly_is_named_with_what_there_is() {
    let world = World::start().await;
    world.sync().await;
    for (address, status, code, parts) in [
        (
            "/export/member.csv",
            404,
            "not-found",
            &["members.csv", "changes.csv", "did you mean"][..],
        ),
        ("/export/members", 404, "not-found", &["members.csv"]),
        ("/export/members.xlsx", 404, "not-found", &["members.csv"]),
        ("/export/", 404, "not-found", &["members.csv"]),
        ("/export/changes.csv.gz", 404, "not-found", &["changes.csv"]),
        (
            "/export/members.csv?field=email",
            400,
            "malformed-request",
            &["`field`", "`fields`"],
        ),
        (
            "/export/members.csv?fields=emial",
            400,
            "malformed-request",
            &["`emial`", "`email`", "did you mean"],
        ),
        (
            "/export/members.csv?fields=email,email",
            400,
            "malformed-request",
            &["more than once"],
        ),
        (
            "/export/members.csv?since=yesterday",
            400,
            "malformed-request",
            &["`since`", "2026-11-20"],
        ),
        (
            "/export/members.csv?since=2026-11-20T10:00:00",
            400,
            "malformed-request",
            &["`since`"],
        ),
        (
            "/export/members.csv?since=2026-02-30",
            400,
            "malformed-request",
            &["`since`"],
        ),
        (
            "/export/members.csv?delimiter=x",
            400,
            "malformed-request",
            &["`delimiter`", "%3B"],
        ),
        (
            "/export/members.csv?delimiter=;;",
            400,
            "malformed-request",
            &["`delimiter`"],
        ),
        (
            "/export/members.csv?source=copies",
            400,
            "malformed-request",
            &["`source`", "`copy`"],
        ),
        (
            "/export/changes.csv",
            400,
            "malformed-request",
            &["`stream` is missing", "`certifications`"],
        ),
        (
            "/export/changes.csv?stream=x",
            400,
            "malformed-request",
            &["`stream`", "`certifications`"],
        ),
        (
            "/export/changes.csv?stream=certifications&status=applied",
            400,
            "malformed-request",
            &["`status`", "`held`"],
        ),
        (
            "/export/postings.csv?source=copy",
            409,
            "no-copy",
            &["`postings` only writes"],
        ),
    ] {
        let answer = world.get(address).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (status, code),
            "{address}"
        );
        let text = answer.text();
        for part in parts {
            assert!(text.contains(part), "{address}: no {part} in {text}");
        }
    }
}

#[tokio::test]
async fn a_table_that_must_not_be_read_or_does_not_fit_is_a_422_that_names_it_and_the_streams() {
    let world = World::start().await;
    world.sync().await;
    world.simulator.switch(|switches| {
        switches.forbidden.insert("contacts".into());
        switches.absent.insert("hlf_certifications".into());
    });
    for (stream, table) in [
        ("members", "contacts"),
        ("certifications", "hlf_certifications"),
    ] {
        let answer = world.get(&format!("/export/{stream}.csv")).await;
        let code = answer.problem();
        assert_eq!((answer.status, code.as_str()), (422, "unreadable-table"));
        let text = answer.text();
        for part in [table, "`members`", "`certifications`", "source=copy"] {
            assert!(text.contains(part), "no {part} in {text}");
        }
    }
    world.file("/export/members.csv?source=copy").await;
}

#[tokio::test]
async fn who_may_not_export_and_pages_of_other_sites_are_turned_away_before_dynamics_is_asked() {
    let world = World::start().await;
    let address = "/export/members.csv";
    let exports = &world.exports;
    for scopes in ["", "read", "changes run"] {
        let answer = call(exports, scopes, "GET", address, &[]).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (403, "missing-scope")
        );
    }
    let answer = call(exports, "export", "POST", address, &[]).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET"));
    let cross = [("sec-fetch-site", "cross-site")];
    let answer = call(exports, "export", "GET", address, &cross).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (403, "cross-site")
    );
    let own = [("sec-fetch-site", "same-origin")];
    assert_eq!(
        call(exports, "export", "GET", address, &own).await.status,
        200
    );
}
