//! From a child on disk to its chain: each parent is found, then proven.
//!
//! A named file comes before what the child itself asks for, and the child is
//! only ever followed to files beside it. Whatever is found counts only when
//! it has the id that the child asks for.

use std::path::Path;

use vhault_core::digest::hex;
use vhault_core::vhd::{CHAIN_IMAGES_MAX, Chain, ChainError, Image, OpenError, ParentLink};

use crate::disk::OpenOptions;
use crate::image::{FileError, ImageError, ImageFile, Tried};

/// The images of a chain as far as they could be found, child first.
#[derive(Debug)]
pub struct Gathered {
    /// The images; each is the parent of the one before.
    pub images: Vec<Image<ImageFile>>,
    /// Why the last one's parent is not among them.
    pub missing: Option<ImageError>,
}

/// Opens `path` and every parent it needs, child first.
///
/// # Errors
///
/// An [`ImageError`] with the path it is about.
pub(crate) fn open(path: &Path, options: &OpenOptions) -> Result<Chain<ImageFile>, ImageError> {
    let gathered = gather(path, options)?;
    match gathered.missing {
        Some(missing) => Err(missing),
        None => {
            Chain::join(gathered.images).map_err(|source| ImageError::Chain { path: path.to_owned(), source })
        }
    }
}

/// Opens `path` and as many of its parents as can be found, child first.
///
/// # Errors
///
/// An [`ImageError`] with the path it is about; a missing parent is none.
pub fn gather(path: &Path, options: &OpenOptions) -> Result<Gathered, ImageError> {
    if options.raw {
        return Ok(Gathered {
            images: vec![Image::raw(ImageFile::open_through(path, options.medium.clone())?)],
            missing: None,
        });
    }
    let mut named = Vec::new();
    for parent in &options.parents {
        named.push(open_one(parent, options)?);
    }
    let mut images = vec![open_one(path, options)?];
    while let Some(link) = images.last().and_then(Image::parent).cloned() {
        let wanted = Some(link.unique_id);
        if let Some(first) = images.iter().position(|image| image.unique_id() == wanted) {
            let source = ChainError::Loop { first, second: images.len(), id: link.unique_id };
            return Err(ImageError::Chain { path: path.to_owned(), source });
        }
        if images.len() == CHAIN_IMAGES_MAX {
            let source = ChainError::TooDeep { images: images.len() + 1, limit: CHAIN_IMAGES_MAX };
            return Err(ImageError::Chain { path: path.to_owned(), source });
        }
        let parent = match named.iter().position(|image| image.unique_id() == wanted) {
            Some(place) => named.swap_remove(place),
            None => {
                let child = images.last().map_or(path, |image| image.source().path());
                match find_beside(child, &link, &named, options) {
                    Ok(parent) => parent,
                    Err(missing @ ImageError::MissingParent { .. }) => {
                        return Ok(Gathered { images, missing: Some(missing) });
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        images.push(parent);
    }
    Ok(Gathered { images, missing: None })
}

/// Opens one VHD.
///
/// # Errors
///
/// [`ImageError`] for this path.
pub(crate) fn open_one(path: &Path, options: &OpenOptions) -> Result<Image<ImageFile>, ImageError> {
    let file = ImageFile::open_through(path, options.medium.clone())?;
    Image::open(file, options.leniency).map_err(|error| explain_open(path, error))
}

fn explain_open(path: &Path, error: OpenError<FileError>) -> ImageError {
    let path = path.to_owned();
    match error {
        OpenError::Read { offset, length, source } => ImageError::Read { path, offset, length, source },
        OpenError::Format(source) => ImageError::Format { path, source },
    }
}

/// The parent among the files beside `child` that it asks for.
fn find_beside(
    child: &Path,
    link: &ParentLink,
    named: &[Image<ImageFile>],
    options: &OpenOptions,
) -> Result<Image<ImageFile>, ImageError> {
    let id_of = |image: &Image<ImageFile>| image.unique_id().map(|id| hex(&id));
    let told = |image: &Image<ImageFile>| Tried { path: image.source().path().into(), found: id_of(image) };
    let mut tried: Vec<Tried> = named.iter().map(told).collect();
    let folder = child.parent().unwrap_or(Path::new(""));
    for candidate in link.candidates() {
        let path = folder.join(candidate);
        if !path.is_file() {
            tried.push(Tried { path, found: None });
            continue;
        }
        let image = open_one(&path, options)?;
        if image.unique_id() == Some(link.unique_id) {
            return Ok(image);
        }
        tried.push(told(&image));
    }
    Err(ImageError::MissingParent { child: child.to_owned(), wanted: hex(&link.unique_id), tried })
}
