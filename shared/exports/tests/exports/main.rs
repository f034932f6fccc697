//! Exports against the simulated Dynamics and an embedded store, over HTTP as their hosts call them.

#[cfg(test)]
mod changes;
#[cfg(test)]
mod down;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod incomplete;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod support;
