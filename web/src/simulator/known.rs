//! What each ready scenario comes to, for a page that tests itself.

use vhault_core::sim::scenarios;

use super::present::{Simulator, Stop};

/// The state hashes that the program's own runs end in.
pub const KNOWN: [(&str, &str); 18] = [
    ("first-day", "9fd486f2043ad398a8e63a539a8261d55fd8d99deb4c0c76504d9711b656f849"),
    ("too-eager", "b14f056bc7930e09b5dbf5c4aa13f07cc466238a34095b24ddde175d37c380f1"),
    ("six-disks", "b3cf8bea5ea3c0f8b86bc234488c5b08ab16a7093ee35fa895c558f3472a4adc"),
    ("opaque-error", "94623d47ad0bd8125a5a12ed4e67f0bb003288415717d58cd37090fa6e2337cf"),
    ("two-discoveries", "ff07eb5b7d252b17cd341990175342692f186e69ab06a2ffa30b7472dca05df9"),
    ("same-names", "0bb425af31ba71d0c528a1e2b91b510ef9787b2ac59cb67ac8cf783ca1f32446"),
    ("stopped-vm", "5a3c44d7fb7fefd6e8fe283270b5f45390516bc4373efb4cb9027c1e2d842734"),
    ("migrated-vm", "000062c7b698e5a4fcbdac01841dfe12bedd98df40e52ba002cb7283836f4031"),
    ("locked-network", "33ddccda6d50179c0057a184ea07433476c5908be9f121b41b186808c91f7e30"),
    ("guest-dhcp-off", "0e1e0e65bf412ce5f1730779c62823cea8d9d8b522d63346df9452db95f260dc"),
    ("crowd", "75f9f08d080991123f945f63a1874e0d895096cf11d03fa8d305b5261600da79"),
    ("busy-sql", "bb8257565e6664e9eaa71d67a3f25a48027e870a60435145f8263d5b36499f7d"),
    ("writers", "9a47f420e5327d8dd975595bc22d6c113893dd78786001bd1df0391f9c39aa14"),
    ("cancel-race", "38a2968a296856dada86b53622c6c3c64601707ea600ef7c156f99413715e5bb"),
    ("ghost-vm", "59851377a03b2c115504175aee97831de09b9de5e2ec7e262d67043081ae1d44"),
    ("restore-maze", "2701dadef933a67005330944d5412b5c74250267c0b6bebe85319fd79b302eb4"),
    ("retention", "2d5e4d30511647df25ee6b3b7280ae7a0d3b88c9f54ae9eaea5db41bf5f0169a"),
    ("too-much-retention", "982ca232f7abbde8295285d995fd3ad115871bc92b65727ca2fcc1738b5bb128"),
];

/// A test of all ready scenarios, a slice at a time.
#[derive(Debug, Default)]
pub struct SelfTest {
    next: usize,
    running: Option<Simulator>,
    results: Vec<(&'static str, bool)>,
}

impl SelfTest {
    /// Goes on as long as `more` says so; tells whether all are done.
    pub fn go_on(&mut self, more: &mut dyn FnMut() -> bool) -> bool {
        while let Some((name, hash)) = KNOWN.get(self.next) {
            let simulator = match self.running.take() {
                Some(simulator) => Some(simulator),
                None => scenarios::find(name).map(|preset| Simulator::begin(&preset.scenario)),
            };
            let is_same = match simulator {
                None => false,
                Some(mut simulator) => match run(&mut simulator, more) {
                    Ok(true) => simulator.state_hash() == *hash,
                    Ok(false) => {
                        self.running = Some(simulator);
                        return false;
                    }
                    Err(_) => false,
                },
            };
            self.results.push((name, is_same));
            self.next += 1;
        }
        true
    }

    /// What is known so far: the scenario, and whether it ended in its state.
    pub fn results(&self) -> &[(&'static str, bool)] {
        &self.results
    }
}

fn run(simulator: &mut Simulator, more: &mut dyn FnMut() -> bool) -> Result<bool, Stop> {
    simulator.run_out(more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_hashes_are_those_of_the_golden_logs() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/src/sim/golden");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), KNOWN.len());
        for (name, hash) in KNOWN {
            let log = std::fs::read_to_string(format!("{folder}/{name}.log")).unwrap();
            assert!(log.lines().any(|line| line == format!("# state {hash}")), "{name}");
        }
    }

    #[test]
    fn a_test_goes_on_in_slices_and_finds_every_scenario_the_same() {
        let mut test = SelfTest::default();
        let mut slices = 0;
        while !test.go_on(&mut || false) {
            slices += 1;
        }
        assert!(slices > KNOWN.len(), "{slices}");
        assert_eq!(test.results().len(), KNOWN.len());
        assert!(test.results().iter().all(|(_, is_same)| *is_same), "{:?}", test.results());
    }
}
