//! Whatever happens, and in whatever order: once it is over, the copy equals Dynamics within three runs,
//! and a fourth writes nothing.
//!
//! `SOAK_SEED` plays one seed again; a failure names it and tells what had happened.

use std::time::{Duration, Instant};

use dynamics_simulator::Options;
use sync_engine::{Mode, RunStatus, StreamReport, StreamStatus};

use crate::acts::Acts;
use crate::random::Random;
use crate::world::{World, say};

const STREAMS: &str = r#"
[[stream]]
name   = "members"
table  = "contacts"
where  = { statecode = 0 }
[stream.fields]
email      = "emailaddress1"
first_name = "firstname"
shown      = "donotemail"

[[stream]]
name  = "certifications"
table = "hlf_certifications"
key   = ["hlf_mentorcode"]
[stream.fields]
mentor_code = "hlf_mentorcode"
mentor      = { column = "hlf_contactid", lookup = "contacts" }
status      = { column = "hlf_status", choice = { active = 1, expired = 2, suspended = 3 } }
valid_to    = { column = "hlf_validto", type = "date" }
visible     = "hlf_portalvisible"
[stream.expiry]
date = "valid_to"
from = { status = "active" }
set  = { status = "expired", visible = false, "mentor.shown" = false }
"#;

/// How often everything comes to rest in the life of one world.
const RESTS: u32 = 3;

/// Tells what had happened if a test fails.
struct Telling {
    seed: u64,
    acts: Acts,
}

impl Drop for Telling {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let told = self.acts.told.join("\n  ");
            say(&format!("SOAK_SEED={}:\n  {told}", self.seed));
        }
    }
}

/// One world's life; how large it is follows from the seed too.
async fn live(seed: u64) {
    let mut random = Random(seed);
    let options = Options {
        contacts: 20 + random.below(40),
        certifications: 10 + random.below(20),
        accounts: 0,
        users: 5,
        page_size_max: 7,
        ..Options::default()
    };
    let world = World::of(options, &[STREAMS]).await;
    let acts = Acts::new(world, random);
    let mut life = Telling { seed, acts };
    for _ in 0..RESTS {
        for _ in 0..4 + life.acts.random.below(12) {
            life.acts.act().await;
        }
        settle(&mut life.acts).await;
    }
}

/// Within three runs everything is as it should be, and the next one writes nothing. What the guard
/// stopped is released by a person.
async fn settle(acts: &mut Acts) {
    acts.calm();
    for runs_before in 0..=3 {
        let mode = match acts.only_keys_tell() && runs_before == 0 {
            true => Mode::Reconcile,
            false => Mode::Delta,
        };
        let report = acts.quiet_run(mode).await;
        for stream in &report.streams {
            if stream.status == StreamStatus::Guarded {
                acts.release(&stream.name).await;
            }
        }
        let at_rest = |stream: &StreamReport| {
            (stream.stored, stream.deleted, stream.quarantined) == (0, 0, 0)
        };
        if report.status == RunStatus::Complete && report.streams.iter().all(at_rest) {
            acts.world.assert_copy_equals_truth().await;
            acts.untold = false;
            return;
        }
        assert!(runs_before < 3, "not at rest after three runs: {report:#?}");
    }
}

#[tokio::test]
async fn after_anything_at_all_the_copy_is_equal_again_within_three_runs() {
    let seeds: Vec<u64> = match std::env::var("SOAK_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => (1..=3).collect(),
    };
    for seed in seeds {
        live(seed).await;
    }
}

/// As many worlds as `SOAK_MINUTES` allow, from a seed that is never the same.
#[tokio::test]
#[ignore = "takes SOAK_MINUTES; make soak runs it"]
async fn soak_for_minutes() {
    let minutes = std::env::var("SOAK_MINUTES").map_or(10, |minutes| minutes.parse().unwrap());
    let until = Instant::now() + Duration::from_secs(60 * minutes);
    let first = u64::from(std::process::id()) << 32;
    let mut lives = 0;
    while Instant::now() < until {
        live(first + lives).await;
        lives += 1;
    }
    say(&format!("{lives} worlds from seed {first}"));
}
