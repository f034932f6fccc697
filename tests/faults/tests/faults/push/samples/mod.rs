//! The stream files that the project shows, run as they stand.

mod accounting;
mod hlf;
mod visibility;

use dynamics_simulator::Options;
use serde_json::Value as Json;
use streams::StreamFile;

use crate::expiry::mentors::few;
use crate::world::World;

/// A world with one of the files, unedited.
async fn world(file: &str) -> World {
    let streams = StreamFile::parse(file, "streams.toml").unwrap();
    // Pages as large as those of Dynamics.
    let options = Options {
        page_size_max: 5_000,
        ..few()
    };
    World::with(options, streams).await
}

/// What Dynamics says: status, whether it is visible, and whether the stamp is that of the last write.
fn says(world: &World, id: &str) -> (Json, Json, bool) {
    let row = world.row("hlf_certifications", id);
    let stamped = row["hlf_lastsyncedon"] == row["modifiedon"];
    (
        row["hlf_status"].clone(),
        row["hlf_portalvisible"].clone(),
        stamped,
    )
}
