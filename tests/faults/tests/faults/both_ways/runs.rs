//! Runs: killed, short of time, or with somebody acting in the middle of them; and those that nothing
//! disturbs.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use sync_engine::{Engine, Limits, Mode, RunReport, RunRequest};

use super::scene::{Scene, Stage};
use super::visibility::check_after_run;
use crate::wire::{Cut, Look, Wire};
use crate::world::World;

/// How one invocation goes.
struct Invocation {
    request: RunRequest,
    cut: Cut,
    /// So long takes each answer of Dynamics; if that is anything, the invocation has a deadline.
    seconds: u64,
    /// Before which calls somebody acts.
    acts: BTreeSet<u64>,
}

/// A run that is killed, or has little time, or in which somebody acts, or none of these.
pub(super) async fn disturbed(stage: &Stage) {
    let invocation = {
        let mut scene = stage.lock().await;
        let random = &mut scene.random;
        let cut = match (random.below(3), 1 + random.below(160)) {
            (0, call) => Cut::Before(call),
            (1, call) => Cut::After(call),
            (_, _) => Cut::Never,
        };
        let seconds = random.one_of(&[0, 0, 0, 1, 5]);
        let acts = (0..random.below(4)).map(|_| 1 + random.below(160));
        let acts = acts.collect();
        let mode = random.one_of(&[
            Mode::Delta,
            Mode::Delta,
            Mode::Delta,
            Mode::Delta,
            Mode::Full,
        ]);
        // Sometimes the run before is continued.
        let next = random.below(4) > 0;
        Invocation {
            request: scene.request(mode, next),
            cut,
            seconds,
            acts,
        }
    };
    invoke(stage, invocation).await;
}

/// A run that nothing disturbs.
pub(super) async fn undisturbed(stage: &Stage) -> RunReport {
    let request = stage.lock().await.request(Mode::Delta, true);
    let invocation = Invocation {
        request,
        cut: Cut::Never,
        seconds: 0,
        acts: BTreeSet::new(),
    };
    invoke(stage, invocation).await.unwrap()
}

/// `None` if it was killed.
async fn invoke(stage: &Stage, invocation: Invocation) -> Option<RunReport> {
    let Invocation {
        request,
        cut,
        seconds,
        acts,
    } = invocation;
    let what = format!(
        "{} {:?} {cut:?}, {seconds} s a request",
        request.run_id, request.mode
    );
    let wire = Wire::new(cut).looked_at(somebody_acts(stage.clone(), acts));
    let (process, deadline) = {
        let mut scene = stage.lock().await;
        scene.observe().await;
        scene.during.clear();
        scene.log.begin_invocation();
        scene.tell(format!("{what} begins"));
        let clock = scene.world.clock.clone();
        let each_takes = Duration::from_secs(seconds);
        let slow = move |_| clock.advance(each_takes);
        let deadline = match seconds {
            0 => Timestamp::MAX,
            _ => scene.world.in_seconds(90),
        };
        (process(&scene.world, wire.clone(), slow), deadline)
    };
    let ended = tokio::select! {
        report = process.run(&request, deadline, &|_| {}) => Some(report),
        () = wire.died() => None,
    };
    let mut scene = stage.lock().await;
    scene.tell(match &ended {
        None => format!("{what}: killed"),
        Some(Err(error)) => format!("{what}: {error}"),
        Some(Ok(report)) => format!("{what}: {}", told(report)),
    });
    scene.observe().await;
    scene.log.decided.clear();
    scene.during.clear();
    let report = ended?.ok()?;
    let looked_at = check_after_run(&scene.last, &report, scene.today());
    scene.looked_at += looked_at;
    Some(report)
}

/// Before calls with these numbers somebody does something.
fn somebody_acts(stage: Stage, acts: BTreeSet<u64>) -> Look {
    let made = Arc::new(AtomicU64::new(0));
    Arc::new(move |here| {
        let due = match here {
            Cut::Before(call) => acts.contains(&call),
            _ => false,
        };
        let (stage, made) = (stage.clone(), made.clone());
        Box::pin(async move {
            if due {
                made.fetch_add(1, Ordering::SeqCst);
                let mut scene = stage.lock().await;
                scene.tell(format!("meanwhile, at {here:?}:"));
                scene.somebody_acts().await;
            }
        })
    })
}

fn told(report: &RunReport) -> String {
    let streams = report.streams.iter().map(|one| {
        let counts = (
            one.stored,
            one.deleted,
            one.pushed,
            one.refused,
            one.waiting,
        );
        let (status, reason, notes) = (one.status, &one.reason, &one.notes);
        format!("{} {status:?} {counts:?} {reason:?} {notes:?}", one.name)
    });
    format!(
        "{:?}; {}",
        report.status,
        streams.collect::<Vec<_>>().join("; ")
    )
}

fn process(world: &World, wire: Wire, slow: impl Fn(u64) + Send + Sync + 'static) -> Engine {
    Engine {
        limits: Limits {
            streams: 1,
            writes: 1,
        },
        ..world.process_on(wire, world.config(), slow)
    }
}

impl Scene {
    fn request(&mut self, mode: Mode, next: bool) -> RunRequest {
        self.runs += u32::from(next || self.runs == 0);
        RunRequest {
            mode,
            ..RunRequest::new(format!("run-{}", self.runs))
        }
    }

    /// One of those who may also act while a run is under way.
    pub(super) async fn somebody_acts(&mut self) {
        match self.random.below(8) {
            0..=2 => self.app_hands_in().await,
            3 => self.person_decides().await,
            _ => self.person_acts().await,
        }
    }
}
