//! Parents on disk: found beside the child or by name, proven by id, and never
//! followed out of the folder.

use std::fs;
use std::path::{Path, PathBuf};

use vhault_core::units::ByteCount;
use vhault_core::vhd::{ChainError, NewDisk, NewKind, NewParent};
use vhault_datapath::convert::{ConvertError, ConvertOptions, Format, convert};
use vhault_datapath::disk::{Disk, OpenOptions};
use vhault_datapath::image::ImageError;
use vhault_datapath::monitor::Silent;
use vhault_datapath::sink::{ImageSink, Layout};

/// Writes an empty image with id `id`; a child names the parent `(id, path)`.
fn write(path: &Path, id: u8, parent: Option<(u8, &str)>) {
    fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder can be made");
    let disk = NewDisk {
        kind: if parent.is_some() { NewKind::Differencing } else { NewKind::Dynamic },
        size: ByteCount::new(1 << 20),
        block_bytes: 1 << 21,
        unique_id: [id; 16],
        created_seconds_since_2000: 0,
        parent: parent.map(|(id, relative)| NewParent {
            unique_id: [id; 16],
            created: 0,
            relative: relative.into(),
        }),
        azure: false,
    };
    let layout = Layout::Vhd(disk.lay_out([]).expect("it can be laid out"));
    let sink = ImageSink::create(path, layout, true).expect("a file can be made");
    sink.finish().expect("it can be finished");
}

fn open(path: &Path, parents: &[PathBuf]) -> Result<Vec<PathBuf>, ImageError> {
    let options = OpenOptions { parents: parents.to_vec(), ..OpenOptions::default() };
    Disk::open(path, &options).map(|disk| disk.paths().map(Path::to_owned).collect())
}

#[test]
fn a_parent_is_found_in_a_folder_below_and_else_by_its_bare_name() {
    let folder = tempfile::tempdir().unwrap();
    let child = folder.path().join("child.avhd");
    write(&child, 2, Some((1, "sub\\base.vhd")));
    let beside = folder.path().join("base.vhd");
    write(&beside, 1, None);
    assert_eq!(open(&child, &[]).unwrap(), [child.clone(), beside]);
    let below = folder.path().join("sub/base.vhd");
    write(&below, 1, None);
    assert_eq!(open(&child, &[]).unwrap(), [child, below]);
}

#[test]
fn a_named_parent_comes_before_the_one_beside() {
    let folder = tempfile::tempdir().unwrap();
    let (child, beside) = (folder.path().join("child.avhd"), folder.path().join("base.vhd"));
    let named = folder.path().join("elsewhere/other.vhd");
    write(&child, 2, Some((1, "base.vhd")));
    write(&beside, 1, None);
    write(&named, 1, None);
    assert_eq!(open(&child, std::slice::from_ref(&named)).unwrap(), [child, named]);
}

#[test]
fn a_file_of_the_right_name_and_another_id_is_no_parent() {
    let folder = tempfile::tempdir().unwrap();
    let child = folder.path().join("child.avhd");
    write(&child, 2, Some((1, "base.vhd")));
    write(&folder.path().join("base.vhd"), 9, None);
    let error = open(&child, &[]).unwrap_err();
    let ImageError::MissingParent { tried, .. } = &error else { panic!("{error:?}") };
    assert_eq!(tried[0].found.as_deref(), Some("09".repeat(16).as_str()));
    assert!(error.to_string().contains("--parent FILE"), "{error}");
}

#[test]
fn a_path_out_of_the_folder_is_not_followed_even_when_the_parent_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("base.vhd");
    write(&outside, 1, None);
    let child = folder.path().join("inner/child.avhd");
    for hostile in ["..\\base.vhd", "x\\..\\..\\base.vhd", outside.to_str().unwrap()] {
        write(&child, 2, Some((1, hostile)));
        assert!(matches!(open(&child, &[]), Err(ImageError::MissingParent { .. })), "{hostile}");
    }
    assert_eq!(open(&child, std::slice::from_ref(&outside)).unwrap(), [child, outside]);
}

#[test]
fn an_image_that_asks_for_itself_is_a_loop() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own.avhd");
    write(&own, 2, Some((2, "own.avhd")));
    let error = open(&own, &[]).unwrap_err();
    assert!(
        matches!(error, ImageError::Chain { source: ChainError::Loop { first: 0, second: 1, .. }, .. }),
        "{error:?}"
    );
}

#[test]
fn two_images_that_ask_for_each_other_are_a_loop() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one.avhd"), folder.path().join("two.avhd"));
    write(&one, 1, Some((2, "two.avhd")));
    write(&two, 2, Some((1, "one.avhd")));
    let error = open(&one, &[]).unwrap_err();
    assert!(matches!(error, ImageError::Chain { source: ChainError::Loop { .. }, .. }), "{error:?}");
}

#[test]
fn a_source_is_never_converted_onto_itself_or_its_parent() {
    let folder = tempfile::tempdir().unwrap();
    let (child, base) = (folder.path().join("child.avhd"), folder.path().join("base.vhd"));
    write(&child, 2, Some((1, "base.vhd")));
    write(&base, 1, None);
    let source = Disk::open(&child, &OpenOptions::default()).unwrap();
    let before = fs::read(&base).unwrap();
    let options = ConvertOptions { format: Format::Fixed, parent: None, azure: false, replace: true };
    for target in [&child, &base] {
        let refused = convert(&source, target, &options, &Silent).unwrap_err();
        assert!(matches!(refused, ConvertError::TargetIsSource { .. }), "{refused:?}");
    }
    assert_eq!(fs::read(&base).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}
