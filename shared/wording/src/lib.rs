//! Every text that people read in messages and on the page, in Norwegian (bokmål) and English: all in one
//! place, so that one who speaks the language can read it through.
//!
//! Never in here: what is told to whom and when; a text that is put together from halves of sentences.

pub mod alerts;
mod dates;
pub mod page;

pub use alerts::Alerts;
pub use dates::Dates;
pub use page::Page;

/// A place with texts in both languages: made by `&'static str` and functions, one value a language, so that
/// a text that lacks a language does not compile.
pub trait InBoth: Sized + 'static {
    /// Norwegian bokmål.
    const NB: &'static Self;
    /// English.
    const EN: &'static Self;

    /// The texts in this language.
    fn texts(language: streams::Language) -> &'static Self {
        match language {
            streams::Language::Nb => Self::NB,
            streams::Language::En => Self::EN,
        }
    }
}

/// One and many.
fn of(count: u64, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    }
}
