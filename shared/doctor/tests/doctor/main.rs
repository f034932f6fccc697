//! Each way in which something is missing is set up in the simulator, and the doctor's words for it are
//! what is tested.

#[cfg(test)]
mod aws;
#[cfg(test)]
mod aws_denied;
#[cfg(test)]
mod bench;
#[cfg(test)]
mod connection;
#[cfg(test)]
mod healthy;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod mapping;
#[cfg(test)]
mod privileges;
#[cfg(test)]
mod writing;
