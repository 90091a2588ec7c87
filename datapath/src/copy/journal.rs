//! The journal of a copy as a file of this host, and those that dead copies
//! left. What is in one: `vhault_core::copy::journal`.
//!
//! A journal is locked by its process for as long as that lives, stopped or
//! not; the kernel lets go of the lock when the process is dead, and only then.
//! So a journal that can be locked proves that nobody works on it any more.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use vhault_core::copy::journal::{
    FRAME_HEAD_BYTES, JournalDisk, JournalHead, Noted, WRITE_EVERY, check, encode_notes, payload_bytes, runs,
};
use vhault_core::digest::{ChunkId, SessionId};

/// Notes that wait to be written: 3 MiB.
const NOTES_MAX: usize = 1 << 16;

/// Runs of a journal that are remembered: 32 MiB. What comes after them is read from its source again.
const RUNS_MAX: usize = 1 << 20;

/// Files of one folder that are looked at.
const JOURNALS_MAX: usize = 4096;

/// The journal of a copy that is at work.
#[derive(Debug)]
pub struct JournalWriter {
    path: PathBuf,
    head_bytes: u64,
    state: Mutex<Writing>,
}

#[derive(Debug)]
struct Writing {
    /// Locked until it is closed. `None` once it failed: a copy goes on without its journal.
    file: Option<File>,
    notes: Vec<Noted>,
    written: Instant,
}

impl Writing {
    fn write(&mut self) {
        let bytes = encode_notes(std::mem::take(&mut self.notes));
        self.written = Instant::now();
        // What survives a power cut is what was made durable.
        let written = |file: &mut File| file.write_all(&bytes).and_then(|()| file.sync_data());
        if self.file.as_mut().is_some_and(|file| written(file).is_err()) {
            self.file = None;
        }
    }
}

impl JournalWriter {
    /// Begins the journal of a session in `folder`.
    ///
    /// # Errors
    ///
    /// Where no file can be made there, or none can be locked.
    pub fn begin(folder: &Path, head: &JournalHead) -> io::Result<JournalWriter> {
        let bytes = head.encode().ok_or(ErrorKind::FileTooLarge)?;
        let path = folder.join(head.session.to_string());
        let temporary = folder.join(format!("new-{}", head.session));
        let mut file =
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&temporary)?;
        let begun = (|| {
            // Locked before anybody finds it by its name.
            flock(&file, FlockOperation::NonBlockingLockExclusive)?;
            file.write_all(&bytes)?;
            file.sync_data()?;
            fs::rename(&temporary, &path)
        })();
        if let Err(error) = begun {
            let _removed = fs::remove_file(&temporary);
            return Err(error);
        }
        let state = Writing { file: Some(file), notes: Vec::new(), written: Instant::now() };
        Ok(JournalWriter { path, head_bytes: bytes.len() as u64, state: Mutex::new(state) })
    }

    /// Notes what a chunk is, and writes what was noted every so often.
    pub(super) fn note(&self, noted: Noted) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.notes.push(noted);
        let every = Duration::from_millis(WRITE_EVERY.milliseconds().unsigned_abs());
        if state.notes.len() >= NOTES_MAX || state.written.elapsed() >= every {
            state.write();
        }
    }

    /// Writes what was noted: nothing may come for long.
    pub(super) fn write(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).write();
    }

    /// Forgets everything but its head: what was noted is not believed any more.
    pub fn restart(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.notes.clear();
        let restarted = state.file.as_mut().is_some_and(|file| {
            file.set_len(self.head_bytes)
                .and_then(|()| io::Seek::seek(file, io::SeekFrom::End(0)))
                .and_then(|_| file.sync_data())
                .is_ok()
        });
        if !restarted {
            state.file = None;
            let _removed = fs::remove_file(&self.path);
        }
    }

    /// Removes it: its copy is in a point.
    pub fn remove(&self) {
        let _removed = fs::remove_file(&self.path);
    }
}

/// A journal that a dead copy left, and that is ours now.
#[derive(Debug)]
pub struct DeadJournal {
    /// What it says of itself.
    pub head: JournalHead,
    path: PathBuf,
    /// Holds the lock.
    file: File,
    /// For each disk, in order of the first chunk.
    runs: Vec<Vec<Indexed>>,
}

/// A run of chunks, and where in the file their ids are.
#[derive(Clone, Copy, Debug)]
struct Indexed {
    first_chunk: u64,
    chunk_count: u32,
    ids_at: Option<u64>,
}

