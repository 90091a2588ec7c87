//! Steps written down one after the other.

use alloc::vec::Vec;

use super::super::command::Command;
use super::super::scenario::{SCENARIO_VERSION, Scenario, Step, Title};
use super::super::stage::{Stage, genesis};
use super::Preset;
use crate::advice::{AdviceId, ProfileId};

pub(super) struct Script {
    profile: ProfileId,
    steps: Vec<Step>,
}

impl Script {
    pub(super) fn from(stage: Stage) -> Script {
        let profile = stage.profile;
        Script { profile, steps: Vec::new() }.all(stage.commands)
    }

    pub(super) fn all(mut self, commands: impl IntoIterator<Item = Command>) -> Script {
        self.steps.extend(commands.into_iter().map(|command| Step { command, refused: None }));
        self
    }

    pub(super) fn ok(self, command: Command) -> Script {
        self.all([command])
    }

    pub(super) fn refused(mut self, command: Command, id: AdviceId) -> Script {
        self.steps.push(Step { command, refused: Some(id) });
        self
    }

    pub(super) fn named(self, name: &str, en: &str, ko: &str, path: &[AdviceId]) -> Preset {
        let title = Title { en: en.into(), ko: ko.into() };
        let genesis = genesis(self.profile, 1);
        let scenario =
            Scenario { version: SCENARIO_VERSION, name: name.into(), title, genesis, steps: self.steps };
        Preset { scenario, path: path.into() }
    }
}
