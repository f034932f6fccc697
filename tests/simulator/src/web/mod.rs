//! The wire: one pipeline for every request of the simulated services.
//!
//! Faults come first and last: what strikes early answers in place of the service, what strikes
//! late spoils the reply. In between stand the service's own checks, then the work.

mod address;
mod answer;
mod call;
mod compression;
mod condition;
mod control;
mod cookie;
mod delta;
mod delta_token;
mod demands;
mod error_details;
mod links;
mod order;
mod prefer;
mod privileges;
mod read;
mod rights;
mod row;
mod selection;
mod spoiled;
mod token;
mod whoami;
mod write;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Method, Request};
use axum::response::Response;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use uuid::Uuid;

use crate::Simulator;
use crate::faults::{self, Effect, Parcel, Plan};
use crate::metadata;
use crate::refusal::Refusal;
use crate::switches::Switches;
use crate::world::seeded::wide;

use address::Address;
pub(crate) use answer::Answer;
pub(crate) use call::Call;
use prefer::Preferences;
pub(crate) use write::read_changes;

/// What the work on one request has at hand.
pub(crate) struct Context<'a> {
    pub(crate) simulator: &'a Simulator,
    pub(crate) call: &'a Call,
    pub(crate) switches: Switches,
    pub(crate) now: Timestamp,
    pub(crate) plan: &'a mut Plan,
}

/// All routes.
pub(crate) fn router(simulator: Simulator) -> Router {
    control::router().fallback(serve).with_state(simulator)
}

/// A time as HTTP headers carry it.
pub(crate) fn http_date(moment: Timestamp) -> String {
    DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&moment)
        .unwrap_or_default()
}

async fn serve(State(simulator): State<Simulator>, request: Request<Body>) -> Response {
    let call = Call::read(request).await;
    let facts = call.facts(simulator.page_size_max());
    let mut plan = simulator.plan(facts);
    let now = simulator.now();
    let whole = plan.whole.take();
    let answer = match &whole {
        Some(Effect::ResetBefore) => Answer::empty(200),
        Some(effect) => faults::early_answer(effect, now)
            .unwrap_or_else(|| process(&simulator, &call, &mut plan, now)),
        None => process(&simulator, &call, &mut plan, now),
    };
    simulator.settle(&plan);
    let answer = if Preferences::read(&call.headers, 1).error_details {
        error_details::annotate(answer)
    } else {
        answer
    };
    let request_id = simulator.service_request_id();
    let answer = answer
        .header("date", http_date(now))
        .header("x-ms-service-request-id", request_id.clone())
        .header("req_id", request_id);
    let answer = faults::shorten(answer, whole.as_ref());
    let answer = if simulator.switches().gzip {
        compression::compress(answer, &call)
    } else {
        answer
    };
    let parcel = Parcel {
        clock: simulator.clock(),
        cleared: simulator.cleared(),
    };
    faults::send(answer, whole.as_ref(), parcel)
}

fn process(simulator: &Simulator, call: &Call, plan: &mut Plan, now: Timestamp) -> Answer {
    let mut context = Context {
        simulator,
        call,
        switches: simulator.switches(),
        now,
        plan,
    };
    if let Address::Token { tenant } = &call.address {
        return token::answer(&context, tenant);
    }
    let answer = match rights::authenticate(&context) {
        Err(refused) => *refused,
        Ok(()) => demands::check(call)
            .and_then(|()| dispatch(&mut context))
            .unwrap_or_else(Answer::from),
    };
    answer.header("x-ms-dop-hint", context.switches.dop_hint.to_string())
}

fn dispatch(context: &mut Context<'_>) -> Result<Answer, Refusal> {
    let call = context.call;
    match (&call.method, &call.address) {
        (&Method::GET, Address::Root) => Ok(whoami::service_document(context)),
        (&Method::GET, Address::WhoAmI) => Ok(whoami::answer(context)),
        (&Method::GET, Address::Definitions(rest)) => metadata::answer(context, rest),
        (
            &Method::GET,
            Address::Function {
                entity_set,
                key,
                name,
                arguments,
            },
        ) => privileges::answer(context, entity_set, key, (name, arguments)),
        (&Method::GET, Address::Rows(entity_set)) => read::page(context, entity_set),
        (&Method::GET, Address::Count(entity_set)) => read::count(context, entity_set),
        (&Method::GET, Address::Row { entity_set, key }) => row::answer(context, entity_set, key),
        (&Method::POST, Address::Rows(entity_set)) => write::create(context, entity_set),
        (&Method::PATCH, Address::Row { entity_set, key }) => {
            write::update(context, entity_set, key)
        }
        (&Method::DELETE, Address::Row { entity_set, key }) => {
            write::delete(context, entity_set, key)
        }
        (_, Address::Unknown(segment)) => Err(Refusal::unknown_segment(segment)),
        _ => Err(Refusal::new(
            405,
            "0x80060888",
            format!(
                "The requested resource does not support http method '{}'.",
                call.method
            ),
        )),
    }
}

impl Simulator {
    /// An id as the service gives every reply.
    fn service_request_id(&self) -> String {
        let number = self.next_number();
        Uuid::from_u128(wide(0x7265_7173, number)).to_string()
    }
}
