//! Rosters in, from files to change, as the command line and the server see it.

#![cfg(test)]

mod archives;
mod back;
mod bad_inputs;
mod contacts;
mod documents;
mod far_apart;
mod files;
mod fuzz;
mod identity;
mod leaving;
mod memory;
mod oneroster;
mod outgoing;
mod plans;
mod properties;
mod random;
mod refusals;
mod resources;
mod store;
mod through_the_store;
mod warnings;
