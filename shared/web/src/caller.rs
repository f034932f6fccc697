//! Who calls, and what they may do. Whether they are who they say has been found out before.

use std::collections::BTreeSet;

/// The caller of a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Caller {
    /// The name of the key that they hold; never the key itself.
    pub key: String,
    /// What the key is good for.
    pub scopes: Scopes,
}

/// What a key is good for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// Seeing how the sync stands.
    Read,
    /// Exports.
    Export,
    /// Handing in changes.
    Changes,
    /// Starting runs, and deciding about changes.
    Run,
}

/// A set of scopes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Scopes(BTreeSet<Scope>);

impl Scope {
    /// All that there are.
    pub const ALL: [Self; 4] = [Self::Read, Self::Export, Self::Changes, Self::Run];

    /// The word for it: in a key's list of scopes, and in problems.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Export => "export",
            Self::Changes => "changes",
            Self::Run => "run",
        }
    }

    /// The scope of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == word)
    }
}

impl Scopes {
    /// The scopes of a list of words with blanks between them. A word that is no scope allows nothing.
    pub fn parse(words: &str) -> Self {
        let words = words.split_ascii_whitespace();
        words.filter_map(Scope::named).collect()
    }

    /// Their words, in a fixed order.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|scope| scope.name()).collect()
    }

    /// Whether this scope is among them.
    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether one of these is among them.
    pub fn has_any(&self, scopes: &[Scope]) -> bool {
        scopes.iter().any(|scope| self.has(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_scope_allows_nothing() {
        let scopes = Scopes::parse(" run  Changes reader read");
        assert_eq!(scopes, [Scope::Read, Scope::Run].into_iter().collect());
        assert_eq!(scopes.names(), ["read", "run"]);
        assert_eq!(Scopes::parse(""), Scopes::default());
    }
}
