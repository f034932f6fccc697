//! How long each function takes from the start of its process to its first question for an event, as a ratio
//! against a program that does nothing else; and how large it is.
//!
//! The functions are the release's, beside this program, and find everything that they are told there is. Of many
//! starts the shortest counts: the others tell how busy the machine was.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::phases::STREAMS;
use crate::say;

/// The least, in `tests/bare`.
const BARE: &str = "bare";
const FUNCTIONS: [&str; 5] = ["authorizer", "changes", "export", "health", "sync"];
/// Starts of each, in turn, so that all meet the same machine.
const STARTS: usize = 20;
/// Goal: so many times the bare program's.
const TIMES_MAX: f64 = 3.0;
/// A process that has not asked by then has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a function is told, as its template would; nothing of it is asked before an event comes.
const VARIABLES: [(&str, &str); 14] = [
    ("AWS_ACCESS_KEY_ID", "bench"),
    ("AWS_SECRET_ACCESS_KEY", "bench"),
    ("AWS_REGION", "eu-north-1"),
    ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
    ("DYNAMICS_SECRET_ID", "bench/dynamics"),
    ("SYNC_KEYS_SECRET_ID", "bench/keys"),
    ("SYNC_STATE_TABLE", "bench-state"),
    ("SYNC_RECORDS_TABLE", "bench-records"),
    ("SYNC_CHANGES_TABLE", "bench-changes"),
    (
        "SYNC_OPERATIONS_TOPIC_ARN",
        "arn:aws:sns:eu-north-1:123456789012:bench",
    ),
    (
        "SYNC_STATE_MACHINE_ARN",
        "arn:aws:states:eu-north-1:123456789012:stateMachine:bench",
    ),
    ("SYNC_STAGE", "bench"),
];

/// A program, and the shortest of its starts.
struct Program {
    name: &'static str,
    path: PathBuf,
    shortest: Duration,
}

pub(crate) async fn compare() -> anyhow::Result<()> {
    say(&format!(
        "From the start of a process to its first question for an event, the shortest of {STARTS}:"
    ));
    let mut programs = [BARE]
        .iter()
        .chain(&FUNCTIONS)
        .map(program)
        .collect::<Result<Vec<_>, _>>()?;
    let folder = tempfile::tempdir()?;
    let streams = folder.path().join("streams.toml");
    std::fs::write(&streams, STREAMS)?;
    for _ in 0..STARTS {
        for program in &mut programs {
            let took = start(&program.path, &streams)
                .await
                .with_context(|| format!("{} did not start", program.name))?;
            program.shortest = program.shortest.min(took);
        }
    }
    let bare = programs
        .first()
        .map_or(Duration::ZERO, |bare| bare.shortest);
    let mut slow = Vec::new();
    for Program {
        name,
        path,
        shortest,
    } in &programs
    {
        let times = shortest.as_secs_f64() / bare.as_secs_f64();
        let (bytes, packed) = sizes(path)?;
        say(&format!(
            "  {name:<12} {:>6.2} ms, {times:>4.2} times the bare one {bytes:>11} bytes, {packed:>9} packed",
            shortest.as_secs_f64() * 1_000.0
        ));
        if times > TIMES_MAX {
            slow.push(*name);
        }
    }
    ensure!(
        slow.is_empty(),
        "more than {TIMES_MAX} times the bare one: {slow:?}"
    );
    Ok(())
}

fn program(name: &&'static str) -> anyhow::Result<Program> {
    let path = std::env::current_exe()?.with_file_name(name);
    ensure!(
        path.is_file(),
        "{} is not built; `make bench` builds it",
        path.display()
    );
    Ok(Program {
        name,
        path,
        shortest: Duration::MAX,
    })
}

/// Ends its process, however the wait for it ends.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program as Lambda would, and waits until it asks for its first event.
async fn start(path: &Path, streams: &Path) -> anyhow::Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let api = listener.local_addr()?.to_string();
    let mut command = Command::new(path);
    command
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", api)
        .envs(VARIABLES)
        .env("SYNC_STREAMS", streams)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit());
    let began = Instant::now();
    let _process = Started(command.spawn()?);
    let asked = timeout(PATIENCE, first_question(&listener)).await??;
    let took = began.elapsed();
    ensure!(
        asked.starts_with("GET /2018-06-01/runtime/invocation/next "),
        "it asked {asked:?}"
    );
    Ok(took)
}

/// The first line of the first request.
async fn first_question(listener: &TcpListener) -> anyhow::Result<String> {
    let (connection, _) = listener.accept().await?;
    let mut asked = [0; 128];
    // Ready to be read is only a guess.
    let bytes = loop {
        connection.readable().await?;
        match connection.try_read(&mut asked) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            read => break read?,
        }
    };
    let asked = String::from_utf8_lossy(asked.get(..bytes).unwrap_or_default());
    Ok(asked.lines().next().unwrap_or_default().to_owned())
}

/// Bytes of the file, as it is and packed as well as gzip can.
fn sizes(path: &Path) -> anyhow::Result<(usize, usize)> {
    let program = std::fs::read(path)?;
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&program)?;
    Ok((program.len(), packed.finish()?.len()))
}
