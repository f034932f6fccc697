//! One thing to ask for, and for whom.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use url::Url;
use uuid::Uuid;

use crate::counters::{Counters, RequestClass};
use crate::write_options::WriteOptions;

/// What one clone of a client adds: how long it has, who counts, and how it writes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) deadline: Option<Timestamp>,
    pub(crate) counters: Vec<Arc<Counters>>,
    pub(crate) writing: WriteOptions,
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
    OnlyIfNotApplied,
}

#[derive(Debug)]
pub(crate) enum Target {
    /// A token, from Entra.
    Token,
    /// A change of rows, by Dataverse.
    Write {
        method: Method,
        url: Url,
        /// Conditions and options.
        headers: HeaderMap,
        content_type: HeaderValue,
        body: Bytes,
        aim: Aim,
    },
    /// Anything else, from Dataverse.
    Api {
        method: Method,
        url: Url,
        prefer: Option<HeaderValue>,
        /// Whether the address is a link that Dataverse made.
        by_link: bool,
    },
}

/// What a write is aimed at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Aim {
    /// A row that shall come to be.
    New,
    /// One row, of which the id is known or not.
    Row { id: Option<Uuid>, if_match: bool },
    /// Rows in one request: fewer can be sent at a time.
    Many,
}

/// What was asked, as far as the meaning of an answer depends on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) class: RequestClass,
    /// Whether the address is a link that Dataverse made.
    pub(crate) by_link: bool,
    /// Whether it changes nothing.
    pub(crate) reads: bool,
    /// At what a write is aimed.
    pub(crate) aim: Option<Aim>,
}

impl Call {
    pub(crate) fn asked(&self) -> Asked {
        let (by_link, reads, aim) = match &self.target {
            Target::Token => (false, false, None),
            Target::Write { aim, .. } => (false, false, Some(*aim)),
            Target::Api {
                method, by_link, ..
            } => (*by_link, method.is_safe(), None),
        };
        Asked {
            class: self.class,
            by_link,
            reads,
            aim,
        }
    }
}

impl Asked {
    /// Whether rows of a table were to be read.
    pub(crate) fn is_of_rows(self) -> bool {
        self.reads && self.class == RequestClass::Page
    }

    /// Whether several rows were to be written, which may as well be fewer.
    pub(crate) fn is_of_many(self) -> bool {
        self.aim == Some(Aim::Many)
    }

    /// Who was asked.
    pub(crate) fn server(self) -> &'static str {
        match self.class {
            RequestClass::Token => "Entra",
            RequestClass::WhoAmI
            | RequestClass::Metadata
            | RequestClass::Page
            | RequestClass::Write => "Dataverse",
        }
    }

    /// Whose address is to be checked when something else answers.
    pub(crate) fn address(self) -> &'static str {
        match self.class {
            RequestClass::Token => "the authority's address",
            RequestClass::WhoAmI
            | RequestClass::Metadata
            | RequestClass::Page
            | RequestClass::Write => "the environment's address",
        }
    }
}
