//! A moment as a link: the scenario, what was done after it, and when.
//!
//! ```text
//! 'A'‥'_' of base64url ◄ version 1 | postcard of Packed | first 4 bytes of its BLAKE3
//! ```
//!
//! A ready scenario is named, and only what follows it is written. The order
//! of variants in [`Command`] is part of the form: a test holds a written link.

use serde::{Deserialize, Serialize};
use vhault_core::sim::{
    Command, Genesis, SCENARIO_STEPS_MAX, SCENARIO_VERSION, Scenario, Step, Title, scenarios,
};
use vhault_core::time::Instant;

use super::moments::{compact, is_time, moments};
use super::present::Simulator;

/// The longest link that is written or read.
pub const LINK_CHARACTERS_MAX: usize = 32 * 1_024;

const VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 4;

/// A moment as a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// All that leads there and beyond.
    pub scenario: Scenario,
    /// The moment.
    pub moment: Instant,
}

/// Why a link cannot be written or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Too long for a link.
    #[error(
        "the link has {characters} characters where {LINK_CHARACTERS_MAX} are the most: save a file instead"
    )]
    TooLong {
        /// How long it is.
        characters: usize,
    },
    /// A character no link has.
    #[error("character {position} of the link is {character:?}, which no link has")]
    Character {
        /// The character.
        character: char,
        /// Which, from 1.
        position: usize,
    },
    /// It was cut or changed on its way.
    #[error("the link was cut or changed on its way: its checksum does not fit")]
    Damaged,
    /// Written by something newer.
    #[error("the link has version {found} where {VERSION} is the newest this page reads")]
    Newer {
        /// Its version.
        found: u8,
    },
    /// The checksum fits, and what it covers makes no sense.
    #[error("the link holds no scenario this page knows")]
    Malformed,
}

#[derive(Serialize, Deserialize)]
enum Base {
    Ready(String),
    Own(Genesis),
}

#[derive(Serialize, Deserialize)]
struct Packed {
    base: Base,
    commands: Vec<Command>,
    moment: Instant,
}

impl Simulator {
    /// The moment shown, with all that was done and is ahead.
    pub fn link(&mut self) -> Link {
        let moment = self.now();
        let commands = self.whole_log();
        Link { scenario: scenario(self.name(), self.title().clone(), self.genesis(), commands), moment }
    }

    /// At the beginning of what a link holds, its moment still to be gone to.
    pub fn of_link(link: &Link) -> Simulator {
        Simulator::begin(&link.scenario)
    }
}

fn scenario(name: &str, title: Title, genesis: Genesis, commands: Vec<Command>) -> Scenario {
    let steps = commands.into_iter().map(|command| Step { command, refused: None }).collect();
    Scenario { version: SCENARIO_VERSION, name: name.to_owned(), title, genesis, steps }
}

/// The commands of a ready scenario that are carried out, waits joined.
fn ready(scenario: &Scenario) -> Vec<Command> {
    let done = scenario.steps.iter().filter(|step| step.refused.is_none());
    compact(scenario.genesis.start, &done.map(|step| step.command.clone()).collect::<Vec<_>>())
}

/// What `whole` has after `base`, if it begins with it.
fn after<'a>(base: &[Command], whole: &'a [Command]) -> Option<&'a [Command]> {
    let (last, first) = base.split_last()?;
    let rest = whole.strip_prefix(first)?;
    match (last, rest.first()?) {
        (last, same) if last == same => Some(&rest[1..]),
        // Time went on: the joined wait ends later.
        (Command::AdvanceTo(last), Command::AdvanceTo(later)) if later >= last => Some(rest),
        _ => None,
    }
}

impl Link {
    /// Writes the link: letters, digits, `-` and `_`.
    ///
    /// # Errors
    ///
    /// [`LinkError::TooLong`].
    pub fn encode(&self) -> Result<String, LinkError> {
        let genesis = self.scenario.genesis;
        let whole: Vec<Command> = self.scenario.steps.iter().map(|step| step.command.clone()).collect();
        let preset = scenarios::find(&self.scenario.name).filter(|preset| preset.scenario.genesis == genesis);
        let base = preset.map(|preset| ready(&preset.scenario));
        let packed = match base.as_deref().and_then(|base| after(base, &whole)) {
            Some(rest) => Packed {
                base: Base::Ready(self.scenario.name.clone()),
                commands: rest.to_vec(),
                moment: self.moment,
            },
            None => Packed { base: Base::Own(genesis), commands: whole, moment: self.moment },
        };
        let mut bytes = vec![VERSION];
        bytes.extend(postcard::to_allocvec(&packed).map_err(|_| LinkError::Malformed)?);
        let checksum = blake3::hash(&bytes);
        bytes.extend_from_slice(&checksum.as_bytes()[..CHECKSUM_BYTES]);
        let text = letters(&bytes);
        if text.len() > LINK_CHARACTERS_MAX {
            return Err(LinkError::TooLong { characters: text.len() });
        }
        Ok(text)
    }

