//! A walk over pages, which ends whatever the links say.
//!
//! Never in here: what a page is, or trying again.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::client::DynamicsClient;
use crate::error::{Error, ErrorKind, Problem};
use crate::link::Link;
use crate::page::{Next, Page, PageRequest};

/// The pages after which a walk is taken to be endless: 50 million rows at 5,000 a page.
const PAGES: usize = 10_000;

/// A walk from page to page.
pub(crate) struct Walk {
    client: DynamicsClient,
    next: Option<PageRequest>,
    seen: HashSet<Link>,
}

impl Walk {
    pub(crate) fn new(client: DynamicsClient, first: PageRequest) -> Self {
        Self {
            client,
            next: Some(first),
            seen: HashSet::new(),
        }
    }

    pub(crate) async fn step(mut self) -> Result<Option<(Page, Self)>, Error> {
        let Some(request) = self.next.take() else {
            return Ok(None);
        };
        self.seen.extend(request.link().cloned());
        let page = self.client.page(&request).await?;
        if let Next::Page(link) = &page.next {
            let operation = format!("read {}", link.entity_set());
            if self.seen.contains(link) {
                return Err(Error::new(
                    operation,
                    endless("a link to the next page came twice"),
                ));
            }
            if self.seen.len() >= PAGES {
                return Err(Error::new(
                    operation,
                    endless(format!("there are more than {PAGES} pages")),
                ));
            }
            self.next = Some(request.follow(link.clone()));
        }
        Ok(Some((page, self)))
    }
}

pub(crate) fn endless(why: impl Into<Cow<'static, str>>) -> Box<Problem> {
    Problem::new(ErrorKind::Protocol, "the pages do not end")
        .because(why)
        .advise("Read the table in full again; if it keeps happening, report it.")
}
