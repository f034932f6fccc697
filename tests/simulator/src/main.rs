//! Starts the simulator and prints what a client needs to know.

use std::io::Write as _;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Parser;
use clock::SystemClock;
use dynamics_simulator::{Options, Simulator};
use tokio::net::TcpListener;

/// A local Dataverse and Entra, for trying things out.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The same seed gives the same data
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many contacts there are
    #[arg(long, default_value_t = 20_000)]
    contacts: u64,
    /// How many certifications there are
    #[arg(long, default_value_t = 2_000)]
    certifications: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let options = Options {
        seed: arguments.seed,
        contacts: arguments.contacts,
        certifications: arguments.certifications,
        ..Options::default()
    };
    let simulator = Simulator::new(options, Arc::new(SystemClock));
    let port = arguments.port;
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .with_context(|| {
            format!("cannot listen on 127.0.0.1:{port}; choose another port with --port")
        })?;
    let address = listener.local_addr()?;
    let credentials = simulator.credentials();
    writeln!(
        std::io::stdout(),
        "DYNAMICS_INSTANCE_URL='http://{address}'\n\
         DYNAMICS_TENANT_ID='{}'\n\
         DYNAMICS_CLIENT_ID='{}'\n\
         DYNAMICS_CLIENT_SECRET='{}'\n\
         AZURE_AUTHORITY_HOST='http://{address}'",
        credentials.tenant_id,
        credentials.client_id,
        credentials.client_secret,
    )?;
    simulator.serve(listener).await?;
    Ok(())
}
