//! A world in which the app, people in Dynamics, the sync and misfortune act, one at a time; each act is
//! told, and what the sync did between two of them is judged.

use std::sync::{Arc, Mutex as StdMutex};
use std::time::Duration;

use clock::Clock;
use dynamics_simulator::Options;
use jiff::civil::Date;
use tokio::sync::Mutex;

use super::app::Owed;
use super::log::Log;
use super::moment::Moment;
use super::streams::{Policy, streams};
use super::visibility::check_records;
use super::writes::Step;
use crate::random::Random;
use crate::world::World;

/// Also those who act while a run is under way take it.
pub(super) type Stage = Arc<Mutex<Scene>>;

pub(super) struct Scene {
    pub(super) world: World,
    pub(super) random: Random,
    pub(super) log: Log,
    /// What happened, to be told if it ends badly.
    pub(super) told: Arc<StdMutex<Vec<String>>>,
    /// How both sides stood after the last act.
    pub(super) last: Moment,
    /// The moments of the run that is under way.
    pub(super) during: Vec<Moment>,
    /// Changes whose answer the app never got.
    pub(super) owed: Vec<Owed>,
    pub(super) runs: u32,
    /// For values and keys that nobody else has.
    pub(super) numbers: u32,
    /// How often a run was seen to hide what it must.
    pub(super) looked_at: usize,
}

impl Scene {
    pub(super) async fn of(seed: u64, told: Arc<StdMutex<Vec<String>>>) -> Self {
        let place = |of: u64| usize::try_from(of % 4).unwrap();
        // Each for both streams in any four seeds, and all pairs in sixteen.
        let policies = [
            Policy::ALL[place(seed.wrapping_add(seed / 4))],
            Policy::ALL[place(seed)],
        ];
        let options = Options {
            contacts: 0,
            certifications: 0,
            accounts: 0,
            users: 2,
            page_size_max: 50,
            ..Options::default()
        };
        let [members, certifications] = streams(policies);
        let world = World::of(options, &[members.as_str(), certifications.as_str()]).await;
        let mut scene = Self {
            world,
            random: Random(seed),
            log: Log::new(policies),
            told,
            last: Moment::default(),
            during: Vec::new(),
            owed: Vec::new(),
            runs: 0,
            numbers: 0,
            looked_at: 0,
        };
        scene.tell(format!("members, certifications: {policies:?}"));
        for _ in 0..4 {
            scene.create_member().await;
        }
        for _ in 0..4 {
            scene.create_certification().await;
        }
        scene
    }

    pub(super) fn tell(&self, what: String) {
        self.told.lock().unwrap().push(what);
    }

    pub(super) fn today(&self) -> Date {
        let zone = self.world.streams.time_zone.clone();
        self.world.clock.now().to_zoned(zone).date()
    }

    /// Judges what the sync did since the last act.
    pub(super) async fn observe(&mut self) {
        let now = Moment::of(&self.world).await;
        let step = Step {
            log: &self.log,
            before: &self.last,
            after: &now,
            during: &self.during,
            today: self.today(),
        };
        let (learnt, mentors) = (step.writes(), step.expired_mentors());
        self.log.learn(learnt);
        self.log.expired_mentors.extend(mentors);
        let step = Step {
            log: &self.log,
            before: &self.last,
            after: &now,
            during: &self.during,
            today: self.today(),
        };
        step.outcomes();
        self.log.note_applied([&self.last, &now]);
        check_records(&now, self.today());
        self.during
            .push(std::mem::replace(&mut self.last, now.clone()));
        self.during.push(now);
    }

    /// What an act has done is nobody's to judge.
    pub(super) async fn acted(&mut self) {
        self.last = Moment::of(&self.world).await;
        check_records(&self.last, self.today());
    }

    pub(super) fn number(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers
    }

    pub(super) fn pass(&self, time: Duration) {
        self.world.clock.advance(time);
    }
}
