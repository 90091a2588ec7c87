//! restic's, rustic's and borg's way through the works, each as it comes and
//! as tuned for speed. A better tuned one may exist.

use std::path::Path;
use std::process::Command;

use vhault_benches::program::{Outcome, command, find, succeed};

use super::ground::Ground;
use super::step::Step;
use super::table::{Results, Way};
use crate::{say, setup};

/// Somebody else's program, and how it is used.
pub(crate) struct Peer {
    /// What a table calls it.
    pub(crate) name: &'static str,
    program: Program,
    tuned: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Program {
    Restic,
    Rustic,
    Borg,
}

impl Program {
    fn name(self) -> &'static str {
        match self {
            Program::Restic => "restic",
            Program::Rustic => "rustic",
            Program::Borg => "borg",
        }
    }
}

const PEERS: [Peer; 6] = [
    Peer { name: "restic", program: Program::Restic, tuned: false },
    Peer { name: "restic, tuned", program: Program::Restic, tuned: true },
    Peer { name: "rustic", program: Program::Rustic, tuned: false },
    Peer { name: "rustic, tuned", program: Program::Rustic, tuned: true },
    Peer { name: "borg", program: Program::Borg, tuned: false },
    Peer { name: "borg, tuned, unencrypted", program: Program::Borg, tuned: true },
];

impl Peer {
    /// Those that are on this machine; the others are named.
    pub(crate) fn all_here() -> Vec<Peer> {
        setup::offer_peers();
        let mut here = Vec::new();
        for peer in PEERS {
            let program = peer.program.name();
            if find(program).is_none() {
                say::warn(&format!("NOT MEASURED: {}: there is no {program} in PATH", peer.name));
                continue;
            }
            if !peer.tuned {
                let version = if peer.program == Program::Restic { "version" } else { "--version" };
                let told = command(program).and_then(|mut command| succeed(command.arg(version)));
                say::note(told.as_deref().unwrap_or(program).trim());
            }
            here.push(peer);
        }
        here
    }

    /// Every work it knows once, in a repository of its own.
    ///
    /// # Errors
    ///
    /// The first command that failed, or a restore that is not equal.
    pub(crate) fn round(&self, ground: &Ground, results: &mut Results) -> Outcome<()> {
        ground.clear()?;
        let way = Way {
            who: self.name,
            checks: !self.tuned,
            encrypts: !(self.tuned && self.program == Program::Borg),
        };
        let mut note = |step, taken| results.note(way, step, taken);
        self.take(ground, &self.init())?;
        ground.put(&ground.first())?;
        let source = ground.source();
        note(Step::First, self.take(ground, &self.backup("one", &source))?);
        ground.put(&ground.second())?;
        note(Step::Second, self.take(ground, &self.backup("two", &source))?);
        ground.touch()?;
        note(Step::Touched, self.take(ground, &self.backup("three", &source))?);
        note(Step::Unchanged, self.take(ground, &self.backup("four", &source))?);
        ground.warm(&[ground.at("repository")])?;
        note(Step::Verify, self.take(ground, &self.verify())?);
        let out = ground.at("restored");
        std::fs::create_dir(&out)?;
        note(Step::Restore, self.take(ground, &self.restore(&source, &out))?);
        ground.prove(&restored(&out)?)?;
        ground.clear()?;
        self.take(ground, &self.init())?;
        ground.warm(&ground.set()?)?;
        note(Step::FiveDisks, self.take(ground, &self.backup("set", &ground.set_folder()))?);
        ground.clear()
    }

    fn take(&self, ground: &Ground, words: &[String]) -> Outcome<super::ground::Taken> {
        let mut command = self.command(ground)?;
        command.args(words);
        ground.take(&mut command, &ground.at("repository"))
    }

    fn command(&self, ground: &Ground) -> Outcome<Command> {
        let mut command = command(self.program.name())?;
        let repository = ground.at("repository");
        for name in ["RESTIC_REPOSITORY", "RUSTIC_REPOSITORY", "BORG_REPO"] {
            command.env(name, &repository);
        }
        for name in ["RESTIC_PASSWORD", "RUSTIC_PASSWORD", "BORG_PASSPHRASE"] {
            command.env(name, "four words of a bench");
        }
        let cache = ground.at("cache");
        command.env("RESTIC_CACHE_DIR", &cache).env("RUSTIC_CACHE_DIR", &cache).env("XDG_CACHE_HOME", &cache);
        command
            .env("BORG_BASE_DIR", ground.at("borg"))
            .env("BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK", "yes");
        // borg restores to where it stands.
        let stand = ground.at("restored");
        command.current_dir(if stand.is_dir() { stand } else { ground.source() });
        Ok(command)
    }

    fn init(&self) -> Vec<String> {
        words(match (self.program, self.tuned) {
            (Program::Restic | Program::Rustic, false) | (Program::Restic, true) => "init",
            (Program::Rustic, true) => {
                "init --set-chunker fixed_size --set-chunk-size 1MiB --set-compression 1 --set-extra-verify false"
            }
            (Program::Borg, false) => "init -e repokey-blake2",
            (Program::Borg, true) => "init -e none",
        })
    }

    fn backup(&self, archive: &str, folder: &Path) -> Vec<String> {
        let mut line = words(match (self.program, self.tuned) {
            (Program::Restic, false) => "backup --compression auto",
            (Program::Restic, true) => "backup --pack-size 64 --no-scan --read-concurrency 4",
            (Program::Rustic, false) => "backup",
            (Program::Rustic, true) => "backup --no-scan",
            (Program::Borg, false) => "create -C zstd,1",
            (Program::Borg, true) => "create -C lz4 --chunker-params fixed,1048576",
        });
        if self.program == Program::Borg {
            line.push(format!("::{archive}"));
        }
        line.push(folder.display().to_string());
        line
    }

    fn verify(&self) -> Vec<String> {
        words(if self.program == Program::Borg { "check --verify-data" } else { "check --read-data" })
    }

    fn restore(&self, source: &Path, out: &Path) -> Vec<String> {
        let (source, out) = (source.display().to_string(), out.display().to_string());
        match (self.program, self.tuned) {
            (Program::Restic, tuned) => {
                let mut line = vec!["restore".into(), format!("latest:{source}"), "--target".into(), out];
                line.extend(tuned.then(|| "--sparse".to_owned()));
                line
            }
            (Program::Rustic, _) => vec!["restore".into(), format!("latest:{source}"), out],
            (Program::Borg, false) => words("extract ::four"),
            (Program::Borg, true) => words("extract --sparse ::four"),
        }
    }
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

/// The one file somewhere below `folder`.
fn restored(folder: &Path) -> Outcome<std::path::PathBuf> {
    let mut place = folder.to_owned();
    while place.is_dir() {
        let first = std::fs::read_dir(&place)?.flatten().next();
        let missing =
            || vhault_benches::program::Trouble::new(format!("nothing was restored in {}", place.display()));
        place = first.ok_or_else(missing)?.path();
    }
    Ok(place)
}
