use dynamics_client::{ErrorCode, ErrorKind};

use crate::support::{Bench, Reply, contacts, empty_page, saved};

const ID: &str = "5f2c0a11-0000-4000-8000-000000000001";

async fn text(reply: Reply) -> String {
    Bench::new()
        .await
        .error_text([reply.header("x-ms-service-request-id", ID)])
        .await
}

async fn kind(reply: Reply) -> ErrorKind {
    Bench::new().await.error([reply]).await.kind()
}

#[tokio::test]
async fn a_missing_privilege_is_named_with_what_to_ask_for() {
    let said = "Principal user (Id=1, type=8) is missing prvReadContact privilege";
    let reply = Reply::error(403, "0x80040220", &format!("{said}\\r\\nmore"));
    assert_eq!(
        text(reply).await,
        format!(
            "cannot read contacts: Dataverse refused (403, 0x80040220, request {ID}): the application \
             user lacks read privilege on this table. Ask a Dynamics administrator to add prvRead on \
             it, at organization level, to the application user's security role. The server said: \
             {said}"
        )
    );
}

#[tokio::test]
async fn each_kind_of_refused_application_has_its_own_sentence() {
    for (code, rest) in [
        (
            "0x80072560",
            "the application has no user in this environment. Ask a Dynamics administrator to create \
             an application user for this client id in the Power Platform admin center and to give it \
             a security role. The server said: No.",
        ),
        (
            "0x80042f09",
            "the application user has no security role. Ask a Dynamics administrator to give it a role \
             that may read the tables to be synced. The server said: No.",
        ),
        (
            "0x80095ffc",
            "this environment accepts only listed applications. Ask a Power Platform administrator to \
             add this client id to the environment's list of allowed applications. The server said: \
             No.",
        ),
        (
            "0x8004f506",
            "the request uses a secured column that the application user may not read. Ask a Dynamics \
             administrator to add the application user to a column security profile that may read it.",
        ),
    ] {
        assert_eq!(
            text(Reply::error(403, code, "No.")).await,
            format!("cannot read contacts: Dataverse refused (403, {code}, request {ID}): {rest}")
        );
    }
    assert_eq!(
        text(Reply::html(403, "<html>forbidden</html>")).await,
        format!(
            "cannot read contacts: Dataverse refused (403, request {ID}): the application user may not \
             do this. Ask a Dynamics administrator to check the application user's security role."
        )
    );
}

#[tokio::test]
async fn a_missing_table_is_named() {
    let said = "Resource not found for the segment 'contacts'.";
    for (code, quote) in [
        ("0x80060888", format!(" The server said: {said}")),
        ("0x8006088a", String::new()),
    ] {
        let error = text(Reply::error(404, code, said)).await;
        assert_eq!(
            error,
            format!(
                "cannot read contacts: Dataverse refused (404, {code}, request {ID}): the environment \
                 has no table with this entity set name. Check its spelling (it is usually a plural, \
                 and case counts) and that the app that brings the table is installed.{quote}"
            )
        );
    }
}

#[tokio::test]
async fn change_tracking_that_is_off_and_an_unknown_column_are_named() {
    let off = Reply::error(
        400,
        "0x80072491",
        "Entity contact isn't enabled for change tracking.",
    );
    assert_eq!(
        text(off).await,
        format!(
            "cannot read contacts: Dataverse refused (400, 0x80072491, request {ID}): change tracking \
             is off for this table. Ask a Dynamics administrator to switch on \"Track changes\" for it; \
             it cannot be switched off again. The server said: Entity contact isn't enabled for change \
             tracking."
        )
    );
    for (code, said) in [
        (
            "0x80060888",
            "Could not find a property named 'x' on type 'Microsoft.Dynamics.CRM.contact'.",
        ),
        (
            "0x80041103",
            "'contact' entity doesn't contain attribute with Name = 'x' and NameMapping = 'Logical'.",
        ),
    ] {
        assert_eq!(
            text(Reply::error(400, code, said)).await,
            format!(
                "cannot read contacts: Dataverse refused (400, {code}, request {ID}): the table contact \
                 has no column x to read. Check its spelling: it is the logical name, in lower case; of \
                 a lookup, _name_value."
            )
        );
    }
}

