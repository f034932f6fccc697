//! One thing to ask for, and for whom.

use std::sync::Arc;

use http::{HeaderValue, Method};
use jiff::Timestamp;
use url::Url;

use crate::counters::{Counters, RequestClass};

/// What one clone of a client adds: how long it has, and who counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) deadline: Option<Timestamp>,
    pub(crate) counters: Vec<Arc<Counters>>,
}

/// One thing to ask for, in as many requests as it takes.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) class: RequestClass,
    /// What it is, after "cannot": `read contacts`.
    pub(crate) operation: String,
    pub(crate) repeat: Repeat,
    pub(crate) target: Target,
}

/// When a request may be sent again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Repeat {
    /// Doing it twice is doing it once.
    Always,
    /// Only while it is certain that it was not applied.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for writes, which come with the push")
    )]
    OnlyIfNotApplied,
}

#[derive(Debug)]
pub(crate) enum Target {
    /// A token, from Entra.
    Token,
    /// Anything else, from Dataverse.
    Api {
        method: Method,
        url: Url,
        prefer: Option<HeaderValue>,
        /// Whether the address is a link that Dataverse made.
        by_link: bool,
    },
}

/// What was asked, as far as the meaning of an answer depends on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) class: RequestClass,
    /// Whether the address is a link that Dataverse made.
    pub(crate) by_link: bool,
    /// Whether it changes nothing.
    pub(crate) reads: bool,
}

impl Call {
    pub(crate) fn asked(&self) -> Asked {
        let (by_link, reads) = match &self.target {
            Target::Token => (false, false),
            Target::Api {
                method, by_link, ..
            } => (*by_link, method.is_safe()),
        };
        Asked {
            class: self.class,
            by_link,
            reads,
        }
    }
}

impl Asked {
    /// Whether rows of a table were to be read.
    pub(crate) fn is_of_rows(self) -> bool {
        self.reads && self.class == RequestClass::Page
    }

    /// Who was asked.
    pub(crate) fn server(self) -> &'static str {
        match self.class {
            RequestClass::Token => "Entra",
            RequestClass::WhoAmI | RequestClass::Metadata | RequestClass::Page => "Dataverse",
        }
    }

    /// Whose address is to be checked when something else answers.
    pub(crate) fn address(self) -> &'static str {
        match self.class {
            RequestClass::Token => "the authority's address",
            RequestClass::WhoAmI | RequestClass::Metadata | RequestClass::Page => {
                "the environment's address"
            }
        }
    }
}
