//! Changes that wait for a person. Never their values: the page is read over shoulders.

use changes::Resolution;
use situation::Links;
use sync_store::{Change, ChangeState, Operation, Origin};
use wording::Page as Texts;

use super::{Moment, Moments};

/// A change on the page.
pub(crate) struct OpenChange {
    pub(crate) id: String,
    pub(crate) stream: String,
    pub(crate) class: &'static str,
    pub(crate) state: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) fields: String,
    pub(crate) accepted: Moment,
    pub(crate) from: String,
    pub(crate) reason: Option<String>,
    pub(crate) link: Option<String>,
    /// Of which change a button is, for who hears nothing else.
    pub(crate) about: String,
    /// Address and text of the buttons.
    pub(crate) buttons: Vec<(&'static str, &'static str)>,
}

impl OpenChange {
    pub(crate) fn of(
        change: &Change,
        t: &'static Texts,
        moments: &Moments,
        links: &Links<'_>,
    ) -> Self {
        let r = &t.resolutions;
        let wanted = &change.wanted;
        let held = change.state == ChangeState::Held;
        let fields: Vec<&str> = change.names.iter().map(String::as_str).collect();
        let row = change.row.as_deref();
        let retry = (Resolution::Retry.name(), r.retry);
        let drop = (Resolution::Drop.name(), r.drop);
        let buttons = if held {
            let app = (Resolution::KeepApp.name(), r.keep_app);
            vec![app, (Resolution::KeepDynamics.name(), r.keep_dynamics)]
        } else {
            vec![retry, drop]
        };
        Self {
            stream: wanted.stream.clone(),
            class: if held { "attention" } else { "broken" },
            state: if held { r.held } else { r.refused },
            operation: match wanted.operation {
                Operation::Upsert => r.upsert,
                Operation::Create => r.create,
                Operation::Update => r.update,
                Operation::Delete => r.delete,
            },
            fields: fields.join(", "),
            accepted: moments.of(wanted.accepted_at),
            from: match &wanted.origin {
                Origin::App { key } => (r.app)(key),
                Origin::Expiry { .. } => r.expiry.to_owned(),
                Origin::Renewal { .. } => r.renewal.to_owned(),
                Origin::Assertion => r.assertion.to_owned(),
            },
            reason: change.reason.clone(),
            link: row.and_then(|row| links.to(&wanted.stream, row)),
            about: (r.about)(&wanted.stream, &wanted.id),
            id: wanted.id.clone(),
            buttons,
        }
    }
}
