//! The absolute links of a page, and what faults make of them.

use super::Call;
use crate::faults::{Effect, Plan};
use crate::query::QueryOptions;

/// Where a page leads.
#[derive(Clone, Debug)]
pub(crate) enum Link {
    Next(String),
    Delta(String),
}

/// The address of the next page.
pub(crate) fn next(call: &Call, entity_set: &str, cookie: &str) -> Link {
    let mut query = call.options.for_next_page();
    crate::query::push_option(&mut query, "$skiptoken", cookie);
    Link::Next(address(call, entity_set, &query))
}

/// The address of the next delta: the columns are baked in.
pub(crate) fn delta(call: &Call, entity_set: &str, options: &QueryOptions, token: &str) -> Link {
    let mut query = String::new();
    if let Some(columns) = options.get("$select") {
        crate::query::push_option(&mut query, "$select", columns);
    }
    crate::query::push_option(&mut query, "$deltatoken", token);
    Link::Delta(address(call, entity_set, &query))
}

fn address(call: &Call, entity_set: &str, query: &str) -> String {
    format!(
        "{}/{entity_set}?{}",
        call.api(),
        query.trim_end_matches('&')
    )
}

/// Lets the faults of this request have their way with the link.
pub(crate) fn spoil(link: Link, call: &Call, plan: &mut Plan) -> Link {
    let mut link = link;
    for fault in &mut plan.content {
        match (&fault.effect, link) {
            (Effect::RepeatNextLink, Link::Next(_)) => {
                fault.struck = true;
                link = Link::Next(call.own_url());
            }
            (Effect::LinkTo { origin }, old) => {
                fault.struck = true;
                let elsewhere = |url: String| url.replacen(&call.origin, origin, 1);
                link = match old {
                    Link::Next(url) => Link::Next(elsewhere(url)),
                    Link::Delta(url) => Link::Delta(elsewhere(url)),
                };
            }
            (_, unspoiled) => link = unspoiled,
        }
    }
    link
}
