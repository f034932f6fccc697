//! The real binaries against emulators, over HTTP: everything is in `tests/`.
