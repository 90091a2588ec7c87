//! Turns the compiled page into a folder that any static host can serve, and
//! weighs it.
//!
//! ```text
//! vhault-site [--unweighed] PAGE_WASM SIMULATOR_WASM WORKER_WASM STATIC OUT
//! OUT/index.html            the only name that stays the same
//! OUT/offline.js            keeps the page for when there is no network
//! OUT/assets-HASH/…         everything else; a new content, a new folder
//! ```

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program of one page")]

mod weight;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

/// What the page may do: load its own parts, and nothing else. No byte of a
/// dropped file can leave through it.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'";

fn main() -> ExitCode {
    let mut words: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let weighed = words.first().is_none_or(|first| first.as_os_str() != UNWEIGHED);
    if !weighed {
        words.remove(0);
    }
    let outcome = match words.as_slice() {
        [page, simulator, worker, assets, out] => {
            let files = write(&[(page, "vhault"), (simulator, SIMULATOR), (worker, WORKER)], assets, out);
            files.and_then(|files| if weighed { weigh(files, assets) } else { Ok(()) })
        }
        _ => Err("usage: vhault-site [--unweighed] PAGE_WASM SIMULATOR_WASM WORKER_WASM STATIC OUT".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Asks for the folder alone, whatever it weighs.
const UNWEIGHED: &str = "--unweighed";

/// The site's files, by name.
type Files = Vec<(String, Vec<u8>)>;

/// What the worker is called; none of it is part of the first view.
const WORKER: &str = "worker";

/// What the page with the simulator in it is called; nor is it.
const SIMULATOR: &str = "simulator";

/// What lies beside the page and not in a folder named by its content:
/// browsers look for it at the same place always.
const AT_TOP: [&str; 2] = ["index.html", "offline.js"];

fn write(programs: &[(&PathBuf, &str)], assets: &Path, out: &Path) -> Result<Files, Box<dyn Error>> {
    let glue = out.join("glue");
    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    fs::create_dir_all(&glue)?;
    for (wasm, name) in programs {
        Bindgen::new()
            .input_path(wasm)
            .web(true)?
            .typescript(false)
            .omit_default_module_path(false)
            .remove_name_section(true)
            .remove_producers_section(true)
            .out_name(name)
            .generate(&glue)?;
    }

    let mut files: Files = Vec::new();
    for folder in [assets, &glue] {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                files.push((entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?));
            }
        }
    }
    fs::remove_dir_all(&glue)?;
    files.sort();
    let mut hasher = blake3::Hasher::new();
    for (name, bytes) in &files {
        hasher.update(name.as_bytes()).update(bytes);
    }
    let folder = format!("assets-{}", &hasher.finalize().to_hex()[..12]);
    fs::create_dir_all(out.join(&folder))?;
    let named = files.iter().map(|(name, _)| name.as_str()).filter(|name| !AT_TOP.contains(name));
    let named: Vec<&str> = named.collect();
    // A list of strings reads the same in both languages.
    let list = format!("{named:?}");
    for (name, bytes) in &mut files {
        if AT_TOP.contains(&name.as_str()) {
            let text = String::from_utf8_lossy(bytes);
            let text = text.replace("{{assets}}", &folder).replace("{{policy}}", POLICY);
            *bytes = text.replace("{{files}}", &list).into_bytes();
            fs::write(out.join(&*name), bytes)?;
        } else {
            fs::write(out.join(&folder).join(&*name), bytes)?;
        }
    }
    Ok(files)
}

/// Says what each part weighs; refuses a first view that is over its budget or grew.
fn weigh(files: Files, assets: &Path) -> Result<(), Box<dyn Error>> {
    let (later, first): (Vec<_>, Vec<_>) = files.into_iter().partition(|(name, _)| {
        name.starts_with(WORKER) || name.starts_with(SIMULATOR) || name == "start-worker.js"
    });
    let (simulator, later): (Vec<_>, Vec<_>) =
        later.into_iter().partition(|(name, _)| name.starts_with(SIMULATOR));
    weight::tell("once a file is looked into", &later)?;
    weight::tell("instead of the first view, where the simulator is", &simulator)?;
    weight::check(&first, &assets.join("../weight.txt"))
}
