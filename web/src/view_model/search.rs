//! Search: which of many names a few typed letters mean.

/// How well a name fits; less is better. `None` where it does not.
///
/// Every typed word must occur. A name that begins with it beats a name that
/// has a word that does, and that beats a name that has it somewhere.
pub fn rank(typed: &str, name: &str) -> Option<usize> {
    let name = name.to_lowercase();
    let mut sum = 0;
    for word in typed.to_lowercase().split_whitespace() {
        let at = name.find(word)?;
        let begins_word = name[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
        sum += match (at, begins_word) {
            (0, _) => 0,
            (_, true) => 1,
            _ => 2,
        };
    }
    Some(sum)
}

/// The places of the names that fit, best first; of equals, as they came.
pub fn found<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let mut places: Vec<(usize, usize)> =
        names.enumerate().filter_map(|(place, name)| Some((rank(typed, name)?, place))).collect();
    places.sort_unstable();
    places.into_iter().map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_beats_a_word_and_a_word_beats_the_middle() {
        let names = ["Recompare", "Go to compare", "Compare", "Inspect"];
        assert_eq!(found("comp", names.into_iter()), [2, 1, 0]);
    }

    #[test]
    fn all_words_must_occur_in_any_order_and_case() {
        assert!(rank("GO comp", "Compare: go there").is_some());
        assert_eq!(rank("go there now", "Compare: go there"), None);
        assert_eq!(rank("", "anything"), Some(0));
    }

    #[test]
    fn korean_is_found_by_its_letters() {
        assert_eq!(found("비교", ["검사", "두 디스크 비교"].into_iter()), [1]);
    }
}
