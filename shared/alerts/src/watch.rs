//! One look: how does it stand, what was told, what is there to tell.
//!
//! A message is claimed in the store, published, and noted as told, in this order: of two that look at once
//! one tells it, and what a kill leaves behind the next look takes up.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_sns::Client;
use aws_sdk_sns::config::Builder;
use clock::Clock;
use futures::future::{Either, select};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use settings::AlertSettings;
use situation::{Links, Situation, StreamSituation};
use streams::StreamFile;
use sync_store::{AlertKey, AlertState, Error, Store};

use crate::condition::{Condition, OVER, audience, conditions};
use crate::decide::{Now, Step, decide};
use crate::expiring;
use crate::kind::{Course, Kind};
use crate::message::{Message, Writer};
use crate::over::is_over;
use crate::publish::{self, Audience, Unsent};

/// Messages that are sent at the same time.
const AT_ONCE: usize = 4;

/// Tells people what they should know.
#[derive(Clone)]
pub struct Watch {
    store: Store,
    file: StreamFile,
    pub(crate) settings: AlertSettings,
    /// `None` if there is no topic.
    pub(crate) sns: Option<Client>,
    clock: Arc<dyn Clock>,
}

/// What came of a look.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Looked {
    /// Messages that were sent.
    pub sent: u64,
    /// Messages that could not be sent; the next look tries again.
    pub unsent: u64,
}

/// Which topics a message of this look could not be sent to. Another one to the same is not tried: a look must
/// end soon, also if SNS does not answer.
#[derive(Debug, Default)]
struct Out([AtomicBool; 2]);

impl Out {
    fn of(&self, audience: Audience) -> &AtomicBool {
        let [operations, coordinators] = &self.0;
        match audience {
            Audience::Operations => operations,
            Audience::Coordinators => coordinators,
        }
    }
}

/// One message to be.
struct Due<'a> {
    key: AlertKey,
    kind: Kind,
    audience: Audience,
    told: Option<&'a AlertState>,
    step: Step,
    message: Option<Message>,
    /// To be noted once it is sent.
    stage: i64,
}

impl Watch {
    /// Tells those whom `settings` name, with the texts of the stream file's language. `sns` says where SNS is
    /// and with which credentials.
    pub fn new(
        store: Store,
        file: StreamFile,
        settings: AlertSettings,
        sns: impl Into<Builder>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let wanted = Audience::ALL
            .iter()
            .any(|audience| audience.topic(&settings).is_some());
        Self {
            store,
            file,
            sns: wanted.then(|| publish::client(sns)),
            settings,
            clock,
        }
    }

    /// Looks how it stands, and tells whoever must know. What cannot be sent is logged and tried again at the
    /// next look.
    ///
    /// # Errors
    /// When the store cannot be used: nobody was told anything then that is not noted, or claimed for five
    /// minutes.
    pub async fn look(&self) -> Result<Looked, Error> {
        let now = self.clock.now();
        // First what was told: the situation is then never older than what is known of it.
        let told = self.store.alerts().await?;
        let situation = Situation::read(&self.store, &self.file, now).await?;
        let writer = Writer::new(&self.file, self.settings.public_url.as_deref(), now);
        let due = self.due(&situation, &told, &writer);
        let out = Out::default();
        let carried_out: Vec<_> = due
            .into_iter()
            .map(|due| self.carry_out(due, &out))
            .collect();
        stream::iter(carried_out)
            .buffer_unordered(AT_ONCE)
            .try_fold(Looked::default(), async |sum, one| {
                Ok(Looked {
                    sent: sum.sent + one.sent,
                    unsent: sum.unsent + one.unsent,
                })
            })
            .await
    }

    /// The same, given up on at `deadline`, whatever does not answer. `None`: it was given up on, and the
    /// next look takes up what it left.
    ///
    /// # Errors
    /// As [`Watch::look`].
    pub async fn look_until(&self, deadline: Timestamp) -> Result<Option<Looked>, Error> {
        let left = clock::elapsed(self.clock.now(), deadline);
        match select(pin!(self.look()), self.clock.sleep(left)).await {
            Either::Left((looked, _)) => looked.map(Some),
            Either::Right(_) => Ok(None),
        }
    }

    /// Sends a test message to both topics, or to the log, and says for each whether it was taken.
    pub async fn send_test(&self) -> [(Audience, Result<(), Unsent>); 2] {
        let public_url = self.settings.public_url.as_deref();
        let message = Writer::new(&self.file, public_url, self.clock.now()).test();
        let [operations, coordinators] =
            Audience::ALL.map(|audience| self.send("test", audience, &message));
        let (operations_taken, coordinators_taken) = futures::join!(operations, coordinators);
        [
            (Audience::Operations, operations_taken),
            (Audience::Coordinators, coordinators_taken),
        ]
    }

