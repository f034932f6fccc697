//! What can be typed about a simulated Dynamics.

use clap::Args;

/// What the simulated Dynamics holds.
#[derive(Args, Debug)]
pub(crate) struct Population {
    /// How many contacts it holds.
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    pub(crate) contacts: u64,
    /// How many certifications.
    #[arg(long, default_value_t = 2_000, value_name = "N")]
    pub(crate) certifications: u64,
    /// Which made-up people and changes.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
}

impl Population {
    pub(crate) fn options(&self) -> dynamics_simulator::Options {
        dynamics_simulator::Options {
            seed: self.seed,
            contacts: self.contacts,
            certifications: self.certifications,
            ..Default::default()
        }
    }
}

/// Fewer rows than a simulator alone has: the demo is read by somebody who waits for it.
#[derive(Args, Debug)]
#[command(mut_arg("contacts", |arg| arg.default_value("5000")))]
#[command(mut_arg("certifications", |arg| arg.default_value("1000")))]
pub(crate) struct Demo {
    #[command(flatten)]
    pub(crate) population: Population,
    /// Stay up afterwards: print an address to open in a browser, and a key.
    #[arg(long)]
    pub(crate) serve: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Simulate {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) port: u16,
    #[command(flatten)]
    pub(crate) population: Population,
}
