use dynamics_client::{Entry, Error, ErrorKind, Next, Page, PageRequest, Query};
use futures::{StreamExt, TryStreamExt};

use crate::support::{Bench, Reply, Server, contacts, empty_page, saved};

const CONTACT: &str =
    r#"{"@odata.etag":"W/\"7\"","contactid":"49b0be2e-d01c-ed11-b83e-000d3a572421"}"#;

fn page(server: &Server, link: &str, to: &str) -> Reply {
    let link_to = server.api(to);
    Reply::json(
        200,
        format!(r#"{{"@odata.{link}":"{link_to}","value":[{CONTACT}]}}"#),
    )
}

async fn walk(bench: &Bench, first: PageRequest) -> Vec<Result<Page, Error>> {
    bench.client.pages(first).collect().await
}

#[tokio::test]
async fn a_walk_follows_every_link_with_the_same_preferences_to_the_delta() {
    let bench = Bench::new().await;
    bench.server.script([
        page(
            &bench.server,
            "nextLink",
            "contacts?$select=fullname&$skiptoken=%3Ccookie%20p=%222%22",
        ),
        page(&bench.server, "nextLink", "contacts?$skiptoken=3"),
        page(&bench.server, "deltaLink", "contacts?$deltatoken=9!x")
            .header("date", "Fri, 20 Nov 2026 02:00:07 GMT"),
    ]);
    let query = Query::new("contacts")
        .select(["fullname"])
        .max_page_size(1)
        .track_changes();
    let pages: Vec<Page> = bench
        .client
        .pages(query.into())
        .try_collect()
        .await
        .unwrap();
    assert_eq!(pages.len(), 3);
    assert!(
        matches!(&pages[2].next, Next::Delta(link) if link.as_str() == bench.server.api("contacts?$deltatoken=9!x"))
    );
    assert_eq!(
        pages[2].served_at,
        Some("2026-11-20T02:00:07Z".parse().unwrap())
    );
    assert!(matches!(&pages[0].entries[0], Entry::Row(row) if row.version() == Some(7)));

    let requests = bench.server.api_requests();
    assert_eq!(
        requests[0].line,
        "GET /api/data/v9.2/contacts?$select=fullname HTTP/1.1"
    );
    assert_eq!(
        requests[1].line,
        "GET /api/data/v9.2/contacts?$select=fullname&$skiptoken=%3Ccookie%20p=%222%22 HTTP/1.1"
    );
    for request in requests {
        assert_eq!(
            request.header("prefer"),
            Some("odata.track-changes,odata.maxpagesize=1")
        );
    }
}

#[tokio::test]
async fn a_walk_without_further_link_ends() {
    let bench = Bench::new().await;
    bench.server.script([empty_page()]);
    let pages = walk(&bench, contacts()).await;
    assert_eq!(pages.len(), 1);
    assert_eq!(pages[0].as_ref().unwrap().next, Next::End);
}

#[tokio::test]
async fn a_link_to_another_host_is_refused_and_the_host_gets_nothing() {
    let bench = Bench::new().await;
    let thief = Server::start().await;
    for link in ["nextLink", "deltaLink"] {
        bench
            .server
            .script([page(&thief, link, "contacts?$skiptoken=2")]);
        let pages = walk(&bench, contacts()).await;
        assert_eq!(
            pages.len(),
            1,
            "not even the page that carries it is handed out"
        );
        let error = pages[0].as_ref().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ForeignLink);
        assert_eq!(
            error.to_string(),
            format!(
                "cannot read contacts: the link was not followed: the link leads to {} instead \
                 of {}. The token is sent to the configured environment only. Check the environment's \
                 address; if it has changed, the tables must be read in full again.",
                thief.url(),
                bench.server.url()
            )
        );
    }
    assert!(thief.seen().is_empty());
}

#[tokio::test]
async fn a_saved_link_to_another_host_is_refused_before_anything_is_sent() {
    let bench = Bench::new().await;
    let thief = Server::start().await;
    let other_path = format!("{}/api/data/v9.1/contacts", bench.server.url());
    for link in [
        thief.api("contacts?$deltatoken=1"),
        other_path,
        "garbage".to_owned(),
    ] {
        let error = bench.client.page(&saved(link)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ForeignLink);
        assert!(!error.is_temporary());
    }
    assert!(thief.seen().is_empty() && bench.server.seen().is_empty());
}

#[tokio::test]
async fn a_link_that_comes_a_second_time_ends_the_walk_with_an_error() {
    let bench = Bench::new().await;
    bench.server.script([
        page(&bench.server, "nextLink", "contacts?$skiptoken=2"),
        page(&bench.server, "nextLink", "contacts?$skiptoken=3"),
        page(&bench.server, "nextLink", "contacts?$skiptoken=2"),
    ]);
    let pages = walk(&bench, contacts()).await;
    assert_eq!(pages.len(), 3);
    assert_eq!(
        pages[2].as_ref().unwrap_err().to_string(),
        "cannot read contacts: the pages do not end: a link to the next page came twice. Read the table \
         in full again; if it keeps happening, report it."
    );
    assert_eq!(bench.server.api_requests().len(), 3);
}

#[tokio::test]
async fn a_page_whose_next_page_is_itself_is_an_error() {
    let bench = Bench::new().await;
    bench
        .server
        .script([page(&bench.server, "nextLink", "contacts?$skiptoken=2")]);
    let itself = saved(bench.server.api("contacts?$skiptoken=2"));
    let error = bench.client.page(&itself).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn a_page_that_was_cut_and_sent_again_shows_its_rows_once() {
    let bench = Bench::new().await;
    let whole = format!(r#"{{"value":[{CONTACT}]}}"#);
    bench.server.script([
        Reply::json(200, &whole[..whole.len() - 2]).claiming(whole.len()),
        Reply::json(200, whole),
    ]);
    let pages = walk(&bench, contacts()).await;
    assert_eq!(pages.len(), 1);
    assert_eq!(pages[0].as_ref().unwrap().entries.len(), 1);
    assert_eq!(bench.counters.snapshot().pages, 2);
}

#[tokio::test]
async fn change_tracking_with_a_top_is_refused_before_anything_is_sent() {
    let bench = Bench::new().await;
    let query = Query::new("contacts").track_changes().top(1);
    let error = bench.client.page(&query.into()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read contacts: the request was not sent: change tracking allows no filter, no order and \
         no top. Read the whole table and filter what comes."
    );
    assert!(bench.server.seen().is_empty());
}
