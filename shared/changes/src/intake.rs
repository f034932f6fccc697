//! Taking a change in.

use jiff::Timestamp;
use sync_engine::ExpiryRule;
use sync_store::{Accepted, Change, ChangeKey, NewChange, Origin, business_key};

use crate::Changes;
use crate::body::{self, Body};
use crate::identity::{change_id, digest};
use crate::json;
use web::{Problem, ProblemKind};

/// The largest body: a change and its record must fit a DynamoDB item of 400 KB.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// The longest `Idempotency-Key`.
const KEY_MAX: usize = 200;

impl Changes {
    /// Takes in a change from the holder of the key of this name, and gives back how it stands: the same body
    /// under the same `idempotency_key` is the same change, also later. When this returns, the change is
    /// stored, and its record shows what it wants.
    ///
    /// # Errors
    /// Everything that is wrong with it, and then nothing is stored; or that the tables could not be used,
    /// and then nobody knows, and it may be handed in again.
    pub async fn accept(
        &self,
        key_name: &str,
        idempotency_key: &str,
        body: &[u8],
    ) -> Result<Change, Problem> {
        check_key(idempotency_key)?;
        if body.len() > BODY_BYTES_MAX {
            let detail =
                format!("the body is larger than {BODY_BYTES_MAX} bytes; nothing was stored");
            return Err(Problem::new(ProblemKind::TooLarge, detail));
        }
        let now = as_stored(self.clock.now());
        let json = json::read(body)
            .map_err(|faults| Problem::of_body(ProblemKind::MalformedRequest, faults))?;
        let body = body::read(json, &self.streams, now)
            .map_err(|faults| Problem::of_body(ProblemKind::InvalidChange, faults))?;
        let stream = body.stream;
        let business_key = match &body.key {
            ChangeKey::Id(_) => None,
            ChangeKey::Fields(key) => {
                let fields = stream.key_fields();
                let values = fields.iter().filter_map(|field| key.get(&field.name));
                business_key(&stream.name, values)
            }
        };
        let change = new_change(body, key_name, idempotency_key, now);
        let rule = ExpiryRule::of(stream, &self.streams.time_zone, now);
        let rule = &|fields: &_, unverified| rule.hiding(fields, unverified);
        let (key, pulls) = (business_key.as_deref(), stream.direction.pulls());
        match self.store.accept(&change, key, rule, pulls).await {
            Ok(Accepted::New(change)) => {
                let (id, stream) = (&change.wanted.id, &change.wanted.stream);
                tracing::info!(%id, %stream, operation = change.wanted.operation.name(), "a change was handed in");
                Ok(change)
            }
            Ok(Accepted::Known(change)) => Ok(change),
            Ok(Accepted::Other(_)) => Err(Problem::new(
                ProblemKind::KeyReused,
                "expected the same body as before, or an Idempotency-Key of its own for another change; nothing was stored",
            )),
            Err(error) => Err(Problem::of_store(
                &error,
                "the change may have been stored or not; hand it in again with the same Idempotency-Key",
            )),
        }
    }
}

/// A key that a proxy or a log could alter would not be the same twice.
fn check_key(key: &str) -> Result<(), Problem> {
    let good = key.bytes().all(|byte| byte.is_ascii_graphic());
    if good && (1..=KEY_MAX).contains(&key.len()) {
        return Ok(());
    }
    Err(Problem::malformed(format!(
        "the Idempotency-Key is malformed; expected 1 to {KEY_MAX} visible ASCII characters, such as a GUID"
    )))
}

/// The store keeps milliseconds, and the first answer must not say more than the next.
pub(crate) fn as_stored(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

fn new_change(body: Body<'_>, key_name: &str, idempotency_key: &str, now: Timestamp) -> NewChange {
    NewChange {
        id: change_id(key_name, idempotency_key),
        digest: digest(&body),
        stream: body.stream.name.clone(),
        operation: body.operation,
        key: body.key,
        fields: body.fields,
        base_version: body.base_version,
        changed_at: body.changed_at.map_or(now, as_stored).min(now),
        accepted_at: now,
        origin: Origin::App {
            key: key_name.to_owned(),
        },
    }
}
