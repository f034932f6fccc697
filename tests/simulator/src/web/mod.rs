//! The wire: one pipeline for every request of the simulated services.
//!
//! Faults come first and last: what strikes early answers in place of the service, what strikes
//! late spoils the reply. In between stand the service's own checks, then the work.

mod address;
mod annotations;
mod answer;
mod assertion;
mod batch;
mod bulk;
mod bulk_delete;
mod call;
mod change_set;
mod compression;
mod condition;
mod control;
mod cookie;
mod delta;
mod delta_token;
mod demands;
mod denied;
mod error_details;
mod expand;
mod key;
mod links;
mod multipart;
mod openid;
mod order;
mod payload;
mod prefer;
mod privileges;
mod property;
mod read;
mod rights;
mod row;
mod selection;
mod spoiled;
mod store;
mod token;
mod whoami;
mod write;

use std::time::Duration;

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
use crate::limits;
use crate::metadata;
use crate::refusal::Refusal;
use crate::switches::Switches;
use crate::world::World;
use crate::world::seeded::wide;

use address::Address;
pub(crate) use annotations::grouped;
pub(crate) use answer::Answer;
pub(crate) use bulk::{MESSAGES as BULK_MESSAGES, offered as offers_bulk};
pub(crate) use call::Call;
pub(crate) use payload::read_changes;
use prefer::Preferences;
pub(crate) use privileges::argument;

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

pub(crate) async fn serve(State(simulator): State<Simulator>, request: Request<Body>) -> Response {
    let call = Call::read(request, simulator.switches().https_links).await;
    let facts = call.facts(simulator.page_size_max());
    let mut plan = simulator.plan(facts);
    let now = simulator.now();
    let whole = plan.whole.take();
    let answer = match &whole {
        Some(Effect::ResetBefore) => Answer::empty(200),
        Some(effect) => match faults::early_answer(effect, now) {
            Some(answer) => answer,
            None => admitted(&simulator, &call, &mut plan).await,
        },
        None => admitted(&simulator, &call, &mut plan).await,
    };
    simulator.settle(&plan);
    let answer = if Preferences::read(&call.headers, 1)
        .annotations
        .error_details
    {
        error_details::annotate(answer)
    } else {
        answer
    };
    let answer = if answer.status >= 400 && simulator.switches().empty_error_codes {
        error_details::without_code(answer)
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

/// Processes a request within the limits of service protection, or refuses it.
async fn admitted(simulator: &Simulator, call: &Call, plan: &mut Plan) -> Answer {
    let limits = simulator.switches().limits;
    let entered = match call.address {
        Address::Token { .. } | Address::OpenId { .. } => None,
        _ => limits::enter(simulator, limits, call.pinned_server(), call.rows()),
    };
    let (answer, server) = match entered {
        None => return process(simulator, call, plan),
        Some(Err(wait)) => {
            let window = limits.window_ms.div_ceil(1_000);
            let answer = Answer::from(wait.limit.refusal(wait.most, window))
                .header("retry-after", wait.seconds.to_string());
            (answer, wait.server)
        }
        Some(Ok(slot)) => {
            if slot.milliseconds > 0 {
                let taken = Duration::from_millis(slot.milliseconds);
                simulator.clock().sleep(taken).await;
            }
            let answer = process(simulator, call, plan)
                .header(
                    "x-ms-ratelimit-burst-remaining-xrm-requests",
                    slot.remaining_requests.to_string(),
                )
                .header(
                    "x-ms-ratelimit-time-remaining-xrm-requests",
                    // Seconds, as fractions.
                    format!(
                        "{}.{:03}",
                        slot.remaining_ms / 1_000,
                        slot.remaining_ms % 1_000
                    ),
                );
            (answer, slot.server)
        }
    };
    if limits.servers > 1 && call.pinned_server() != Some(server) {
        answer.pinned(server)
    } else {
        answer
    }
}

fn process(simulator: &Simulator, call: &Call, plan: &mut Plan) -> Answer {
    let now = simulator.now();
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
    if let Address::OpenId { tenant } = &call.address {
        return openid::answer(&context, tenant);
    }
    let answer = match rights::authenticate(&context) {
        Err(refused) => *refused,
        Ok(()) => checked(&mut context),
    };
    answer.header("x-ms-dop-hint", context.switches.dop_hint.to_string())
}

/// One request's work, or the refusal of its headers.
fn checked(context: &mut Context<'_>) -> Answer {
    demands::check(context.call)
        .and_then(|()| dispatch(context))
        .unwrap_or_else(Answer::from)
}

fn dispatch(context: &mut Context<'_>) -> Result<Answer, Refusal> {
    let call = context.call;
    if call.method == Method::POST && call.address == Address::Batch {
        return batch::answer(context);
    }
    if call.method != Method::GET {
        let mut world = context.simulator.world_mut();
        return change(context, &mut world);
    }
    match &call.address {
        Address::Root => Ok(whoami::service_document(context)),
        Address::WhoAmI => Ok(whoami::answer(context)),
        Address::Definitions(rest) => metadata::answer(context, rest),
        Address::Function {
            entity_set,
            key,
            name,
            arguments,
        } => privileges::answer(context, entity_set, key, (name, arguments)),
        Address::Property {
            entity_set,
            key,
            property,
        } => privileges::roles(context, entity_set, key, property),
        Address::RelationshipDefinitions => metadata::relationships(context),
        Address::MetadataChanges(arguments) => metadata::changes(context, arguments),
        Address::RowCounts(arguments) => metadata::row_counts(context, arguments),
        Address::Languages => Ok(metadata::languages(context)),
        Address::Rows(entity_set) if entity_set == metadata::MESSAGE_FILTERS => {
            metadata::messages(context)
        }
        Address::Rows(entity_set) => read::page(context, entity_set),
        Address::Count(entity_set) => read::count(context, entity_set),
        Address::Row { entity_set, key } => row::answer(context, entity_set, key),
        _ => Err(not_so(call)),
    }
}

/// What changes rows.
fn change(context: &mut Context<'_>, world: &mut World) -> Result<Answer, Refusal> {
    let call = context.call;
    match (&call.method, &call.address) {
        (&Method::POST, Address::Rows(set)) => write::create(context, world, set),
        (&Method::PATCH, Address::Row { entity_set, key }) => {
            write::update(context, world, entity_set, key)
        }
        (&Method::DELETE, Address::Row { entity_set, key }) => {
            write::delete(context, world, entity_set, key)
        }
        (
            &(Method::PUT | Method::DELETE),
            Address::Property {
                entity_set,
                key,
                property,
            },
        ) => property::change(context, world, entity_set, key, property),
        (&Method::POST, Address::Action { entity_set, name }) => {
            bulk::answer(context, world, entity_set, name)
        }
        (&Method::POST, Address::BulkDelete) => bulk_delete::answer(context, world),
        _ => Err(not_so(call)),
    }
}

fn not_so(call: &Call) -> Refusal {
    if let Address::Unknown(segment) = &call.address {
        return Refusal::unknown_segment(segment);
    }
    Refusal::new(
        405,
        "0x80060888",
        format!(
            "The requested resource does not support http method '{}'.",
            call.method
        ),
    )
}

impl Simulator {
    /// An id as the service gives every reply.
    pub(crate) fn service_request_id(&self) -> String {
        let number = self.next_number();
        Uuid::from_u128(wide(0x7265_7173, number)).to_string()
    }
}
