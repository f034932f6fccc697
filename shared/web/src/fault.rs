//! What is wrong with single members of a body: collected while it is read, answered together.

use serde::Serialize;

use crate::shortened;

/// As many are told; a body may have a hundred thousand.
const TOLD_MAX: usize = 50;

/// What is wrong with one member of a body.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Fault {
    /// For programs: stable, lower-case words with hyphens.
    pub code: &'static str,
    /// The member, as a JSON Pointer (RFC 6901); a name that is too long for one is shortened.
    pub pointer: String,
    /// What is wrong and what was expected. Never the value.
    pub detail: String,
}

/// The faults found so far.
#[derive(Debug, Default)]
pub struct Faults {
    told: Vec<Fault>,
    count: usize,
}

impl Faults {
    /// Adds what is wrong at this place.
    pub fn add(&mut self, code: &'static str, at: &Pointer, detail: impl Into<String>) {
        self.count += 1;
        if self.told.len() < TOLD_MAX {
            self.told.push(Fault {
                code,
                pointer: at.0.clone(),
                detail: detail.into(),
            });
        }
    }

    /// How many there are, told or not.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Those that are told.
    pub fn into_told(self) -> Vec<Fault> {
        self.told
    }
}

/// A place in a body.
#[derive(Clone, Debug, Default)]
pub struct Pointer(String);

impl Pointer {
    /// The member of that name in the object at this place.
    pub fn at(&self, name: &str) -> Self {
        let name = shortened(name).replace('~', "~0").replace('/', "~1");
        Self(format!("{}/{name}", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_the_signs_of_a_pointer_is_escaped_and_a_long_one_shortened() {
        assert_eq!(
            Pointer::default().at("fields").at("a/b~c").0,
            "/fields/a~1b~0c"
        );
        assert!(Pointer::default().at(&"ø".repeat(100_000)).0.len() < 200);
    }

    #[test]
    fn a_hundred_thousand_faults_are_counted_and_the_first_of_them_told() {
        let mut faults = Faults::default();
        for _ in 0..100_000 {
            faults.add("unknown-field", &Pointer::default(), "");
        }
        assert_eq!(faults.count(), 100_000);
        assert_eq!(faults.into_told().len(), TOLD_MAX);
    }
}
