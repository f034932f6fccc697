//! `dynamics-sync serve`: answers on this machine as the functions do behind API Gateway.

use std::sync::Arc;

use access::Access;
use clock::SystemClock;

use crate::Outcome;
use crate::arguments::{Common, Serve};
use crate::connections::{self, OpenStore};
use crate::host::Host;
use crate::keys_file::KeysFile;

pub(crate) async fn run(common: &Common, options: &Serve) -> anyhow::Result<Outcome> {
    let (streams, config) = connections::sources(common).await?;
    let open = OpenStore::open(common).await?;
    let dynamics = Arc::new(Access::known(config, Arc::new(SystemClock)));
    let keys = KeysFile::of(common, &options.file);
    let watch = connections::watch(common, &open.store, &streams).await?;
    let host = Host::new(&open.store, &streams, &dynamics, watch, keys);
    host.stay_up(options.port, common.telling()).await?;
    Ok(Outcome::Good)
}
