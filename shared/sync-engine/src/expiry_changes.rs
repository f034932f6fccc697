//! What an expiry wants written to Dynamics: handed in as changes, like those of the app, and pushed like
//! them. Their ids follow from stream, row and last valid day, so that each is handed in once, whatever
//! becomes of it.
//!
//! Never in here: what hides a record from the app, which needs nothing of Dynamics.

use std::collections::BTreeSet;

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use streams::Stream;
use sync_store::{
    ChangeKey, ChangeState, Fields, Guard, Guarded, Hideable, Lease, NewChange, Operation, Origin,
    Value, Wanted,
};
use uuid::Uuid;

use crate::expire::ExpiryPass;
use crate::expiry::{ExpiryRule, Standing};
use crate::guard::{allowed, share};
use crate::push::{given_back, is_valid_with, same, set_by};
use crate::{Engine, Failure};

/// What is wanted of one row.
#[derive(Debug)]
pub(crate) struct Wish {
    /// The row's GUID.
    pub(crate) row: String,
    pub(crate) origin: Origin,
    /// Of which expiry: of an expiry the last valid day that is over, of a renewal the expiry's change.
    pub(crate) of: String,
    pub(crate) fields: Fields,
}

/// What came of handing in.
#[derive(Debug, Default)]
pub(crate) struct HandedIn {
    /// The rows of those that were handed in before and settled, and are wanted all the same.
    pub(crate) unheeded: Vec<String>,
    /// The ids of the changes of those that undo an expiry.
    pub(crate) renewals: BTreeSet<String>,
}

/// Where a wish stands.
enum Place {
    /// It is to be handed in under this id.
    New(String),
    /// It waits under this id.
    Waits(String),
    /// It was handed in before, and carried out, refused or dropped.
    Settled,
}

/// How often one expiry of one row is handed in at most, if each time it was no longer so.
const TIMES: u32 = 20;

impl Wish {
    /// The same for the same expiry of the same row, `again` that many times.
    pub(crate) fn id(&self, stream: &str, again: u32) -> String {
        let (kind, by) = match &self.origin {
            Origin::Renewal { by } => ("renewal", by.as_str()),
            Origin::Expiry { by } => ("expiry", by.as_str()),
            Origin::App { .. } | Origin::Assertion => ("", ""),
        };
        let name = format!(
            "{kind} by {by} of {stream} {} {} {again}",
            self.row, self.of
        );
        Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string()
    }

    /// The row's values once it is carried out.
    pub(crate) fn over(&self, dynamics: &Fields) -> Fields {
        let mut fields = dynamics.clone();
        fields.extend(self.fields.clone());
        fields
    }

    fn change(&self, id: String, stream: &str, now: Timestamp) -> NewChange {
        let wanted =
            |(name, value): (&String, &Value)| (name.clone(), Wanted::Value(value.clone()));
        NewChange {
            stream: stream.to_owned(),
            operation: Operation::Update,
            key: ChangeKey::Id(self.row.clone()),
            fields: self.fields.iter().map(wanted).collect(),
            base_version: None,
            changed_at: now,
            accepted_at: now,
            origin: self.origin.clone(),
            // Whatever the expiry sets by now: it is the same one.
            digest: id.clone(),
            id,
        }
    }
}

impl Engine {
    /// What the expiry of `stream` wants of one of its own records.
    pub(crate) fn wish(
        &self,
        stream: &Stream,
        rule: ExpiryRule<'_>,
        record: &Hideable,
        standing: Standing,
    ) -> Option<Wish> {
        if !stream.direction.pushes() {
            return None;
        }
        let set = set_by(&self.streams, &stream.name, &stream.name)?;
        let by = stream.name.clone();
        let wish = |origin, of: &str, fields| Wish {
            row: record.id.clone(),
            origin,
            of: of.to_owned(),
            fields,
        };
        match standing {
            // In doubt it is hidden, and Dynamics is left as it is.
            Standing::Expired if record.unverified => None,
            Standing::Expired => {
                let day = last_day(stream, record);
                differs(&record.dynamics, &set).then(|| wish(Origin::Expiry { by }, day, set))
            }
            Standing::Valid | Standing::Apart => {
                let ended = record.ended.get(&by)?;
                let back = given_back(&ended.before, &set, &record.wanted);
                (!back.is_empty() && is_valid_with(&record.wanted, &back, rule))
                    .then(|| wish(Origin::Renewal { by }, &ended.change, back))
            }
        }
    }
}