#[tokio::test]
async fn a_message_that_may_hold_data_is_dropped() {
    for (status, code) in [
        (400, "0x80040265"),
        (400, ""),
        (400, "0x80060888"),
        (500, "0x80040216"),
    ] {
        let bench = Bench::new().await;
        let replies = (0..6).map(|_| Reply::error(status, code, "duplicate of Kari Hansen"));
        let error = bench.error(replies).await;
        assert!(
            !format!("{error} {error:?}").contains("Hansen"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_code_is_read_in_hex_and_in_decimal() {
    for code in ["0x80040220", "-2147220960"] {
        let error = Bench::new()
            .await
            .error([Reply::error(403, code, "")])
            .await;
        assert_eq!(error.code(), Some(ErrorCode::Dataverse(0x8004_0220)));
        assert_eq!(error.status().map(|status| status.as_u16()), Some(403));
    }
}

#[tokio::test]
async fn an_expired_delta_is_known_by_status_by_code_and_by_text() {
    let words = "Version stamp associated with the client has expired. Please perform a full sync.";
    for reply in [
        Reply::json(410, ""),
        Reply::error(400, "0x80044352", ""),
        Reply::error(400, "", words),
        Reply::error(500, "-2147204270", ""),
    ] {
        let bench = Bench::new().await;
        bench.server.script([reply]);
        let delta = saved(bench.server.api("contacts?$deltatoken=1"));
        let error = bench.client.page(&delta).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DeltaExpired, "{error}");
    }
}

#[tokio::test]
async fn a_saved_link_that_is_refused_is_told_apart_from_a_bad_query() {
    for code in ["0x8004112A", "0x80041129", "0x80060888", ""] {
        let bench = Bench::new().await;
        bench.server.script([Reply::error(400, code, "x")]);
        let link = saved(bench.server.api("contacts?$skiptoken=1"));
        let error = bench.client.page(&link).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LinkRefused, "{error}");
    }
    assert_eq!(
        kind(Reply::error(400, "0x80060888", "x")).await,
        ErrorKind::BadRequest
    );
}

fn garbled() -> [(Reply, &'static str); 5] {
    [
        (
            Reply::html(200, "<html>Sign in, Kari</html>"),
            "it sent a web page instead of JSON. Check the address",
        ),
        (
            Reply::json(200, "  <html>"),
            "it sent a web page instead of JSON. Check the address",
        ),
        (
            Reply::json(200, r#"{"value":[{"fullname":"Kari"#),
            "the JSON ends too early",
        ),
        (Reply::json(200, ""), "the body is empty"),
        (Reply::json(204, ""), "the body is empty"),
    ]
}

#[tokio::test]
async fn a_success_without_a_whole_document_is_tried_again_like_a_broken_connection() {
    for (reply, why) in garbled() {
        let bench = Bench::new().await;
        bench.server.script([reply.clone(), empty_page()]);
        assert!(bench.client.page(&contacts()).await.is_ok(), "{why}");
        assert_eq!(bench.counters.snapshot().pages, 2);

        let bench = Bench::new().await;
        let error = bench.error((0..7).map(|_| reply.clone())).await;
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.is_temporary());
        assert_eq!((error.tries(), bench.counters.snapshot().pages), (6, 6));
        let text = format!("{error} {error:?}");
        assert!(text.contains(why) && !text.contains("Kari"), "{text}");
        assert!(
            text.contains("ry again later") && text.contains("in 6 tries"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_success_of_another_form_is_an_error_and_is_not_tried_again() {
    for (reply, why) in [
        (
            Reply::json(200, r#"{"error":{"message":"Kari Hansen"}}"#),
            "the JSON is not of the expected form at line 1, column 35",
        ),
        (
            Reply::json(200, r#"{"value":["Kari Hansen"]}"#),
            "entry 0 of the page is neither row nor deletion",
        ),
    ] {
        let bench = Bench::new().await;
        let error = bench.error([reply, empty_page()]).await;
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(!error.is_temporary());
        let text = format!("{error} {error:?}");
        assert!(text.contains(why) && !text.contains("Kari"), "{text}");
        assert_eq!((error.tries(), bench.counters.snapshot().pages), (1, 1));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_says_so() {
    let elsewhere = Bench::new().await;
    let reply = Reply::json(302, "").header("location", elsewhere.server.api("contacts"));
    assert_eq!(
        text(reply).await,
        format!(
            "cannot read contacts: Dataverse refused (302, request {ID}): it answered with a redirect, \
             which is not followed. Check the environment's address."
        )
    );
    assert!(elsewhere.server.seen().is_empty());
}
