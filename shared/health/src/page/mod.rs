//! The page: what people see of how the sync stands, in their language.
//!
//! Everything on it is text that the template escapes; the marks that are not escaped are the style sheet's,
//! which is compiled in. It works without scripts, and allows none.
//!
//! Never in here: a value of a record or of a change; what anything means (that is judged in `situation`).

mod changes;
mod checks;
mod concerns;
mod exports;
mod mapping;
mod moments;
mod overall;
mod runs;
mod streams;

use std::sync::LazyLock;

use ::streams::{Language, StreamFile};
use askama::Template;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use situation::Links;
use web::{Base, Notice, Scope, Scopes};
use wording::{InBoth, Page as Texts};

use self::changes::OpenChange;
use self::checks::Row;
use self::concerns::Told;
use self::exports::{Download, Exported};
use self::mapping::Mapped;
use self::moments::{Moment, Moments};
use self::overall::Overall;
pub(crate) use self::overall::class as level_name;
use self::runs::{Chart, Run};
use self::streams::Card;
use crate::standing::{Known, Standing};

const STYLE: &str = include_str!("../../templates/style.css");

/// Nothing may be loaded, run or framed; the one style is named by its hash.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
});

/// For whom the page is, and where.
pub(crate) struct Reader<'a> {
    pub(crate) scopes: &'a Scopes,
    pub(crate) base: &'a Base,
    /// What became of the button that led here.
    pub(crate) notice: Option<Notice>,
    pub(crate) now: Timestamp,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    t: &'static Texts,
    style: &'static str,
    base: &'a str,
    may_run: bool,
    may_export: bool,
    notice: Option<&'static str>,
    read_at: String,
    overall: Overall,
    /// What is wrong, where nothing else can be shown: a heading and lines, in English.
    wrong: Option<(&'static str, Vec<String>)>,
    known: Option<Shown<'a>>,
}

/// What is shown where it could be read.
struct Shown<'a> {
    concerns: Vec<Told>,
    streams: Vec<Card>,
    changes: Vec<OpenChange>,
    more_changes: bool,
    chart: Option<Chart>,
    runs: Vec<Run>,
    looked: String,
    checks: Vec<Row>,
    downloads: Vec<Download<'a>>,
    exported: Vec<Exported>,
    mapping: Vec<Mapped<'a>>,
}

/// The page as it is answered.
pub(crate) fn answer(
    standing: &Standing,
    streams: Option<&StreamFile>,
    reader: &Reader<'_>,
) -> Response<Bytes> {
    let language = streams.map_or(Language::En, |file| file.language);
    let zone = streams.map_or(TimeZone::UTC, |file| file.time_zone.clone());
    let t = Texts::texts(language);
    let moments = Moments::new(language, zone, reader.now);
    let (known, wrong) = match (standing, streams) {
        (Standing::Known(known), Some(file)) => (Some(shown(known, file, t, &moments)), None),
        (Standing::Known(_), None) => (None, None),
        (Standing::NotSetUp(problems), _) => (None, Some((t.settings, problems.clone()))),
        (Standing::Unreadable(reason), _) => (None, Some((t.store, vec![reason.clone()]))),
    };
    let page = Page {
        t,
        style: STYLE,
        base: reader.base.as_str(),
        may_run: reader.scopes.has(Scope::Run),
        may_export: reader.scopes.has(Scope::Export),
        notice: reader.notice.map(|notice| text_of(notice, t)),
        read_at: (t.read_at)(&moments.text(reader.now)),
        overall: Overall::of(standing, t, &moments),
        wrong,
        known,
    };
    html(page.render().unwrap_or_else(|error| {
        // It only writes into memory.
        tracing::error!(reason = %error, "the page could not be written");
        String::new()
    }))
}

fn shown<'a>(
    known: &Known,
    file: &'a StreamFile,
    t: &'static Texts,
    moments: &Moments,
) -> Shown<'a> {
    let links = Links::of(&known.situation);
    let runs = runs::merged(&known.situation.runs);
    Shown {
        concerns: concerns::told(&known.situation.concerns, t, moments),
        streams: known
            .situation
            .streams
            .iter()
            .map(|stream| Card::of(stream, t, moments, &links))
            .collect(),
        changes: known
            .changes
            .iter()
            .map(|change| OpenChange::of(change, t, moments, &links))
            .collect(),
        more_changes: known.more_changes,
        chart: Chart::of(&runs, t, moments),
        runs: runs
            .iter()
            .take(runs::LISTED)
            .map(|run| Run::of(run, t, moments))
            .collect(),
        looked: checks::looked(known.situation.check.as_ref(), t, moments),
        checks: checks::rows(known.situation.check.as_ref(), t, moments),
        downloads: exports::downloads(file, t),
        exported: known
            .exports
            .iter()
            .map(|one| Exported::of(one, t, moments))
            .collect(),
        mapping: mapping::mapped(file, t),
    }
}

fn text_of(notice: Notice, t: &'static Texts) -> &'static str {
    let texts = &t.notices;
    match notice {
        Notice::Started => texts.started,
        Notice::Underway => texts.underway,
        Notice::Released => texts.released,
        Notice::Tested => texts.tested,
        Notice::Resolved => texts.resolved,
        Notice::NotPossible => texts.not_possible,
        Notice::Failed => texts.failed,
    }
}

fn html(page: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(page));
    let headers = response.headers_mut();
    let fixed = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Without it browsers before `Sec-Fetch-Site` say of a form of this page that it comes from nowhere.
        (REFERRER_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    response
}
