//! The worker: takes one order, does it, says what came of it. Where the
//! browser starts no workers, `reader.js` runs it in the page and hands it
//! files that were read before: a page cannot wait for a read.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Function, Reflect, Uint8Array};
use vhault_core::read::ReadAt as _;
use vhault_web::compare::compare;
use vhault_web::given::{Explain as _, Named};
use vhault_web::inspect::inspect;
use vhault_web::measure::measure;
use vhault_web::message::{Answer, Job, Order};
use vhault_web::sample::Memory;
use vhault_web::text::{Both, Lang, Text, fill};
use vhault_web::view_model::number;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent};

use super::file::{FileError, Source};

/// Milliseconds between two words about progress.
const WORD_MS: f64 = 100.0;

/// Waits for an order.
pub(crate) fn serve() {
    std::panic::set_hook(Box::new(|info| {
        say(&Answer::Failed(Both::new(
            format!("the reader failed: {info}"),
            format!("읽는 부분에 오류가 발생했습니다: {info}"),
        )));
    }));
    let Some(scope) = worker() else { return serve_page() };
    let heard = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        say(&carry_out(&event.data()).unwrap_or_else(Answer::Failed));
    });
    scope.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    // It listens as long as the worker lives.
    heard.forget();
    say(&Answer::Ready);
}

/// What `reader.js` calls in a page: with a message as a worker gets it, and
/// with a function that hears the answers.
const IN_PAGE: &str = "vhaultReader";

thread_local! {
    /// Who hears the answers in a page.
    static HEARS: RefCell<Option<Function>> = const { RefCell::new(None) };
}

fn serve_page() {
    let heard = Closure::<dyn Fn(JsValue, Function)>::new(|message: JsValue, hears: Function| {
        HEARS.set(Some(hears));
        say(&carry_out(&message).unwrap_or_else(Answer::Failed));
    });
    // A page takes any property.
    let _ = Reflect::set(&js_sys::global(), &IN_PAGE.into(), heard.as_ref());
    heard.forget();
}

fn carry_out(message: &JsValue) -> Result<Answer, Both> {
    let broken =
        || Both::new("the page asked for something unknown", "페이지가 알 수 없는 일을 요청했습니다");
    let text = Reflect::get(message, &"order".into()).ok().and_then(|order| order.as_string());
    let order: Order = text.and_then(|text| serde_json::from_str(&text).ok()).ok_or_else(broken)?;
    let since = now();
    let read = Rc::new(Cell::new(0_u64));
    let words = Rc::new(Words { last: Cell::new(since) });
    let files = match order.sample {
        Some(sample) => sample
            .files()
            .into_iter()
            .enumerate()
            .map(|(place, named)| Named { name: named.name, source: Source::memory(place, named.source) })
            .collect(),
        None => {
            let list = Reflect::get(message, &"files".into()).map_err(|_| broken())?;
            if worker().is_none() {
                return do_job(order.job, &held(message, &list)?, &words);
            }
            // Only inspecting has no other measure than what was read.
            let counts = order.job == Job::Inspect;
            let (read, words) = (read, words.clone());
            let heard: Rc<dyn Fn(u64)> = Rc::new(move |bytes| {
                read.set(read.get() + bytes);
                if counts {
                    words.progress(read.get(), 0);
                }
            });
            opened(&list, &heard)?
        }
    };
    do_job(order.job, &files, &words)
}

fn do_job(job: Job, files: &[Named<Source>], words: &Words) -> Result<Answer, Both> {
    let heard = &mut |done, total| words.progress(done, total);
    match job {
        Job::Inspect => Ok(Answer::Inspected(inspect(files.iter().cloned()))),
        Job::Compare { before, after } => {
            compare(files, before, after, &|left, right| left.place == right.place, heard)
                .map(Answer::Compared)
        }
        Job::Measure { file, share } => {
            let mut codec = codec();
            measure(
                files,
                file,
                share,
                codec.as_mut().map(|codec| &mut **codec as &mut dyn FnMut(&[u8]) -> u32),
                heard,
            )
            .map(Answer::Measured)
        }
    }
}

