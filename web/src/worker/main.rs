//! The worker: reads files and does the work, away from the page.

#![forbid(unsafe_code)]

mod drain;
mod file;
mod serve;

fn main() {
    serve::serve();
}
