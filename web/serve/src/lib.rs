//! Serves the page, on this machine alone.
//!
//! It sends the page's own policy as a header too, nothing that lies outside
//! the page, and answers only who asks for this machine by name, so that no
//! other site can read it through a name of its own.

#![forbid(unsafe_code)]

mod server;
mod site;

pub use server::{ServeError, Server};
pub use site::{File, Site};
