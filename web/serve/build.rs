//! Lists the files of the page, so that the program can hold them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-env-changed=VHAULT_SITE");
    if env::var_os("CARGO_FEATURE_EMBEDDED").is_none() {
        return Ok(());
    }
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo names no folder")?);
    let site = env::var_os("VHAULT_SITE").map_or_else(|| here.join("../../target/site"), PathBuf::from);
    let site = site
        .canonicalize()
        .ok()
        .filter(|site| site.join("index.html").is_file())
        .ok_or_else(|| format!("{} holds no page; `cargo xtask web` makes one", site.display()))?;
    println!("cargo::rerun-if-changed={}", site.display());
    let mut files = Vec::new();
    list(&site, &mut files)?;
    files.sort();
    let mut source = String::from("&[\n");
    for file in files {
        let name = file.strip_prefix(&site).map_err(|error| error.to_string())?;
        let name = name.to_str().ok_or_else(|| format!("{} is no UTF-8", file.display()))?;
        writeln!(
            source,
            "File {{ path: {name:?}, bytes: include_bytes!({:?}) }},",
            file.display().to_string()
        )
        .map_err(|error| error.to_string())?;
    }
    source.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no place to write to")?);
    fs::write(out.join("files.rs"), source).map_err(|error| error.to_string())
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_dir() { list(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
