//! Both sides change at random, while the wires fail and processes die: nothing that was acknowledged is
//! lost, nothing is made twice, the older never overwrites the newer, nobody is visible who must not be;
//! and once it is over both sides agree within three runs, and rest.
//!
//! The model knows what was handed in, what the app saw of it, and what people did in Dynamics. It looks at
//! both sides between any two acts and asks of each value that the sync wrote, and of each change that is
//! over, whether that may be. It shares no code with what judges changes in the product.
//!
//! `SOAK_SEED` plays one seed again; a failure names it and tells what had happened.

mod app;
mod conflicts;
mod decisions;
mod expiries;
mod found;
mod log;
mod misfortune;
mod moment;
mod outcomes;
mod people;
mod runs;
mod scene;
mod streams;
mod visibility;
mod writes;

use std::sync::{Arc, Mutex as StdMutex};
use std::time::{Duration, Instant};

use sync_engine::RunStatus;
use tokio::sync::Mutex;

use crate::world::say;
use scene::{Scene, Stage};

/// How often everything comes to rest in the life of one world.
const RESTS: u32 = 3;

/// Tells what had happened if a test fails.
struct Telling {
    seed: u64,
    told: Arc<StdMutex<Vec<String>>>,
}

impl Drop for Telling {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let told = self.told.lock().unwrap().join("\n  ");
            say(&format!("SOAK_SEED={}, both ways:\n  {told}", self.seed));
        }
    }
}

/// One world's life; answers what happened in it.
async fn live(seed: u64) -> Vec<String> {
    let telling = Telling {
        seed,
        told: Arc::default(),
    };
    let scene = Scene::of(seed, telling.told.clone()).await;
    let stage: Stage = Arc::new(Mutex::new(scene));
    runs::undisturbed(&stage).await;
    for _ in 0..RESTS {
        let acts = 6 + stage.lock().await.random.below(14);
        for _ in 0..acts {
            act(&stage).await;
        }
        settle(&stage).await;
    }
    let looked_at = stage.lock().await.looked_at;
    assert!(looked_at > 0, "no run was seen to hide anybody");
    let told = telling.told.lock().unwrap();
    told.clone()
}

/// Something happens.
async fn act(stage: &Stage) {
    let mut scene = stage.lock().await;
    match scene.random.below(20) {
        0..=5 => scene.app_hands_in().await,
        6 => scene.app_hands_in_again().await,
        7..=10 => scene.person_acts().await,
        11 => scene.person_decides().await,
        12 | 13 => scene.misfortune(),
        14 | 15 => {
            let seconds = scene.random.one_of(&[1, 60, 100, 86_400, 86_400]);
            scene.tell(format!("{seconds} seconds pass"));
            scene.pass(Duration::from_secs(seconds));
        }
        _ => {
            drop(scene);
            runs::disturbed(stage).await;
        }
    }
}

/// Faults stop: within three runs every change is over and both sides agree, and a further run writes
/// nothing.
async fn settle(stage: &Stage) {
    {
        let mut scene = stage.lock().await;
        scene.calm();
        scene.tell("faults stop".into());
        // Whoever got no answer asks again.
        while !scene.owed.is_empty() {
            scene.app_hands_in_again().await;
        }
        // An empty copy would prove nothing.
        scene.create_member().await;
        scene.create_certification().await;
    }
    let mut report = runs::undisturbed(stage).await;
    for _ in 1..3 {
        report = runs::undisturbed(stage).await;
    }
    assert_eq!(report.status, RunStatus::Complete, "{report:#?}");
    let mut scene = stage.lock().await;
    scene.log.assert_over(&scene.last);
    scene.world.assert_at_rest().await;
    scene.observe().await;
    visibility::check_at_rest(&scene.last, scene.today());
}

#[tokio::test]
async fn after_anything_on_either_side_no_change_is_lost_or_made_twice_and_both_sides_rest() {
    let seeds: Vec<u64> = match std::env::var("SOAK_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => (1..=4).collect(),
    };
    for seed in seeds {
        live(seed).await;
    }
}

/// What was told, with times to the second: pauses between two tries add up to the fractions, and which
/// request is the first to notice that a connection was closed is the machine's business.
fn to_the_second(told: &str) -> String {
    let mut parts = told.split('.');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        match rest.len() < part.len() && rest.starts_with('Z') {
            true => text + rest,
            false => text + "." + part,
        }
    })
}

#[tokio::test]
async fn a_seed_leads_to_the_same_life_again() {
    let life = async || -> Vec<String> {
        let told = live(5).await;
        told.iter().map(|told| to_the_second(told)).collect()
    };
    assert_eq!(life().await, life().await);
}

/// As many worlds as `SOAK_MINUTES` allow, from a seed that is never the same.
#[tokio::test]
#[ignore = "takes SOAK_MINUTES; make soak runs it"]
async fn soak_of_both_ways_for_minutes() {
    let minutes = std::env::var("SOAK_MINUTES").map_or(10, |minutes| minutes.parse().unwrap());
    let until = Instant::now() + Duration::from_secs(60 * minutes);
    let first = u64::from(std::process::id()) << 32;
    let mut lives = 0;
    while Instant::now() < until {
        live(first + lives).await;
        lives += 1;
    }
    say(&format!(
        "{lives} worlds with changes both ways from seed {first}"
    ));
}
