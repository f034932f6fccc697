//! What is shown, to whom.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{Timestamp, ToSpan};
use sha2::{Digest, Sha256};
use streams::Language;
use sync_store::{ExportOutcome, ExportRecord, ExportSource};

use crate::states::{KARI, SECRET, State};
use crate::support::World;

const LANGUAGES: [Language; 2] = [Language::Nb, Language::En];

#[tokio::test]
async fn each_state_is_said_on_top_in_both_languages_and_to_programs() {
    for (state, nb, en, code, status) in [
        (
            State::Empty,
            "Ingenting er synkronisert ennå",
            "Nothing has been synced yet",
            200,
            "warn",
        ),
        (
            State::Healthy,
            "Alt er i orden",
            "Everything is fine",
            200,
            "pass",
        ),
        (
            State::Degraded,
            "Det virker, men noe venter på deg",
            "It works, but something is waiting for you",
            200,
            "warn",
        ),
        (
            State::Broken,
            "Synkroniseringen virker ikke som den skal",
            "The sync is not working as it should",
            503,
            "fail",
        ),
    ] {
        for (language, tag, headline) in [(Language::Nb, "nb", nb), (Language::En, "en", en)] {
            let world = World::of(state, language).await;
            let page = world.call("GET /").await;
            assert_eq!(page.status, 200);
            assert!(page.text.contains(&format!("<html lang=\"{tag}\">")));
            let heading = format!("</span>{headline}</h1>");
            assert!(page.text.contains(&heading), "{state:?}: {}", page.text);
            let json = world.call("GET /health").await;
            assert_eq!(json.headers["content-type"], "application/health+json");
            assert_eq!(
                (json.status, json.json()["status"].as_str()),
                (code, Some(status)),
                "{}",
                json.text
            );
            let healthz = world.health.healthz().await;
            assert_eq!(healthz.status().as_u16(), code);
        }
    }
}

#[tokio::test]
async fn programs_are_told_each_measurement_and_how_it_was_judged() {
    let world = World::of(State::Degraded, Language::En).await;
    let checks = world.call("GET /health").await.json()["checks"].take();
    let of = |name: &str, component: &str| {
        let entries = checks[name].as_array().unwrap();
        let mut found = entries
            .iter()
            .filter(|entry| entry["componentId"] == component);
        found.next().unwrap().clone()
    };
    for (name, component, value, status) in [
        ("streams:held", "certifications", 2, "warn"),
        ("streams:held", "members", 0, "pass"),
        ("streams:refused", "certifications", 2, "warn"),
        ("streams:quarantined", "members", 1, "warn"),
        ("streams:mismatches", "certifications", 2, "warn"),
        ("streams:schemaChanges", "certifications", 2, "warn"),
        ("streams:schemaChanges", "members", 0, "pass"),
        ("streams:expiring", "certifications", 3, "pass"),
        ("alerts:subscribers", "operations", 2, "pass"),
        ("alerts:subscribers", "coordinators", 0, "warn"),
    ] {
        let entry = of(name, component);
        assert_eq!(
            (&entry["observedValue"], entry["status"].as_str()),
            (&value.into(), Some(status)),
            "{name} {component}"
        );
    }
    assert_eq!(checks["dynamics:responseTime"][0]["observedValue"], 84);
    assert_eq!(checks["dynamics:responseTime"][0]["observedUnit"], "ms");
    assert_eq!(checks["credential:expiresOn"][0]["status"], "warn");
}

#[tokio::test]
async fn who_may_only_look_sees_no_button_and_no_download() {
    let world = World::of(State::Broken, Language::En).await;
    for (scopes, buttons, downloads) in [
        ("read", false, false),
        ("read run", true, false),
        ("read export", false, true),
    ] {
        let page = world.call_as(scopes, "GET /", &[], "").await.text;
        assert_eq!(page.contains("<form"), buttons, "{scopes}");
        assert_eq!(
            page.contains("/test/export/members.csv"),
            downloads,
            "{scopes}"
        );
    }
}

#[tokio::test]
async fn nothing_that_others_wrote_becomes_part_of_the_page_and_values_are_not_on_it() {
    for language in LANGUAGES {
        let world = World::of(State::Degraded, language).await;
        let evil = "\"><script>alert(3)</script>";
        let headers = [
            ("host", "evil.example"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "javascript"),
            ("forwarded", "host=evil.example"),
        ];
        let address = "GET /?done=%22%3E%3Cscript%3Ealert(3)%3C/script%3E";
        let page = world
            .call_as("read run export", address, &headers, "")
            .await
            .text;
        assert!(
            page.contains("&#60;script&#62;alert(1)&#60;/script&#62;"),
            "{page}"
        );
        for forbidden in [
            "<script",
            "<img",
            "evil.example",
            "javascript",
            evil,
            SECRET,
            "role=\"status\"",
        ] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        let json = world.call("GET /health").await.text;
        assert!(!json.contains(SECRET));
    }
}

