//! Given: the files a person gave, opened, and which belongs to which.

use vhault_core::read::ReadAt;
use vhault_core::vhd::{Chain, ChainError, Image, Leniency, OpenError};

use crate::text::{self, Both};

/// A file with the name to show.
#[derive(Clone, Debug)]
pub struct Named<S> {
    /// Its bare name.
    pub name: String,
    /// Its bytes.
    pub source: S,
}

/// A file that could not be read as an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which of the given files.
    pub file: usize,
    /// Why.
    pub why: Both,
}

/// The given files: images, and refusals.
#[derive(Debug)]
pub struct Given<S> {
    names: Vec<String>,
    images: Vec<(usize, Image<S>)>,
    /// Those that are no images, in the given order.
    pub refused: Vec<Refusal>,
}

/// Why a source could not be read, as a person should hear it.
pub trait Explain {
    /// In every language.
    fn explain(&self) -> Both;
}

impl Explain for core::convert::Infallible {
    fn explain(&self) -> Both {
        match *self {}
    }
}

impl<S: ReadAt> Given<S>
where
    S::Error: Explain,
{
    /// Opens all files.
    pub fn open(files: impl IntoIterator<Item = Named<S>>) -> Given<S> {
        let mut given = Given { names: Vec::new(), images: Vec::new(), refused: Vec::new() };
        for (file, named) in files.into_iter().enumerate() {
            given.names.push(named.name);
            match Image::open(named.source, Leniency::Strict) {
                Ok(image) => given.images.push((file, image)),
                Err(error) => given.refused.push(Refusal { file, why: explain_open(&error) }),
            }
        }
        given
    }

    /// The name of a file.
    pub fn name(&self, file: usize) -> &str {
        self.names.get(file).map_or("", String::as_str)
    }

    /// Those that no other image has as its parent, in the given order. Where
    /// images name each other in a circle, all of that circle.
    pub fn tips(&self) -> Vec<usize> {
        let is_parent = |image: &Image<S>| {
            image.unique_id().is_some_and(|id| {
                self.images.iter().any(|(_, child)| child.parent().is_some_and(|link| link.unique_id == id))
            })
        };
        let tips: Vec<usize> =
            self.images.iter().filter(|(_, image)| !is_parent(image)).map(|(file, _)| *file).collect();
        if tips.is_empty() { self.images.iter().map(|(file, _)| *file).collect() } else { tips }
    }

    /// The image of `file` and its parents as far as they were given, child
    /// first; never one twice.
    pub fn chain(&self, file: usize) -> Vec<(usize, &Image<S>)> {
        let mut chain: Vec<(usize, &Image<S>)> = Vec::new();
        let mut next = self.images.iter().find(|(index, _)| *index == file);
        while let Some((index, image)) = next {
            if chain.iter().any(|(seen, _)| seen == index) {
                break;
            }
            chain.push((*index, image));
            next = image.parent().and_then(|link| {
                self.images.iter().find(|(_, parent)| parent.unique_id() == Some(link.unique_id))
            });
        }
        chain
    }
}

/// Joins `file` of `files` and its parents into a chain to read from.
///
/// # Errors
///
/// Why that is not possible, for people.
pub fn join<S: ReadAt + Clone>(files: &[Named<S>], file: usize) -> Result<Chain<S>, Both>
where
    S::Error: Explain,
{
    let given = Given::open(files.iter().cloned());
    if let Some(refusal) = given.refused.iter().find(|refusal| refusal.file == file) {
        return Err(refusal.why.clone());
    }
    let order: Vec<usize> = given.chain(file).iter().map(|(index, _)| *index).collect();
    let mut images: Vec<Option<Image<S>>> = Vec::new();
    for (index, image) in given.images {
        images.resize_with(images.len().max(index + 1), || None);
        images[index] = Some(image);
    }
    let chain = order.iter().filter_map(|index| images.get_mut(*index)?.take()).collect();
    Chain::join(chain).map_err(|error: ChainError| text::of_chain_error(&error))
}

/// Why an image could not be opened.
pub fn explain_open<E: Explain>(error: &OpenError<E>) -> Both {
    match error {
        OpenError::Format(error) => text::of_vhd_error(error),
        OpenError::Read { source, .. } => source.explain(),
    }
}
