//! Faults to order: which requests they hit, how often, and what happens then.

mod early;
mod late;
mod plan;

use serde::{Deserialize, Serialize};

use crate::requests::Class;

pub(crate) use early::early_answer;
pub(crate) use late::{Parcel, send, shorten};
pub(crate) use plan::{Faults, Plan};

/// A fault: it strikes `times` times among the requests that match, after leaving the first `skip`
/// of them alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which requests it looks at; the default is every one.
    #[serde(default)]
    pub on: Match,
    /// How many matching requests pass first.
    #[serde(default)]
    pub skip: u32,
    /// How often it strikes.
    #[serde(default = "once")]
    pub times: u32,
    /// What happens.
    pub effect: Effect,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// `effect` on the next request of any kind.
    pub fn next(effect: Effect) -> Self {
        Self {
            on: Match::default(),
            skip: 0,
            times: 1,
            effect,
        }
    }

    /// `effect` on the next request of a class.
    pub fn on(class: Class, effect: Effect) -> Self {
        Self {
            on: Match {
                class: Some(class),
                ..Match::default()
            },
            ..Self::next(effect)
        }
    }

    /// The same fault, leaving the first `skip` matching requests alone.
    pub fn after(self, skip: u32) -> Self {
        Self { skip, ..self }
    }

    /// The same fault, striking `times` times.
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// The same fault, on one table only.
    pub fn table(mut self, entity_set: &str) -> Self {
        self.on.entity_set = Some(entity_set.to_owned());
        self
    }

    /// The same fault, on pages of more than `rows` rows only: a reader that asks for less is served.
    pub fn pages_above(mut self, rows: u32) -> Self {
        self.on.page_rows_above = Some(rows);
        self
    }
}

/// Which requests a fault looks at. Everything given must match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Match {
    /// The class of request.
    pub class: Option<Class>,
    /// The HTTP method.
    pub method: Option<String>,
    /// The table addressed.
    pub entity_set: Option<String>,
    /// A part of path and query, as sent.
    pub contains: Option<String>,
    /// Pages of rows that may have more rows than this.
    pub page_rows_above: Option<u32>,
}

/// The three limits of service protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// 6,000 requests in 300 seconds, `0x80072322`.
    Requests,
    /// 1,200 seconds of execution time in 300 seconds, `0x80072321`.
    ExecutionTime,
    /// 52 requests at once, `0x80072326`.
    Concurrency,
}

/// What a `Retry-After` header says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    /// There is no such header.
    #[default]
    Absent,
    /// A number of seconds.
    Seconds(u64),
    /// An HTTP date this many seconds from the simulator's now; negative is in the past.
    Date(i64),
    /// This text, whatever it means.
    Text(String),
}

/// What happens to a request that a fault strikes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// 429 in the service's words; the request is not processed.
    Throttled {
        /// Which limit was passed.
        limit: Limit,
        /// How long to wait.
        #[serde(default)]
        retry_after: RetryAfter,
    },
    /// Some status; the request is not processed.
    Status {
        /// The HTTP status.
        status: u16,
        /// The code in the error envelope.
        #[serde(default)]
        code: String,
        /// The message in the error envelope.
        #[serde(default)]
        message: String,
        /// How long to wait.
        #[serde(default)]
        retry_after: RetryAfter,
        /// A gateway's HTML page in place of the error envelope.
        #[serde(default)]
        html: bool,
    },
    /// 200 with an HTML page; the request is not processed.
    HtmlPage,
    /// 200 without a body; the request is not processed.
    EmptyBody,
    /// 401; the request is not processed.
    Unauthorized,
    /// The connection ends before the request is processed.
    ResetBefore,
    /// The request is processed, then the connection ends without a reply.
    ResetAfter,
    /// The reply's body ends in the middle, with a `Content-Length` that agrees.
    CutJson,
    /// The connection ends in the middle of the body, short of its `Content-Length`.
    CutConnection,
    /// The body comes in this many pieces with pauses on the simulator's clock between them.
    SlowBody {
        /// How many pieces.
        pieces: u32,
        /// Seconds between them.
        seconds: u64,
    },
    /// The second half of the body comes only when the faults are cleared.
    Stall,
    /// A page's nextLink or deltaLink points to another origin.
    LinkTo {
        /// The origin, such as `https://elsewhere.example`.
        origin: String,
    },
    /// A page's nextLink leads to the page itself.
    RepeatNextLink,
    /// One cell is replaced wherever the row appears in a page.
    ReplaceValue {
        /// The row's key.
        id: uuid::Uuid,
        /// The property's name.
        property: String,
        /// What stands in its place.
        value: serde_json::Value,
    },
    /// One property is absent wherever the row appears in a page.
    MissingValue {
        /// The row's key.
        id: uuid::Uuid,
        /// The property's name.
        property: String,
    },
    /// Every n-th operation of a batch, beginning with the first, is refused unprocessed.
    FailParts {
        /// The n: 2 is half of them.
        every: u32,
        /// The HTTP status.
        status: u16,
        /// The code in the error envelope.
        #[serde(default)]
        code: String,
        /// The message in the error envelope.
        #[serde(default)]
        message: String,
    },
    /// A text of one row grows wherever the row appears in a page: the first selected column of many
    /// lines, else the first selected one of one line.
    RowTooLarge {
        /// The row's key.
        id: uuid::Uuid,
        /// How long the text becomes, in bytes of UTF-8; a longer one stays as it is.
        bytes: usize,
    },
}

/// A fault and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FaultReport {
    /// The fault.
    pub fault: Fault,
    /// How many requests matched.
    pub matched: u32,
    /// How often it struck. A fault of a page's content strikes only where there is something to
    /// strike: a link, or the row.
    pub fired: u32,
}
