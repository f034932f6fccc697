#!/usr/bin/env bash
# `make build`: one package a function, in target/lambda, for ARCH (x86_64 or arm64). Stream files with mistakes, a tool
# that is missing, and programs that the runtime could not start are found here and not in the cloud.
set -euo pipefail
cd "$(dirname "$0")/.."
arch=${1:-x86_64}
tools=$PWD/.venv-infra/bin

case $arch in
  x86_64) target=x86_64-unknown-linux-gnu ;;
  arm64) target=aarch64-unknown-linux-gnu ;;
  *) echo "ARCH is \`$arch\`; expected x86_64 or arm64" >&2; exit 2 ;;
esac
if ! command -v cargo >/dev/null; then
  echo "cargo is missing; get it from https://rustup.rs" >&2; exit 1
fi
if ! [ -x "$tools/cargo-lambda" ]; then
  echo "cargo-lambda is missing; run \`$tools/pip install -r infra/build-requirements.txt\`" >&2; exit 1
fi
if ! [ -d "$(rustc --print sysroot)/lib/rustlib/$target" ]; then
  echo "Rust cannot build for $arch; run \`rustup target add $target\`" >&2; exit 1
fi
cargo run --quiet --locked --package streams --example check -- infra/streams/*.toml

# zig, which is found beside cargo-lambda, links against a glibc that is older than the runtime's.
PATH=$tools:$PATH cargo lambda build --release --locked --output-format zip --target "$target" \
  --package authorizer-function --package changes-function --package export-function \
  --package health-function --package sync-function
"$tools/python" infra/packages.py "$arch"