/// Tells how many bytes of a vault a chunk takes.
type Codec = Box<dyn FnMut(&[u8]) -> u32>;

/// The codec as the program uses it: `datapath/src/codec.rs`.
#[cfg(feature = "codec")]
fn codec() -> Option<Codec> {
    const LEVEL: i32 = 1;
    let mut zstd = zstd::bulk::Compressor::new(LEVEL).ok()?;
    zstd.include_checksum(false).ok()?;
    zstd.include_dictid(false).ok()?;
    let mut stored = Vec::new();
    Some(Box::new(move |bytes| {
        stored.resize(zstd::zstd_safe::compress_bound(bytes.len()), 0);
        let packed = zstd.compress_to_buffer(bytes, stored.as_mut_slice()).ok();
        // Plain unless that saves a sixteenth.
        let packed = packed.filter(|length| *length < bytes.len() - bytes.len() / 16);
        u32::try_from(packed.unwrap_or(bytes.len())).unwrap_or(u32::MAX)
    }))
}

#[cfg(not(feature = "codec"))]
fn codec() -> Option<Codec> {
    None
}

fn opened(list: &JsValue, heard: &Rc<dyn Fn(u64)>) -> Result<Vec<Named<Source>>, Both> {
    let mut files = Vec::new();
    for (place, file) in Array::from(list).iter().enumerate() {
        let file: File = file.unchecked_into();
        let name = file.name();
        let source = Source::file(place, file, heard.clone()).map_err(|error| error.explain())?;
        debug_assert!(source.size().get() < 1 << 53);
        files.push(Named { name, source });
    }
    Ok(files)
}

/// The files of a page without workers, which `reader.js` has read already
/// where they are not too large for that.
fn held(message: &JsValue, list: &JsValue) -> Result<Vec<Named<Source>>, Both> {
    let get = |name: &str| Reflect::get(message, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let files: Vec<File> = Array::from(list).iter().map(JsCast::unchecked_into).collect();
    let buffers = get("buffers");
    if buffers.is_null() {
        return Err(FileError::Changed.explain());
    }
    if buffers.is_undefined() {
        let bytes = |size: f64| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size, and whole")]
            let size = size as u64;
            number::bytes(size)
        };
        let most = bytes(get("most").as_f64().unwrap_or_default());
        let all = bytes(files.iter().map(|file| file.size()).sum());
        let say = |lang| fill(Text::HereOnly.say(lang), &[&most, &all]);
        return Err(Both::new(say(Lang::En), say(Lang::Ko)));
    }
    let sources = files.into_iter().zip(Array::from(&buffers)).enumerate();
    Ok(sources
        .map(|(place, (file, buffer))| {
            let bytes = Memory(Rc::from(Uint8Array::new(&buffer).to_vec()));
            Named { name: file.name(), source: Source::memory(place, bytes) }
        })
        .collect())
}

/// Words about progress, now and then.
struct Words {
    last: Cell<f64>,
}

impl Words {
    fn progress(&self, done: u64, total: u64) {
        let at = now();
        if at - self.last.get() >= WORD_MS {
            self.last.set(at);
            say(&Answer::Progress { done, total });
        }
    }
}

/// The worker that this is; none in a page.
fn worker() -> Option<DedicatedWorkerGlobalScope> {
    js_sys::global().dyn_into().ok()
}

fn now() -> f64 {
    worker().and_then(|scope| scope.performance()).map_or(0.0, |clock| clock.now())
}

fn say(answer: &Answer) {
    let text = serde_json::to_string(answer).expect("an answer has only names and numbers");
    // A page that is gone hears nothing.
    let _ = match worker() {
        Some(scope) => scope.post_message(&text.into()),
        None => match HEARS.with_borrow(Clone::clone) {
            Some(hears) => hears.call1(&JsValue::NULL, &text.into()).map(drop),
            None => Ok(()),
        },
    };
}