#[tokio::test]
async fn the_policy_allows_the_one_style_sheet_and_nothing_else() {
    for state in State::ALL {
        let world = World::of(state, Language::En).await;
        let page = world.call("GET /").await;
        assert!(!page.text.contains(" style="), "it would be ignored");
    }
    let world = World::of(State::Healthy, Language::En).await;
    let page = world.call("GET /").await;
    let (_, rest) = page.text.split_once("<style>").unwrap();
    let (style, _) = rest.split_once("</style>").unwrap();
    let hash = BASE64_STANDARD.encode(Sha256::digest(style));
    assert_eq!(
        page.headers["content-security-policy"],
        format!(
            "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
    );
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(page.headers[name], value);
    }
}

#[tokio::test]
async fn a_record_is_linked_by_its_id_in_the_environment() {
    let world = World::of(State::Degraded, Language::En).await;
    let page = world.call("GET /").await.text;
    let link = format!(
        "https://hlf.crm4.dynamics.com/main.aspx?pagetype=entityrecord&#38;etn=hlf_certification&#38;id={KARI}"
    );
    assert!(page.contains(&link), "{page}");
}

#[tokio::test]
async fn what_was_changed_in_a_table_is_told_in_both_languages_with_what_to_do() {
    for (language, what, column) in [
        (
            Language::Nb,
            "2 ting som den bygger på, er endret i Dynamics. Hva som er endret, står nedenfor.",
            "Endret i tabellen",
        ),
        (
            Language::En,
            "2 things that it depends on were changed in Dynamics. What was changed is said below.",
            "Changed in the table",
        ),
    ] {
        let world = World::of(State::Degraded, language).await;
        let page = world.call("GET /").await.text;
        let (what, act) = what.split_once(". ").unwrap();
        for text in [what, act, column] {
            assert!(page.contains(text), "{text}: {page}");
        }
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named_with_its_reason() {
    let world = World::of(State::Degraded, Language::Nb).await;
    let page = world.call("GET /").await.text;
    let note = format!(
        "<p class=\"reason\" dir=\"auto\" lang=\"en\">One is row {KARI}: unknown choice</p>"
    );
    assert!(page.contains(&note), "{page}");
}

#[tokio::test]
async fn what_was_downloaded_is_listed_with_its_rows_and_fingerprint() {
    let world = World::of(State::Healthy, Language::Nb).await;
    let began = "2026-11-20T02:00:00Z".parse().unwrap();
    let export = ExportRecord {
        id: "1".into(),
        key: "<b>kontoret</b>".into(),
        stream: "members".into(),
        source: ExportSource::Copy,
        fallback: true,
        began,
        ended: Some(began),
        outcome: ExportOutcome::Complete,
        rows: 41_234,
        bytes: 1,
        sha256: Some("c0ffee".repeat(10)),
    };
    world.store.put_export(&export).await.unwrap();
    let page = world.call("GET /").await.text;
    for shown in [
        "41234",
        &"c0ffee".repeat(10),
        "kopien, fordi Dynamics ikke svarte",
        "&#60;b&#62;kontoret",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
}

#[tokio::test]
async fn a_download_whose_process_was_killed_is_not_under_way_for_good() {
    let world = World::of(State::Healthy, Language::En).await;
    let ago = |minutes: i64| Timestamp::now() - minutes.minutes();
    for (id, began) in [("1", ago(14)), ("2", ago(16))] {
        let export = ExportRecord {
            id: id.into(),
            key: "office".into(),
            stream: "members".into(),
            source: ExportSource::Dynamics,
            fallback: false,
            began,
            ended: None,
            outcome: ExportOutcome::Underway,
            rows: 0,
            bytes: 0,
            sha256: None,
        };
        world.store.put_export(&export).await.unwrap();
    }
    let page = world.call("GET /").await.text;
    let e = &<wording::Page as wording::InBoth>::EN.exports;
    assert_eq!(page.matches(e.underway).count(), 1, "{page}");
    assert_eq!(page.matches(e.incomplete).count(), 1, "{page}");
}

#[tokio::test]
async fn without_the_scope_nothing_is_shown() {
    let world = World::of(State::Healthy, Language::En).await;
    for call in ["GET /", "GET /health"] {
        let answer = world.call_as("run export changes", call, &[], "").await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (403, Some("missing-scope"))
        );
    }
}