impl DeadJournal {
    /// Every journal in `folder` that nobody works on, with what it says up to where it is torn; one without a head is
    /// removed.
    pub fn all(folder: &Path) -> Vec<DeadJournal> {
        let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
        let mut found = Vec::new();
        for entry in entries.take(JOURNALS_MAX) {
            let name = entry.file_name();
            let Some(session) = name.to_str().and_then(|name| name.parse::<SessionId>().ok()) else {
                continue;
            };
            let Ok(file) = OpenOptions::new().read(true).write(true).open(entry.path()) else { continue };
            if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
                continue;
            }
            match DeadJournal::open(entry.path(), file) {
                Some(journal) if journal.head.session == session => found.push(journal),
                _ => drop(fs::remove_file(entry.path())),
            }
        }
        found
    }

    fn open(path: PathBuf, file: File) -> Option<DeadJournal> {
        let (head, mut at) = read_frame(&file, 0)?;
        let head = JournalHead::decode(&head).ok()?;
        let mut index: Vec<Vec<Indexed>> = vec![Vec::new(); head.disks.len()];
        let mut count = 0;
        while let Some((payload, next)) = read_frame(&file, at) {
            let Ok(here) = runs(&payload) else { break };
            count += here.len();
            if count > RUNS_MAX {
                break;
            }
            for run in here {
                let disk = usize::try_from(run.disk).ok().and_then(|disk| index.get_mut(disk))?;
                let payload_at = at + FRAME_HEAD_BYTES as u64;
                disk.push(Indexed {
                    first_chunk: run.first_chunk,
                    chunk_count: run.chunk_count,
                    ids_at: run.ids_at.map(|ids_at| payload_at + ids_at as u64),
                });
            }
            at = next;
        }
        // A copy notes each chunk once, so runs do not overlap.
        index.iter_mut().for_each(|runs| runs.sort_by_key(|run| run.first_chunk));
        Some(DeadJournal { head, path, file, runs: index })
    }

    /// Removes it: what it says is in a point, or of no use.
    pub fn remove(&self) {
        let _removed = fs::remove_file(&self.path);
    }

    /// Sets what it says of `said.len()` chunks from `first_chunk` on.
    fn tell(&self, disk: usize, first_chunk: u64, said: &mut [Option<Option<ChunkId>>]) {
        let Some(runs) = self.runs.get(disk) else { return };
        let past = first_chunk.saturating_add(said.len() as u64);
        let end = runs.partition_point(|run| run.first_chunk < past);
        for run in runs[..end].iter().rev() {
            let run_past = run.first_chunk.saturating_add(u64::from(run.chunk_count));
            if run_past <= first_chunk {
                break;
            }
            let (from, to) = (run.first_chunk.max(first_chunk), run_past.min(past));
            let here = |chunk: u64| usize::try_from(chunk - first_chunk).unwrap_or(usize::MAX);
            let Some(said) = said.get_mut(here(from)..here(to)) else { continue };
            let Some(ids_at) = run.ids_at else {
                said.iter_mut().for_each(|said| *said = said.or(Some(None)));
                continue;
            };
            let mut ids = vec![0; said.len() * ChunkId::BYTES];
            let place = ids_at + (from - run.first_chunk) * ChunkId::BYTES as u64;
            if self.file.read_exact_at(&mut ids, place).is_err() {
                continue;
            }
            for (said, id) in said.iter_mut().zip(ids.as_chunks::<{ ChunkId::BYTES }>().0) {
                *said = said.or(Some(Some(ChunkId::from_bytes(*id))));
            }
        }
    }
}

fn read_frame(file: &File, at: u64) -> Option<(Vec<u8>, u64)> {
    let mut head = [0; FRAME_HEAD_BYTES];
    file.read_exact_at(&mut head, at).ok()?;
    let bytes = payload_bytes(&head).ok()?;
    let mut payload = vec![0; bytes];
    file.read_exact_at(&mut payload, at + FRAME_HEAD_BYTES as u64).ok()?;
    check(&head, &payload).ok()?;
    Some((payload, at + (FRAME_HEAD_BYTES + bytes) as u64))
}

/// What dead copies say of one disk. It is believed only of chunks that the vault holds.
#[derive(Clone, Debug, Default)]
pub struct Journaled {
    /// Oldest first: of two that speak of a chunk the newer counts.
    disks: Vec<(Arc<DeadJournal>, usize)>,
}