impl ExpiryPass<'_> {
    /// Hands in what is wanted of rows of `stream`, each once.
    ///
    /// # Errors
    /// [`Failure::ExpiryGuarded`] if that would write to more of them than may be without a person.
    pub(crate) async fn hand_in(
        &self,
        stream: &Stream,
        (lease, released): (&Lease, Option<u64>),
        wishes: Vec<Wish>,
    ) -> Result<HandedIn, Failure> {
        let store = &self.engine.store;
        let in_flight = self.engine.limits.writes;
        let looked_up = stream::iter(wishes)
            .map(|wish| async move {
                self.check_time()?;
                let place = self.place(&stream.name, &wish).await?;
                Ok::<_, Failure>((wish, place))
            })
            .buffer_unordered(in_flight);
        let looked_up: Vec<(Wish, Place)> = looked_up.try_collect().await?;
        let mut handed_in = HandedIn::default();
        let (mut expiries, mut renewals) = (Vec::new(), Vec::new());
        for (wish, place) in looked_up {
            let is_expiry = matches!(wish.origin, Origin::Expiry { .. });
            let id = match place {
                Place::Settled => {
                    handed_in.unheeded.push(wish.row);
                    continue;
                }
                Place::Waits(id) => id,
                Place::New(id) => {
                    let new = if is_expiry {
                        &mut expiries
                    } else {
                        &mut renewals
                    };
                    new.push(wish.change(id.clone(), &stream.name, self.engine.clock.now()));
                    id
                }
            };
            if !is_expiry {
                handed_in.renewals.insert(id);
            }
        }
        self.accept(stream, renewals).await?;
        let count = u64::try_from(expiries.len()).unwrap_or(u64::MAX);
        if count > allowed(released) {
            let of = store.count_live(&stream.name).await?;
            if count > share(of) {
                let guarded = Guarded {
                    vanishing: count,
                    of,
                    run_id: self.run_id.to_owned(),
                    since: self.engine.clock.now(),
                };
                store.trip_guard(lease, Guard::Expiry, &guarded).await?;
                return Err(Failure::ExpiryGuarded {
                    stream: self.name.to_owned(),
                    expiries: count,
                    of,
                });
            }
        }
        self.accept(stream, expiries).await?;
        Ok(handed_in)
    }

    /// Under which id a wish is to be handed in: one that dissolved before, because it was no longer so, may
    /// have come to be so again.
    async fn place(&self, stream: &str, wish: &Wish) -> Result<Place, Failure> {
        let mut id = String::new();
        for again in 0..TIMES {
            id = wish.id(stream, again);
            match self.engine.store.change(&id).await.map_err(Failure::from) {
                Ok(None) => return Ok(Place::New(id)),
                Ok(Some(change)) => match change.state {
                    ChangeState::Dissolved => {}
                    ChangeState::Waiting => return Ok(Place::Waits(id)),
                    _ => return Ok(Place::Settled),
                },
                // One that cannot be read stops none of the others.
                Err(failure) if failure.is_damage() => return Ok(Place::Settled),
                Err(failure) => return Err(failure),
            }
        }
        Ok(Place::Waits(id))
    }

    async fn accept(&self, stream: &Stream, changes: Vec<NewChange>) -> Result<(), Failure> {
        let now = self.engine.clock.now();
        let rule = ExpiryRule::of(stream, &self.engine.streams.time_zone, now);
        let hiding = |wanted: &Fields, unverified| rule.hiding(wanted, unverified);
        stream::iter(changes)
            .map(|change| async move {
                self.check_time()?;
                let store = &self.engine.store;
                store.accept(&change, None, &hiding, true).await?;
                Ok::<_, Failure>(())
            })
            .buffer_unordered(self.engine.limits.writes)
            .try_for_each(async |()| Ok(()))
            .await
    }
}

/// The last valid day of a record, as its stream has it.
pub(crate) fn last_day<'r>(stream: &Stream, record: &'r Hideable) -> &'r str {
    let expiry = stream.expiry.as_ref();
    let day = expiry.and_then(|expiry| record.wanted.get(&expiry.date));
    match day {
        Some(Value::Text(day)) => day,
        _ => "",
    }
}

/// Whether Dynamics does not say yet what an expiry sets.
pub(crate) fn differs(dynamics: &Fields, set: &Fields) -> bool {
    set.iter()
        .any(|(name, value)| !same(dynamics.get(name).unwrap_or(&Value::Null), value))
}
