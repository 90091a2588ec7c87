//! The project's own verbs. The README's two commands are two of them.
//!
//! | room | what lives there |
//! | --- | --- |
//! | `args` | what was typed |
//! | `say` | all printing |
//! | `place` | where the project and its products lie |
//! | `setup` | what a verb needs from the machine, and getting it |
//! | `build` | the program, built and found |
//! | `test` | everything a change must pass |
//! | `portable` | core compiled where there is no operating system |
//! | `wasm_test` | the simulator there, held against the program |
//! | `docs` | the pages: links that lead somewhere, no words of one machine |
//! | `fuzz` | bounded fuzzing of the decoders |
//! | `guards` | each guard of the vault's rules taken out, and missed |
//! | `proofs` | the protocol and the failing store, tried at length |
//! | `data`, `bench` | the measured data set, and what our works take on it |
//! | `web`, `page_test` | the page: made, served on this machine, tried in a browser |
//! | `demo` | a first backup, told and proven |

mod args;
mod bench;
mod build;
mod data;
mod demo;
mod docs;
mod fuzz;
mod guards;
mod page_test;
mod place;
mod portable;
mod proofs;
mod say;
mod setup;
mod test;
mod wasm_test;
mod web;

use std::process::ExitCode;

use vhault_benches::program::{Outcome, Trouble};

use crate::args::Args;

const HELP: &str = "\
The verbs of this project, run as `cargo xtask VERB`.

  demo [--quick] [--no-serve] [IMAGE...]
        Back up a virtual machine twice, restore it in every form, and let
        other people's tools prove each one equal. Makes its own disks, or
        takes your images, which it only reads. Then serves the page.
  test [--fast] [--web]
        Everything a change must pass. --fast leaves out the quick demo and
        tries fewer cases of each property; --web tries the page in a browser.
  setup [--check]
        Install what demo and test need from Debian; --check only tells.
  portable [--seeds N] [--commands N]
        Run the simulator in WebAssembly under Node and compare every byte
        with the program. `test` does a smaller slice of it.
  fuzz [--seconds N] [TARGET]
        Feed the decoders generated input, N seconds each (60).
  proofs [rigs|guards|mutants|fuzz]
        All that is tried at length: histories, kills, stores that fail,
        generated input, rules without their guards, and every change of the
        code that tests must notice.
  bench-data FOLDER
        Make the measured data set: a 4 GiB disk, the same a day later, and a
        five-disk machine, as VHD. About 20 GB.
  web [--serve] [--out FOLDER]
        Make the page as a folder for any static host, and serve it here.
  bench [--peers] [--rounds N] FOLDER
        Time backup, restore and verify on that data set; --peers lets restic,
        rustic and borg do the same in the same run.
  docs  Check that links in the pages lead somewhere.

Each verb knows --help.";

fn main() -> ExitCode {
    let mut args = Args::typed();
    let verb = args.verb();
    let outcome = match verb.as_deref() {
        Some("demo") => demo::main(args),
        Some("test") => test::main(args),
        Some("portable") => wasm_test::main(args),
        Some("setup") => setup::main(args),
        Some("fuzz") => fuzz::main(args),
        Some("proofs") => proofs::main(args),
        Some("bench-data") => data::main(args),
        Some("bench") => bench::main(args),
        Some("docs") => docs::main(args),
        Some("web") => web::main(args),
        None | Some("help" | "--help" | "-h") => {
            say::line(HELP);
            return ExitCode::SUCCESS;
        }
        Some(other) => {
            say::error(&format!("there is no verb `{other}`\n\n{HELP}"));
            return ExitCode::from(2);
        }
    };
    finish(outcome)
}

fn finish(outcome: Outcome<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            say::error(&trouble.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Trouble with what was typed.
fn usage(message: &str, help: &str) -> Trouble {
    Trouble::new(format!("{message}\n\n{help}"))
}
