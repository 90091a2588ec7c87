//! A dropped file, read at any place. Works in workers only: there a read
//! may wait.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::Uint8Array;
use vhault_core::read::ReadAt;
use vhault_core::units::{ByteCount, FileOffset};
use vhault_web::given::Explain;
use vhault_web::sample::Memory;
use vhault_web::text::Both;
use wasm_bindgen::JsCast;
use web_sys::{DomException, File, FileReaderSync};

use crate::drain;

/// One of the files a worker was given.
#[derive(Clone)]
pub(crate) struct Source {
    /// Which one; two of the same place are one file.
    pub(crate) place: usize,
    bytes: Bytes,
    heard: Rc<dyn Fn(u64)>,
}

#[derive(Clone)]
enum Bytes {
    Memory(Memory),
    File(Rc<Opened>),
}

struct Opened {
    file: File,
    reader: FileReaderSync,
    size: u64,
    small: RefCell<Small>,
}

/// Reads up to this are kept: sector bitmaps are asked for more than once,
/// and a small read costs as much as a large one.
const SMALL_BYTES: usize = 4096;

/// How much of them is kept.
const KEPT_BYTES_MAX: usize = 64 << 20;

#[derive(Default)]
struct Small {
    kept: BTreeMap<(u64, usize), Box<[u8]>>,
    bytes: usize,
}

impl Source {
    /// A sample's file.
    pub(crate) fn memory(place: usize, memory: Memory) -> Source {
        Source { place, bytes: Bytes::Memory(memory), heard: Rc::new(|_| ()) }
    }

    /// A person's file; `heard` is told of every read.
    pub(crate) fn file(place: usize, file: File, heard: Rc<dyn Fn(u64)>) -> Result<Source, FileError> {
        let reader = FileReaderSync::new().map_err(|_| FileError::Unreadable)?;
        // File sizes stay below 2^53.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size, and whole")]
        let size = file.size() as u64;
        let opened = Opened { file, reader, size, small: RefCell::default() };
        Ok(Source { place, bytes: Bytes::File(Rc::new(opened)), heard })
    }
}

impl Opened {
    fn read(&self, offset: u64, buffer: &mut [u8]) -> Result<bool, FileError> {
        let key = (offset, buffer.len());
        if let Some(kept) = self.small.borrow().kept.get(&key) {
            buffer.copy_from_slice(kept);
            return Ok(false);
        }
        let past = offset.checked_add(buffer.len() as u64).filter(|past| *past <= self.size);
        let past = past.ok_or(FileError::Shorter)?;
        #[expect(clippy::cast_precision_loss, reason = "file sizes stay below 2^53")]
        let slice = self.file.slice_with_f64_and_f64(offset as f64, past as f64);
        let slice = slice.map_err(|_| FileError::Unreadable)?;
        let bytes = self.reader.read_as_array_buffer(&slice).map_err(|cause| {
            let name = cause.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
            if matches!(name.as_str(), "NotReadableError" | "NotFoundError") {
                FileError::Changed
            } else {
                FileError::Unreadable
            }
        })?;
        let read = Uint8Array::new(&bytes);
        if read.length() as usize != buffer.len() {
            return Err(FileError::Shorter);
        }
        read.copy_to(buffer);
        drain::give_up(&bytes);
        let mut small = self.small.borrow_mut();
        if buffer.len() <= SMALL_BYTES && small.bytes < KEPT_BYTES_MAX {
            small.bytes += buffer.len();
            small.kept.insert(key, Box::from(&*buffer));
        }
        Ok(true)
    }
}

impl ReadAt for Source {
    type Error = FileError;

    fn size(&self) -> ByteCount {
        match &self.bytes {
            Bytes::Memory(memory) => memory.size(),
            Bytes::File(opened) => ByteCount::new(opened.size),
        }
    }

    fn read_exact_at(&self, offset: FileOffset, buffer: &mut [u8]) -> Result<(), FileError> {
        match &self.bytes {
            Bytes::Memory(memory) => {
                let Ok(()) = memory.read_exact_at(offset, buffer);
            }
            Bytes::File(opened) => {
                if opened.read(offset.get(), buffer)? {
                    (self.heard)(buffer.len() as u64);
                }
            }
        }
        Ok(())
    }
}

/// Why a dropped file could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileError {
    /// The browser says that it is no longer what was dropped.
    Changed,
    /// It ended before the read did.
    Shorter,
    /// The browser does not say why.
    Unreadable,
}

impl Explain for FileError {
    fn explain(&self) -> Both {
        match self {
            FileError::Changed => Both::new(
                "the file was changed, moved or became unreadable after it was dropped, or it is a folder: drop it again, and stop the machine that writes to it first",
                "놓은 뒤에 파일이 바뀌었거나 옮겨졌거나 읽을 수 없게 되었습니다. 폴더일 수도 있습니다. 파일을 쓰는 머신을 멈춘 뒤 다시 놓으세요",
            ),
            FileError::Shorter => Both::new(
                "the file ended before its own tables do",
                "파일이 그 안의 테이블이 말하는 곳보다 먼저 끝납니다",
            ),
            FileError::Unreadable => {
                Both::new("the browser could not read the file", "브라우저가 파일을 읽지 못했습니다")
            }
        }
    }
}