    /// Everything that is to be done now, of what lasts and of what has ended.
    fn due<'a>(
        &self,
        situation: &Situation,
        told: &'a [AlertState],
        writer: &Writer<'_>,
    ) -> Vec<Due<'a>> {
        let lasting = conditions(situation, &self.file);
        let mut due = Vec::new();
        for condition in &lasting {
            let key = condition.key();
            let told = told.iter().find(|told| told.key == key);
            due.extend(self.step(key, told, Some(condition), situation, writer));
        }
        for told in told {
            if lasting.iter().all(|condition| condition.key() != told.key) {
                due.extend(self.step(told.key.clone(), Some(told), None, situation, writer));
            }
        }
        due
    }

    /// `None`: nothing is to be done, or the kind is one that a newer release knows.
    fn step<'a>(
        &self,
        key: AlertKey,
        told: Option<&'a AlertState>,
        condition: Option<&Condition>,
        situation: &Situation,
        writer: &Writer<'_>,
    ) -> Option<Due<'a>> {
        let kind = Kind::named(&key.kind)?;
        let stream = key.subject.as_str();
        let audience = audience(kind, stream, &self.file);
        let now = Now {
            at: situation.now,
            local: writer.local,
        };
        let mut step = decide(kind, audience, told, condition, now);
        // Of a stream that the file does not have any more nobody can say that it is well.
        if step == Step::TellEnd && !stream.is_empty() && self.file.stream(stream).is_none() {
            step = Step::Forget;
        }
        if matches!(step, Step::TellEnd | Step::Forget) && !is_over(kind, stream, situation) {
            return None;
        }
        let today = writer.local.date();
        let mut stage = condition.map_or(0, |condition| condition.stage);
        if kind.course() == Course::News {
            stage = expiring::number(today);
        }
        let message = match (step, condition) {
            (Step::Nothing, _) => return None,
            (Step::Tell, Some(_)) if kind == Kind::Expiring => {
                let told_on = told.and_then(|told| told.told_at.and(expiring::day(told.stage)));
                let of = |one: &&StreamSituation| one.name == stream;
                let expiring = &situation.streams.iter().find(of)?.expiring;
                let warn_days = self.file.stream(stream)?.expiry.as_ref();
                let warn_days = warn_days.map_or(&[][..], |expiry| &expiry.warn_days);
                let news = expiring::news(expiring, warn_days, told_on, today)?;
                let links = Links::of(situation);
                Some(writer.news(stream, &news, |id| links.to(stream, id)))
            }
            (Step::Tell | Step::Remind, Some(condition)) => {
                let alert = kind.alert(writer.texts, condition.stage == OVER);
                let since = told.filter(|_| step == Step::Remind).map(|told| told.began);
                Some(writer.alert(alert, condition, since))
            }
            (Step::TellEnd, _) => Some(writer.ended(kind.ended(writer.texts)?, stream)),
            _ => None,
        };
        Some(Due {
            key,
            kind,
            audience,
            told,
            step,
            message,
            stage,
        })
    }

    async fn carry_out(&self, due: Due<'_>, out: &Out) -> Result<Looked, Error> {
        let nothing = Looked::default();
        let Some(message) = &due.message else {
            match (due.step, due.told) {
                (Step::Notice, _) => {
                    self.store.notice_alert(&due.key, self.clock.now()).await?;
                }
                (Step::Forget, Some(told)) => self.store.forget_alert(told).await?,
                _ => {}
            }
            return Ok(nothing);
        };
        let now = self.clock.now();
        let Some(claim) = self.store.claim_alert(&due.key, due.told, now).await? else {
            return Ok(nothing);
        };
        let is_sent = !out.of(due.audience).load(Ordering::Relaxed)
            && self
                .send(due.kind.name(), due.audience, message)
                .await
                .is_ok();
        if !is_sent {
            out.of(due.audience).store(true, Ordering::Relaxed);
            self.store.alert_unsent(claim).await?;
            return Ok(Looked {
                unsent: 1,
                ..nothing
            });
        }
        match due.step {
            Step::TellEnd => self.store.alert_ended(claim).await?,
            _ => {
                // Reminders begin anew when it gets to the next stage.
                let before = due.told.filter(|_| due.step == Step::Remind);
                let told = before.map_or(0, |before| before.told).saturating_add(1);
                let now = self.clock.now();
                self.store.alert_told(claim, told, due.stage, now).await?;
            }
        }
        Ok(Looked { sent: 1, ..nothing })
    }

    /// To the audience's topic, or to the log if it has none.
    async fn send(
        &self,
        kind: &'static str,
        audience: Audience,
        message: &Message,
    ) -> Result<(), Unsent> {
        let topic = audience.topic(&self.settings);
        let Some((topic, sns)) = topic.zip(self.sns.as_ref()) else {
            let (audience, text) = (audience.name(), &message.sms);
            tracing::warn!(alert = kind, audience, text, "alert without a topic");
            return Ok(());
        };
        let sent = publish::publish(sns, topic, message).await;
        match &sent {
            Ok(()) => tracing::info!(alert = kind, audience = audience.name(), "alert sent"),
            Err(error) => tracing::error!(alert = kind, %error, "alert not sent"),
        }
        sent
    }
}
