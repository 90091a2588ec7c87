//! What each ready scenario comes to, for a page that tests itself.

use vhault_core::sim::scenarios;

use super::present::{Simulator, Stop};

/// The state hashes that the program's own runs end in.
pub const KNOWN: [(&str, &str); 18] = [
    ("first-day", "d858ac36cf212bb7c32c091492de597fad2fbdb140a3c1bac2e816fa6f467de4"),
    ("too-eager", "f1027b77763e3d45583540b660668fa608868a4313aa3ae22fca0eb10c5ff393"),
    ("six-disks", "cabe064d46bc1e4747333aeadf13559026108d435d8029f86fb1df8b0bf778ae"),
    ("opaque-error", "8a2c55716f386ecf3f43e9154fca3b9aac8cbe1f4cecd4b66d8d8e55d6edafe4"),
    ("two-discoveries", "f9f42362a51b8bdba84427beb5e71006b77e50a5f7b5bc1442cabd5de38cca64"),
    ("same-names", "dc52e744f3a0b87db584a2cc8aa89f42c30af6bb66d95db234f8563d9992627a"),
    ("stopped-vm", "8d953a93e441e8ad0add3ba82bb27d434b7ef67cc3b0ddb464072cc50e60108f"),
    ("migrated-vm", "45cff5e4c632a2171543644fe8cd7d877e77fc33556d7544cb25f63da924c9fa"),
    ("locked-network", "993cf4b1bd2ad6a3840cbfa0038e57de28164abbe62f186b573ee87fab50745c"),
    ("guest-dhcp-off", "28d4b692be1710e64d76b0ea4562eceae20f3c5cbbc6429b0fb88074733ad714"),
    ("crowd", "ac2cfd9523b1526df5cbb665575fe3f5e625b3afe42d6dd75d12112e84aef055"),
    ("busy-sql", "8d60e44fdfbc8a6478c3ef7e740ccfb6aa2d3a637e8e0376d1f9d19ee95755d5"),
    ("writers", "c8311e6f8f4c0ceeb328b4719e9464dcadc35f749b8a7afb414a88cb7d3c7099"),
    ("cancel-race", "d2e443a029d4851d65ddd446583465acbb7866bbffea4fb4a71f551acc692c14"),
    ("ghost-vm", "bdcce6fd2645edc7fbf908bcd09e40f1ae15ef75c5e5b39c4d89076a6381a2aa"),
    ("restore-maze", "14afad1f9bd3f8599555e22dba0842a4d279a874c2eaadb4325b51869a1eb65e"),
    ("retention", "8d8fec298637c08fa15a99a57f7eda168bafd8ae3f13efd928fbb4eae5a0cfd9"),
    ("too-much-retention", "651597e6506cbb5efad77a44a3f1bd27a912d17144dd1733ff0a977dc1bcacae"),
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
