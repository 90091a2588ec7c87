//! Moves disks into a vault and back.
