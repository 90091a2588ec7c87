//! The page. What reads files is a program of its own: `worker/main.rs`.

#![forbid(unsafe_code)]
#![expect(unreachable_pub, reason = "leptos makes components public inside their private rooms")]

mod page;

fn main() {
    page::start();
}
