//! Says what is wrong with stream files, all of it, before they are deployed:
//!
//! ```sh
//! cargo run --package streams --example check -- FILE…
//! ```
//!
//! Ends with exit code 1 if anything is.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use streams::StreamFile;

fn main() -> io::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for path in std::env::args_os().skip(1) {
        if let Err(error) = StreamFile::read(Path::new(&path)) {
            writeln!(io::stdout(), "{error}")?;
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}
