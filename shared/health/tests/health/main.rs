//! How the sync stands over HTTP, on an embedded store.

#[cfg(test)]
mod states;
#[cfg(test)]
mod support;

#[cfg(test)]
mod buttons;
#[cfg(test)]
mod checking;
#[cfg(test)]
mod looking;
#[cfg(test)]
mod nothing_answers;