impl Journaled {
    /// What `journals`, oldest first, say of a disk that `is_same` knows again.
    pub fn of(journals: &[Arc<DeadJournal>], is_same: impl Fn(&JournalDisk) -> bool) -> Journaled {
        let disks = journals.iter().filter_map(|journal| {
            let disk = journal.head.disks.iter().position(&is_same)?;
            (!journal.runs[disk].is_empty()).then(|| (Arc::clone(journal), disk))
        });
        Journaled { disks: disks.collect() }
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.disks.is_empty()
    }

    /// What is said of some chunks in a row: nothing, zeroes, or an id.
    pub(super) fn said(&self, first_chunk: u64, chunk_count: usize) -> Vec<Option<Option<ChunkId>>> {
        let mut said = vec![None; chunk_count];
        for (journal, disk) in self.disks.iter().rev() {
            journal.tell(*disk, first_chunk, &mut said);
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use vhault_core::digest::VaultId;

    use super::*;

    const fn id(byte: u8) -> ChunkId {
        ChunkId::from_bytes([byte; 32])
    }

    fn head(session: u8) -> JournalHead {
        let disks = vec![JournalDisk { size_bytes: 1 << 20, sources: Vec::new() }; 2];
        JournalHead::new(
            VaultId::from_bytes([1; 16]),
            SessionId::from_bytes([session; 16]),
            "vm".into(),
            disks,
        )
    }

    fn write(folder: &Path, session: u8, notes: &[(u64, Option<ChunkId>)]) -> JournalWriter {
        let writer = JournalWriter::begin(folder, &head(session)).unwrap();
        for (chunk, id) in notes {
            writer.state.lock().unwrap().written -= Duration::from_secs(60);
            writer.note(Noted { disk: 1, chunk: *chunk, id: *id });
        }
        writer
    }

    fn said(journals: Vec<DeadJournal>) -> Vec<Option<Option<ChunkId>>> {
        let journals: Vec<Arc<DeadJournal>> = journals.into_iter().map(Arc::new).collect();
        let disks = journals.iter().map(|journal| (Arc::clone(journal), 1)).collect();
        Journaled { disks }.said(2, 5)
    }

    #[test]
    fn a_journal_belongs_to_its_process_until_that_is_dead() {
        let folder = tempfile::tempdir().unwrap();
        let writer = write(folder.path(), 1, &[(2, Some(id(2))), (3, None)]);
        assert!(DeadJournal::all(folder.path()).is_empty(), "its writer lives");
        drop(writer);
        let found = DeadJournal::all(folder.path());
        assert_eq!(found.len(), 1);
        assert!(DeadJournal::all(folder.path()).is_empty(), "somebody has taken it");
        assert_eq!(said(found), [Some(Some(id(2))), Some(None), None, None, None]);
    }

    #[test]
    fn a_torn_journal_is_believed_up_to_the_tear_and_one_without_head_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        drop(write(folder.path(), 1, &[(2, Some(id(2))), (4, Some(id(4)))]));
        let path = folder.path().join(SessionId::from_bytes([1; 16]).to_string());
        let whole = fs::read(&path).unwrap();
        // Cut off, never written although the file grew, or written as something else.
        let (cut, mut zeroed, mut flipped) =
            (whole[..whole.len() - 1].to_vec(), whole.clone(), whole.clone());
        zeroed[whole.len() - 8..].fill(0);
        flipped[whole.len() - 1] ^= 1;
        for torn in [cut, zeroed, flipped] {
            fs::write(&path, torn).unwrap();
            assert_eq!(said(DeadJournal::all(folder.path())), [Some(Some(id(2))), None, None, None, None]);
        }
        for torn in [&whole[..5], b"rubbish that is no journal".as_slice(), b""] {
            fs::write(&path, torn).unwrap();
            assert!(DeadJournal::all(folder.path()).is_empty());
            assert!(!path.exists());
        }
    }

    #[test]
    fn the_newer_journal_counts_and_a_restarted_one_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        drop(write(folder.path(), 1, &[(2, Some(id(2))), (3, Some(id(3))), (6, Some(id(6)))]));
        drop(write(folder.path(), 2, &[(3, Some(id(9)))]));
        let mut found = DeadJournal::all(folder.path());
        found.sort_by_key(|journal| journal.head.session);
        assert_eq!(said(found), [Some(Some(id(2))), Some(Some(id(9))), None, None, Some(Some(id(6)))]);
        let writer = write(folder.path(), 3, &[(2, Some(id(2)))]);
        writer.restart();
        drop(writer);
        let mut found = DeadJournal::all(folder.path());
        found.retain(|journal| journal.head.session == SessionId::from_bytes([3; 16]));
        assert_eq!(said(found), [None; 5]);
    }
}
