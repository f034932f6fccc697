//! Ctrl-C, and being asked to end.
//!
//! A command that listens winds down when it is told for the first time, and the process ends at once when it is
//! told again, whatever it does then. Those that do not listen are ended by the system, like any program: what
//! is stored is valid at every moment.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::{self, ExitCode};

use tokio::sync::oneshot;

/// What the process was sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Signal {
    /// Ctrl-C was pressed.
    Interrupt,
    /// Somebody, or the system, wants it to end.
    Terminate,
}

impl Signal {
    /// The exit code by which shells know it: 128 and the signal's number.
    fn code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }
}

/// A command was ended before it was done.
#[derive(Debug)]
pub(crate) struct Interrupted {
    /// By what.
    pub(crate) by: Signal,
    /// That it was, how things stand now, and how to go on.
    pub(crate) told: String,
}

impl Interrupted {
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.by.code())
    }
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told)
    }
}

impl std::error::Error for Interrupted {}

/// Keeps the signals from ending the process by themselves.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

/// The first signal, for the command that winds down.
#[derive(Debug)]
pub(crate) struct Interrupt(oneshot::Receiver<Signal>);

impl Signals {
    /// From now on.
    #[cfg(unix)]
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Tells of the first; the second ends the process at once, and `unfinished`, a file that nobody could use,
    /// is removed before.
    pub(crate) fn watch(mut self, unfinished: Option<PathBuf>) -> Interrupt {
        let (tell, told) = oneshot::channel();
        tokio::spawn(async move {
            // Whoever waits for it may be done meanwhile.
            let _ = tell.send(self.next().await);
            let again = self.next().await;
            if let Some(path) = unfinished {
                // It may be in its place by now, under another name.
                let _ = std::fs::remove_file(path);
            }
            process::exit(i32::from(again.code()));
        });
        Interrupt(told)
    }

    #[cfg(unix)]
    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.interrupt.recv() => Signal::Interrupt,
        }
    }

    #[cfg(not(unix))]
    async fn next(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            // Nobody can press it.
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}

impl Interrupt {
    /// Comes when the process is told to end; to be waited for until then, and not again.
    pub(crate) async fn told(&mut self) -> Signal {
        match (&mut self.0).await {
            Ok(signal) => signal,
            Err(_) => std::future::pending().await,
        }
    }
}
