//! vhault's way through the works.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use vhault_benches::program::{Outcome, While};

use super::ground::{Ground, Taken};
use super::slow::Slow;
use super::step::Step;
use super::table::{Results, Way};

/// What a table calls it.
pub(crate) const NAME: &str = "vhault";

/// The program on its ground.
pub(crate) struct Ours<'a> {
    program: PathBuf,
    ground: &'a Ground,
}

impl<'a> Ours<'a> {
    /// A program that was built for this.
    pub(crate) fn new(program: PathBuf, ground: &'a Ground) -> Ours<'a> {
        Ours { program, ground }
    }

    /// Every work once.
    ///
    /// # Errors
    ///
    /// The first command that failed, or a restore that is not equal.
    pub(crate) fn round(&self, results: &mut Results) -> Outcome<()> {
        let mut note =
            |step, taken| results.note(Way { who: NAME, checks: true, encrypts: true }, step, taken);
        self.new_vault()?;
        note(Step::First, self.backup(&self.ground.first(), &[])?);
        note(Step::SecondFromChild, {
            let parent = self.ground.first();
            self.backup(&self.ground.child(), &["--parent".as_ref(), parent.as_os_str()])?
        });
        self.new_vault()?;
        self.backup(&self.ground.first(), &[])?;
        note(Step::SecondFromChildUnchecked, {
            let parent = self.ground.first();
            self.backup(
                &self.ground.child(),
                &["--no-compare".as_ref(), "--parent".as_ref(), parent.as_os_str()],
            )?
        });
        self.new_vault()?;
        let disk = self.ground.put(&self.ground.first())?;
        note(Step::FirstUnchecked, self.backup(&disk, &["--no-compare".as_ref()])?);
        let disk = self.ground.put(&self.ground.second())?;
        note(Step::Second, self.backup(&disk, &["--read-all".as_ref()])?);
        self.ground.touch()?;
        note(Step::Touched, self.backup(&disk, &[])?);
        note(Step::Unchanged, self.backup(&disk, &[])?);
        // A disk that is proven unchanged is not audited three times in a row.
        self.backup(&disk, &[])?;
        self.backup(&disk, &[])?;
        note(Step::Audited, self.backup(&disk, &[])?);
        let out = self.ground.at("restored.raw");
        self.ground.cool(&self.vault())?;
        note(Step::VerifyCold, self.on_vault("verify", |_| {})?);
        self.ground.cool(&self.vault())?;
        note(Step::RestoreCold, self.restore("raw", &out)?);
        self.ground.prove(&out)?;
        self.ground.warm(&[self.vault()])?;
        note(Step::Verify, self.on_vault("verify", |_| {})?);
        note(Step::Restore, self.restore("raw", &out)?);
        self.ground.prove(&out)?;
        let out = self.ground.at("restored.vhd");
        note(Step::RestoreDynamic, self.restore("dynamic", &out)?);
        fs::remove_file(&out).while_doing(|| "cannot remove what was restored".to_owned())?;
        note(Step::ListByKeyFile, self.on_vault("list", |_| {})?);
        let secret = self.ground.at("passphrase");
        fs::write(&secret, "four words of a bench\n")
            .while_doing(|| "cannot write a passphrase".to_owned())?;
        self.run(
            Command::new(&self.program)
                .arg("key")
                .arg("add")
                .arg(self.vault())
                .args(self.unlock())
                .arg("--new-passphrase-file")
                .arg(&secret),
        )?;
        note(
            Step::ListByPassphrase,
            self.run(
                Command::new(&self.program)
                    .arg("list")
                    .arg(self.vault())
                    .arg("--passphrase-file")
                    .arg(&secret)
                    .arg("--cache")
                    .arg(self.cache()),
            )?,
        );
        self.new_vault()?;
        let disks = self.ground.set()?;
        self.ground.warm(&disks)?;
        note(
            Step::FiveDisks,
            self.on_vault("backup", |command| {
                command.args(["--vm", "set", "--no-compare"]).args(&disks);
            })?,
        );
        self.new_vault()?;
        let disk = self.ground.first();
        self.ground.cool(&disk)?;
        note(Step::FirstCold, self.first_unchecked(&disk)?);
        if let Some(slow) = Slow::on(&self.ground.at(""))? {
            self.new_vault()?;
            self.ground.warm(std::slice::from_ref(&disk))?;
            note(Step::FirstSlow, slow.hold(|| self.first_unchecked(&disk))?);
        }
        Ok(())
    }

    fn first_unchecked(&self, disk: &Path) -> Outcome<Taken> {
        self.on_vault("backup", |command| {
            command.args(["--vm", "bench", "--no-compare"]).arg(disk);
        })
    }

    fn vault(&self) -> PathBuf {
        self.ground.at("vault")
    }

    fn cache(&self) -> PathBuf {
        self.ground.at("cache")
    }

    fn unlock(&self) -> [std::ffi::OsString; 4] {
        ["--key-file".into(), self.ground.at("key").into(), "--cache".into(), self.cache().into()]
    }

    fn new_vault(&self) -> Outcome<()> {
        for old in [self.vault(), self.cache()] {
            if old.exists() {
                fs::remove_dir_all(&old).while_doing(|| format!("cannot remove {}", old.display()))?;
            }
        }
        self.on_vault("init", |_| {}).map(drop)
    }

    fn backup(&self, image: &Path, more: &[&std::ffi::OsStr]) -> Outcome<Taken> {
        self.ground.warm(&[image.to_owned()])?;
        // One label for both days, whatever the files are called.
        let labelled = format!("disk={}", image.display());
        self.on_vault("backup", |command| {
            command.args(["--vm", "bench", &labelled]).args(more);
        })
    }

    fn restore(&self, format: &str, out: &Path) -> Outcome<Taken> {
        self.on_vault("restore", |command| {
            command.args(["latest", "--format", format, "--out"]).arg(out);
        })
    }

    fn on_vault(&self, verb: &str, more: impl FnOnce(&mut Command)) -> Outcome<Taken> {
        let mut command = Command::new(&self.program);
        command.arg(verb).arg(self.vault()).arg("--quiet").args(self.unlock());
        more(&mut command);
        self.run(&mut command)
    }

    fn run(&self, command: &mut Command) -> Outcome<Taken> {
        self.ground.take(command, &self.vault())
    }
}
