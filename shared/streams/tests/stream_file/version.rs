//! A file says which form it has, or nothing.

use streams::StreamFile;

use super::{MINIMAL, report, with_stream};

#[test]
fn a_file_of_a_newer_release_is_told_as_such_and_nothing_else_in_it_is_judged() {
    let newer = format!(
        "version = 2\n{}\nkeeps = \"forever\"\n[surprise\n",
        with_stream(MINIMAL)
    );
    insta::assert_snapshot!(report(&newer), @r#"
    1 mistake in streams.toml:
    streams.toml:1:11: version: the file is written for a newer release: it has the form 2, and this release reads the form 1. Update Dynamics Sync, or name a file of the older form
    "#);
}

#[test]
fn a_file_may_say_the_form_that_it_has() {
    let text = format!("version = 1\n{}", with_stream(MINIMAL));
    assert!(StreamFile::parse(&text, "streams.toml").is_ok());
}

#[test]
fn a_form_that_there_never_was_is_a_mistake_beside_the_others() {
    let text = format!("version = 0\nlangauge = \"nb\"\n{}", with_stream(MINIMAL));
    insta::assert_snapshot!(report(&text), @r#"
    2 mistakes in streams.toml:
    streams.toml:1:11: version: expected 1, or no `version` at all, found 0
    streams.toml:2:1: unknown key `langauge`; did you mean `language`?
    "#);
    let text = format!("version = \"1\"\n{}", with_stream(MINIMAL));
    insta::assert_snapshot!(report(&text), @r#"
    1 mistake in streams.toml:
    streams.toml:1:11: version: expected 1, or no `version` at all, found a string
    "#);
}
