//! Finding entries by words.

use alloc::string::String;
use alloc::vec::Vec;

use super::entry::Entry;
use super::id::AdviceId;

/// Ids whose id or texts hold every word of `words`, best match first.
///
/// A word found in the id weighs most, then the title, then the message, then
/// the remedy; both languages are looked at and letter case is not. Entries of
/// equal weight stay in catalogue order. No words, no results.
pub fn search(words: &str) -> Vec<AdviceId> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(u32, AdviceId)> = AdviceId::ALL
        .iter()
        .filter_map(|id| {
            let places = places(id.entry());
            let weights = words.iter().map(|word| weight(&places, word));
            weights.sum::<Option<u32>>().map(|weight| (weight, *id))
        })
        .collect();
    found.sort_by_key(|(weight, id)| (core::cmp::Reverse(*weight), *id));
    found.into_iter().map(|(_, id)| id).collect()
}

/// The texts of an entry in lower case, each with its weight.
fn places(entry: &Entry) -> Vec<(u32, String)> {
    let texts = [(4, Some(entry.title)), (2, Some(entry.message)), (1, entry.remedy)];
    let mut places = Vec::with_capacity(7);
    places.push((8, entry.id.code().to_lowercase()));
    for (weight, text) in texts {
        if let Some(text) = text {
            places.push((weight, text.en.to_lowercase()));
            places.push((weight, text.ko.to_lowercase()));
        }
    }
    places
}

fn weight(places: &[(u32, String)], word: &str) -> Option<u32> {
    places.iter().filter(|(_, text)| text.contains(word)).map(|(weight, _)| *weight).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_typed_in_lower_case_comes_first() {
        assert_eq!(search("bkp-16").first(), Some(&AdviceId::Bkp16));
    }

    #[test]
    fn words_of_either_language_find_the_entry() {
        assert_eq!(search("bitlocker locked").first(), Some(&AdviceId::Bkp16));
        assert_eq!(search("프리미엄").first(), Some(&AdviceId::Bkp17));
    }

    #[test]
    fn every_word_must_be_found() {
        assert!(search("bitlocker nonsenseword").is_empty());
        assert!(search("  ").is_empty());
    }
}
