//! What somebody should know, in words.

use situation::{Concern, Level, What};
use wording::Page as Texts;
use wording::page::{Advice, CountAdvice};

use super::Moments;
use super::overall::{class, sign};

/// A concern on the page.
pub(crate) struct Told {
    pub(crate) class: &'static str,
    pub(crate) sign: &'static str,
    pub(crate) stream: Option<String>,
    pub(crate) what: String,
    pub(crate) act: &'static str,
    pub(crate) since: Option<String>,
}

pub(crate) fn told(concerns: &[Concern], t: &'static Texts, moments: &Moments) -> Vec<Told> {
    let told = |concern: &Concern| {
        let (what, act) = words(&concern.what, t);
        Told {
            class: class(concern.level),
            sign: sign(concern.level),
            stream: concern.stream.clone(),
            what,
            act,
            since: concern
                .since
                .map(|since| (t.concerns.since)(&moments.text(since))),
        }
    };
    let worth = |concern: &&Concern| concern.level > Level::Good;
    concerns.iter().filter(worth).map(told).collect()
}

/// What it is, and what to do.
fn words(what: &What, t: &'static Texts) -> (String, &'static str) {
    let texts = &t.concerns;
    let plain = |advice: &'static Advice| (advice.what.to_owned(), advice.act);
    let counted = |advice: &'static CountAdvice, count| ((advice.what)(count), advice.act);
    match *what {
        What::RunNotDone => plain(&texts.run_not_done),
        What::Failing { times } => counted(&texts.failing, times.into()),
        What::Stale => plain(&texts.stale),
        What::NothingMoves { days } => counted(&texts.still, days.into()),
        What::Unreadable => plain(&texts.unreadable),
        What::DynamicsUnreachable => plain(&texts.unreachable),
        What::NotChecked => plain(&texts.not_checked),
        What::CredentialExpiring { days } => counted(&texts.credential_expiring, days.into()),
        What::CredentialExpired => plain(&texts.credential_expired),
        What::CredentialEndUnknown => plain(&texts.credential_end_unknown),
        What::GuardTripped { vanishing, of } => {
            ((texts.guard.what)(vanishing, of), texts.guard.act)
        }
        What::ExpiryGuardTripped { vanishing, of } => (
            (texts.expiry_guard.what)(vanishing, of),
            texts.expiry_guard.act,
        ),
        What::Held(count) => counted(&texts.held, count),
        What::Refused(count) => counted(&texts.refused, count),
        What::Mismatches(count) => counted(&texts.mismatches, count),
        What::SchemaChanged(count) => counted(&texts.schema, count),
        What::Quarantined(count) => counted(&texts.quarantined, count),
        What::Expiring(count) => counted(&texts.expiring, count),
        What::AlertsUnsent(count) => counted(&texts.unsent, count),
        What::NobodySubscribed => plain(&texts.nobody),
    }
}
