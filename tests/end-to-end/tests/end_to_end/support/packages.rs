//! The functions' packages, in the emulated S3.

use std::path::Path;
use std::process::Command;

use tokio::sync::OnceCell;

use super::aws::{Aws, REGION};
use super::binaries;
use super::emulator::Emulator;

/// Where they are, each called after its binary.
pub(crate) const BUCKET: &str = "packages";
const BINARIES: [&str; 5] = ["authorizer", "changes", "export", "health", "sync"];

/// The package of a binary, in the bucket.
pub(crate) fn package_of(binary: &str) -> String {
    format!("{binary}.zip")
}

/// Puts the packages where Lambda finds them, once for all tests.
pub(crate) async fn upload(aws: &Aws) {
    static UPLOADED: OnceCell<()> = OnceCell::const_new();
    UPLOADED
        .get_or_init(async || {
            let place = format!(
                "<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint>\
                 </CreateBucketConfiguration>"
            );
            aws.put("s3", &format!("/{BUCKET}"), place.into_bytes())
                .await;
            for binary in BINARIES {
                let path = format!("/{BUCKET}/{}", package_of(binary));
                aws.put("s3", &path, package(aws.emulator, binary)).await;
            }
        })
        .await;
}

/// The real binary as Lambda wants it. Without its symbols: most of a debug build is symbols.
fn package(emulator: &Emulator, binary: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let bootstrap = folder.path().join("bootstrap");
    run(
        Command::new("strip")
            .arg("-o")
            .arg(&bootstrap)
            .arg(binaries::built(binary)),
        folder.path(),
    );
    let mut zip = Command::new(&emulator.python);
    run(
        zip.args(["-m", "zipfile", "-c", "package.zip", "bootstrap"]),
        folder.path(),
    );
    std::fs::read(folder.path().join("package.zip")).unwrap()
}

fn run(command: &mut Command, folder: &Path) {
    let status = command.current_dir(folder).status();
    let status = status.unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(status.success(), "{command:?} failed");
}
