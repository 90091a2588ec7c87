//! The page, or one of its workers: the same module is both.

#![forbid(unsafe_code)]
#![expect(unreachable_pub, reason = "leptos makes components public inside their private rooms")]

mod page;

fn main() {
    page::start();
}