    /// Reads a link.
    ///
    /// # Errors
    ///
    /// Any [`LinkError`].
    pub fn decode(text: &str) -> Result<Link, LinkError> {
        if text.len() > LINK_CHARACTERS_MAX {
            return Err(LinkError::TooLong { characters: text.len() });
        }
        let bytes = unletter(text)?;
        let cut = bytes.len().checked_sub(CHECKSUM_BYTES).filter(|cut| *cut > 0).ok_or(LinkError::Damaged)?;
        let (body, checksum) = bytes.split_at(cut);
        if blake3::hash(body).as_bytes()[..CHECKSUM_BYTES] != *checksum {
            return Err(LinkError::Damaged);
        }
        if body[0] != VERSION {
            return Err(LinkError::Newer { found: body[0] });
        }
        let (packed, rest): (Packed, &[u8]) =
            postcard::take_from_bytes(&body[1..]).map_err(|_| LinkError::Malformed)?;
        if !rest.is_empty() || packed.commands.len() > SCENARIO_STEPS_MAX {
            return Err(LinkError::Malformed);
        }
        let (name, title, genesis, mut commands) = match packed.base {
            Base::Own(genesis) => (String::new(), Title::default(), genesis, Vec::new()),
            Base::Ready(name) => {
                let preset = scenarios::find(&name).ok_or(LinkError::Malformed)?;
                let commands = ready(&preset.scenario);
                (name, preset.scenario.title, preset.scenario.genesis, commands)
            }
        };
        commands.extend(packed.commands);
        let commands = compact(genesis.start, &commands);
        // Time only goes forward, and the moment lies within it.
        let times: Vec<Instant> = moments(genesis.start, &commands)
            .filter(|(_, command)| is_time(command))
            .map(|(at, _)| at)
            .collect();
        let goes_back = times.first().is_some_and(|first| *first < genesis.start)
            || times.windows(2).any(|pair| pair[1] < pair[0]);
        let last = times.last().copied().unwrap_or(genesis.start);
        if goes_back || packed.moment < genesis.start || packed.moment > last {
            return Err(LinkError::Malformed);
        }
        Ok(Link { scenario: scenario(&name, title, genesis, commands), moment: packed.moment })
    }
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64url without padding.
fn letters(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for part in bytes.chunks(3) {
        let joined = part.iter().fold(0_usize, |joined, byte| joined << 8 | usize::from(*byte))
            << (8 * (3 - part.len()));
        for place in 0..=part.len() {
            text.push(char::from(LETTERS[joined >> (18 - 6 * place) & 63]));
        }
    }
    text
}

fn unletter(text: &str) -> Result<Vec<u8>, LinkError> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for (position, character) in (1..).zip(text.chars()) {
        let value = LETTERS.iter().position(|letter| char::from(*letter) == character);
        let value = value.ok_or(LinkError::Character { character, position })?;
        held = held << 6 | u32::try_from(value).unwrap_or(0);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.extend_from_slice(&(held >> bits).to_be_bytes()[3..]);
            held &= (1 << bits) - 1;
        }
    }
    if held == 0 && bits < 6 { Ok(bytes) } else { Err(LinkError::Damaged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(simulator: &mut Simulator) -> (String, Simulator) {
        let link = simulator.link();
        let text = link.encode().unwrap();
        let read = Link::decode(&text).unwrap();
        assert_eq!(read.moment, link.moment);
        let mut opened = Simulator::of_link(&read);
        opened.run_to(read.moment, &mut || true).unwrap();
        (text, opened)
    }

    #[test]
    fn every_scenario_comes_back_from_its_link_at_every_moment() {
        let all = scenarios::all();
        assert_eq!(all.len(), 18);
        for preset in all {
            let mut simulator = Simulator::begin(&preset.scenario);
            simulator.run_out(&mut || true).unwrap();
            let end = simulator.now();
            let length = end.since(simulator.genesis().start).milliseconds();
            for share in [100, 60, 0] {
                let span = vhault_core::time::Span::from_milliseconds(length * share / 100);
                let moment = simulator.genesis().start.checked_add(span).unwrap();
                simulator.seek(moment, &mut || true).unwrap();
                let (text, opened) = round_trip(&mut simulator);
                // A ready scenario is only named.
                assert!(text.len() < 60, "{}: {text}", preset.scenario.name);
                assert_eq!(opened.state_hash(), simulator.state_hash(), "{} {share}", preset.scenario.name);
                assert_eq!((opened.name(), opened.end()), (simulator.name(), end));
            }
        }
    }

    #[test]
    fn what_was_done_after_a_scenario_and_in_a_world_of_ones_own_comes_back() {
        let preset = scenarios::find("six-disks").unwrap();
        let mut simulator = Simulator::begin(&preset.scenario);
        simulator.run_out(&mut || true).unwrap();
        let later =
            simulator.now().checked_add(vhault_core::time::Span::from_milliseconds(90_061_000)).unwrap();
        simulator.run_to(later, &mut || true).unwrap();
        simulator.submit(Command::SetQueueWait { minutes: 9 }).unwrap();
        let (text, opened) = round_trip(&mut simulator);
        assert!(text.len() < 80, "{text}");
        assert_eq!(opened.state_hash(), simulator.state_hash());
        // Another past, so the name alone would not do.
        let middle =
            simulator.genesis().start.checked_add(vhault_core::time::Span::from_milliseconds(7_200_000));
        simulator.seek(middle.unwrap(), &mut || true).unwrap();
        simulator.submit(Command::PublishExtension).unwrap();
        let (text, opened) = round_trip(&mut simulator);
        assert!(text.len() > 80, "{text}");
        assert_eq!(opened.state_hash(), simulator.state_hash());
    }

    /// Commands of every kind that scenarios have survive the compact form.
    #[test]
    fn the_commands_of_every_scenario_survive_without_its_name() {
        for preset in scenarios::all() {
            let mut own = preset.scenario.clone();
            own.name = String::new();
            let mut simulator = Simulator::begin(&own);
            simulator.run_out(&mut || true).unwrap();
            let (_, opened) = round_trip(&mut simulator);
            assert_eq!(opened.state_hash(), simulator.state_hash(), "{}", preset.scenario.name);
        }
    }

    #[test]
    fn every_changed_character_and_every_cut_is_noticed() {
        let mut simulator = Simulator::begin(&scenarios::find("first-day").unwrap().scenario);
        let text = simulator.link().encode().unwrap();
        for place in 0..text.len() {
            let mut changed: Vec<char> = text.chars().collect();
            changed[place] = if changed[place] == 'A' { 'B' } else { 'A' };
            let changed: String = changed.into_iter().collect();
            assert!(Link::decode(&changed).is_err(), "{place}");
            assert!(Link::decode(&text[..place]).is_err(), "cut at {place}");
        }
        assert_eq!(Link::decode("AA%A"), Err(LinkError::Character { character: '%', position: 3 }),);
        let long = "A".repeat(LINK_CHARACTERS_MAX + 1);
        assert_eq!(Link::decode(&long), Err(LinkError::TooLong { characters: long.len() }));
    }

    fn sealed(mut bytes: Vec<u8>) -> String {
        let checksum = blake3::hash(&bytes);
        bytes.extend_from_slice(&checksum.as_bytes()[..CHECKSUM_BYTES]);
        letters(&bytes)
    }

    /// A link somebody kept: what it was written from is written the same still.
    /// Where this fails, the form of commands changed, and [`VERSION`] has to.
    #[test]
    fn a_link_of_the_first_version_is_still_written_and_read() {
        let mut own = scenarios::find("retention").unwrap().scenario;
        own.name = String::new();
        own.steps.truncate(12);
        let mut simulator = Simulator::begin(&own);
        simulator.run_out(&mut || true).unwrap();
        let text = simulator.link().encode().unwrap();
        let written = concat!(
            "AQEBgIDi87FTDAIEd2VzdAIEZWFzdAkFZGlza3MEd2VzdAEAAQkIcmVzdG9yZWQEd2VzdAEAAQkHZmFyYXdheQRlYXN0AQAB",
            "CQdwcmVtaXVtBHdlc3QCAAEIA25ldAR3ZXN0AQEFZnJvbnQQBXZhdWx0BHdlc3QAAAoIc2hvcC93ZWIEd2VzdAVkaXNrcwAA",
            "AAEBZAUAAAAAABEFdmF1bHQAAMDPhvSxUxEFdmF1bHQBAQhzaG9wL3dlYsDPhvSxU9MwfNU",
        );
        assert_eq!(text, written);
        assert_eq!(Link::decode(written).unwrap().scenario.steps, simulator.link().scenario.steps);
    }

    #[test]
    fn a_newer_link_and_senseless_ones_are_told_apart() {
        assert_eq!(Link::decode(&sealed(vec![2])), Err(LinkError::Newer { found: 2 }));
        assert_eq!(Link::decode(&sealed(vec![VERSION, 9, 9])), Err(LinkError::Malformed));
        let genesis = vhault_core::sim::stage::genesis(vhault_core::advice::ProfileId::Recovery2016, 1);
        let at = |offset: i64| {
            genesis.start.checked_add(vhault_core::time::Span::from_milliseconds(offset)).unwrap()
        };
        for (commands, moment) in [
            (vec![Command::AdvanceTo(at(5)), Command::PublishExtension, Command::AdvanceTo(at(2))], at(1)),
            (vec![Command::AdvanceTo(at(-5))], at(-5)),
            (vec![Command::AdvanceTo(at(5))], at(6)),
            (vec![], at(-1)),
        ] {
            let mut bytes = vec![VERSION];
            let packed = Packed { base: Base::Own(genesis), commands, moment };
            bytes.extend(postcard::to_allocvec(&packed).unwrap());
            assert_eq!(Link::decode(&sealed(bytes)), Err(LinkError::Malformed), "{moment:?}");
        }
    }
}
