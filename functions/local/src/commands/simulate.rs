//! `dynamics-sync simulate`: a Dynamics on this machine, for trying things out.

use std::sync::Arc;

use anyhow::Context;
use clock::SystemClock;
use dynamics_simulator::Simulator;
use tokio::net::TcpListener;

use crate::Outcome;
use crate::arguments::{Common, Simulate};
use crate::interrupt::Signals;

pub(crate) async fn run(common: &Common, options: &Simulate) -> anyhow::Result<Outcome> {
    let simulator = Simulator::new(options.population.options(), Arc::new(SystemClock));
    let listener = TcpListener::bind(("127.0.0.1", options.port))
        .await
        .with_context(|| format!("cannot listen on port {} of 127.0.0.1", options.port))?;
    let signals = Signals::listen().context("cannot listen for Ctrl-C")?;
    let mut interrupt = signals.watch(None);
    let address = format!("http://{}", listener.local_addr()?);
    common.telling().note(format_args!(
        "A simulated Dynamics with {} contacts and {} certifications listens on {address}.\n\
         Stop it with Ctrl-C. Paste these lines into another terminal to use it:\n",
        options.population.contacts, options.population.certifications
    ));
    let credentials = simulator.credentials();
    for (name, value) in [
        ("DYNAMICS_TENANT_ID", credentials.tenant_id.to_string()),
        ("DYNAMICS_CLIENT_ID", credentials.client_id.to_string()),
        ("DYNAMICS_CLIENT_SECRET", credentials.client_secret.clone()),
        ("DYNAMICS_INSTANCE_URL", address.clone()),
        ("AZURE_AUTHORITY_HOST", address),
    ] {
        anstream::println!("export {name}='{value}'");
    }
    tokio::select! {
        served = simulator.serve(listener) => served?,
        _ = interrupt.told() => {}
    }
    Ok(Outcome::Good)
}
