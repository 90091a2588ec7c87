//! Names of things, checked once.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Too short or too long.
    #[error("{given:?} has {characters} characters where {min} to {max} are needed")]
    Length {
        /// The text, cut to 64 characters.
        given: String,
        /// How long it is.
        characters: usize,
        /// The shortest.
        min: usize,
        /// The longest.
        max: usize,
    },
    /// A character that may not stand there.
    #[error("{given:?} may not have {character:?} at character {position}")]
    Character {
        /// The text.
        given: String,
        /// The character.
        character: char,
        /// Which, counted from zero.
        position: usize,
    },
    /// Not of the form `group/name`.
    #[error("{0:?} is no group/name")]
    Identity(String),
}

fn check(text: &str, min: usize, max: usize, allowed: impl Fn(usize, char) -> bool) -> Result<(), NameError> {
    let characters = text.chars().count();
    if characters < min || characters > max {
        let given = text.chars().take(64).collect();
        return Err(NameError::Length { given, characters, min, max });
    }
    match text.chars().enumerate().find(|(position, character)| !allowed(*position, *character)) {
        None => Ok(()),
        Some((position, character)) => {
            Err(NameError::Character { given: text.to_string(), character, position })
        }
    }
}

/// Anything printable except the slash that separates group and name.
fn printable(_: usize, character: char) -> bool {
    !character.is_control() && character != '/'
}

/// A letter first, then letters, digits and hyphens.
fn vault_like(position: usize, character: char) -> bool {
    character.is_ascii_alphabetic() || (position > 0 && (character.is_ascii_digit() || character == '-'))
}

macro_rules! names {
    ($($(#[$meta:meta])* $name:ident: $min:literal..=$max:literal, $allowed:expr;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes `text` if it is such a name.
            ///
            /// # Errors
            ///
            /// [`NameError::Length`] or [`NameError::Character`].
            pub fn new(text: &str) -> Result<$name, NameError> {
                check(text, $min, $max, $allowed)?;
                Ok($name(text.into()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<$name, NameError> {
                $name::new(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let text = String::deserialize(deserializer)?;
                $name::new(&text).map_err(serde::de::Error::custom)
            }
        }
    )+};
}

names! {
    /// A vault: 2 to 50 letters, digits and hyphens, a letter first.
    VaultName: 2..=50, vault_like;
    /// A region of the platform.
    RegionName: 1..=64, printable;
    /// A virtual machine within its group.
    VmName: 1..=64, printable;
    /// A cloud service (classic) or a resource group.
    GroupName: 1..=64, printable;
    /// A policy within its vault.
    PolicyName: 1..=64, printable;
    /// A virtual network.
    NetworkName: 1..=64, printable;
    /// A subnet of a virtual network.
    SubnetName: 1..=64, printable;
    /// A storage account.
    AccountName: 1..=64, printable;
    /// A reserved address.
    ReservedIp: 1..=64, printable;
    /// A VSS writer.
    WriterName: 1..=64, printable;
}

/// Which virtual machine: its group and its name there; written `group/name`.
///
/// Identity is this pair and nothing else, so a machine made again under the
/// same pair is the same machine to its vault (STOP-03).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VmIdentity {
    /// The cloud service or resource group.
    pub group: GroupName,
    /// The name within it.
    pub name: VmName,
}

impl VmIdentity {
    /// What stands before every machine of `group` in order.
    pub fn first_of(group: &GroupName) -> VmIdentity {
        VmIdentity { group: group.clone(), name: VmName(Arc::from("")) }
    }
}

impl fmt::Display for VmIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.group, self.name)
    }
}

impl fmt::Debug for VmIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl FromStr for VmIdentity {
    type Err = NameError;

    fn from_str(text: &str) -> Result<VmIdentity, NameError> {
        let parts =
            text.split_once('/').ok_or_else(|| NameError::Identity(text.chars().take(64).collect()))?;
        Ok(VmIdentity { group: GroupName::new(parts.0)?, name: VmName::new(parts.1)? })
    }
}

impl Serialize for VmIdentity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VmIdentity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<VmIdentity, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

macro_rules! numbers {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    )+};
}

numbers! {
    /// A job of a vault, counted from 1.
    JobId;
    /// A recovery point of a vault, counted from 1 in order of receipt.
    PointNumber;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vault_name_has_both_its_edges() {
        for good in ["ab", "a1", "a-1", &"a".repeat(50)] {
            assert!(VaultName::new(good).is_ok(), "{good}");
        }
        for bad in ["a", "1a", "-a", "a b", &"a".repeat(51), ""] {
            assert!(VaultName::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_identity_reads_back_and_needs_both_parts() {
        let identity: VmIdentity = "shop/web".parse().unwrap();
        assert_eq!(identity.to_string().parse(), Ok(identity));
        for bad in ["web", "/web", "shop/", "a/b/c", "a/b\n"] {
            assert!(bad.parse::<VmIdentity>().is_err(), "{bad}");
        }
    }
}
