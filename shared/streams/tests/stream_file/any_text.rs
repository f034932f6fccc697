//! Whatever the text, there is an answer.

use proptest::prelude::*;
use streams::StreamFile;

use super::EXAMPLE;
use super::samples::HLF;

proptest! {
    #[test]
    fn a_file_with_anything_cut_out_and_put_in_is_answered_not_panicked_at(
        valid in prop::sample::select(vec![EXAMPLE, HLF]),
        from in any::<prop::sample::Index>(),
        length in 0usize..60,
        put in "[\\PC\n]{0,12}",
    ) {
        // They are ASCII, so every byte is a boundary.
        let from = from.index(valid.len());
        let until = (from + length).min(valid.len());
        let text = format!("{}{put}{}", &valid[..from], &valid[until..]);
        if let Err(error) = StreamFile::parse(&text, "streams.toml") {
            prop_assert!(!error.problems().is_empty());
            let lines = text.matches('\n').count() + 1;
            prop_assert!(error.problems().iter().all(|problem| problem.line <= lines));
            prop_assert_eq!(error.to_string().lines().count(), error.problems().len() + 1);
        }
    }
}
