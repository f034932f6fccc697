//! How bad it is.

/// How something stands; later ones are worse.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Level {
    /// Nothing has run yet, so there is nothing to say.
    #[default]
    Empty,
    /// As it should be.
    Good,
    /// It works, and a person has something to do.
    Attention,
    /// It does not do what it is there for, or soon will not.
    Broken,
}
