//! What went wrong, as whoever finds it knows it.
//!
//! Never in it: secrets, tokens, values of rows.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::sync::Arc;

use http::StatusCode;
use uuid::Uuid;

use super::ErrorKind;
use crate::error_code::ErrorCode;

/// What went wrong, before it is known for which operation and after how many tries.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) kind: ErrorKind,
    /// What happened, as the rest of a sentence: "Dataverse refused".
    pub(crate) what: Cow<'static, str>,
    pub(crate) why: Option<Cow<'static, str>>,
    /// Whole sentences.
    pub(crate) advice: Option<Cow<'static, str>>,
    /// The server's own words, only if they are known to carry no data.
    pub(crate) said: Option<String>,
    pub(crate) status: Option<StatusCode>,
    pub(crate) code: Option<ErrorCode>,
    pub(crate) request_id: Option<String>,
    /// The row that a lookup was to refer to, and that does not exist: which lookup, whoever knows what was
    /// written can tell.
    pub(crate) target: Option<Uuid>,
    pub(crate) source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Problem {
    /// Boxed: it travels in many results and is rarely made.
    pub(crate) fn new(kind: ErrorKind, what: impl Into<Cow<'static, str>>) -> Box<Self> {
        Box::new(Self {
            kind,
            what: what.into(),
            why: None,
            advice: None,
            said: None,
            status: None,
            code: None,
            request_id: None,
            target: None,
            source: None,
        })
    }

    pub(crate) fn because(mut self: Box<Self>, why: impl Into<Cow<'static, str>>) -> Box<Self> {
        self.why = Some(why.into());
        self
    }

    pub(crate) fn advise(mut self: Box<Self>, advice: impl Into<Cow<'static, str>>) -> Box<Self> {
        self.advice = Some(advice.into());
        self
    }

    pub(crate) fn caused_by(
        mut self: Box<Self>,
        source: impl StdError + Send + Sync + 'static,
    ) -> Box<Self> {
        self.source = Some(Arc::new(source));
        self
    }
}
