//! Places of illustrations: `[Illustration]`, or `[Illustration: a caption]`, which may have several paragraphs.

use super::brackets::{begins_with, passages};
use super::cutter::Cutter;

/// The maximum length of a caption, in bytes.
const MAX_BYTES: usize = 2000;

/// Removes the places of illustrations with their captions.
pub fn clean(text: &str) -> (String, usize) {
    let mut cutter = Cutter::new(text);
    let places = passages(text, MAX_BYTES, |rest| begins_with(rest, "illustration"));
    let count = places.into_iter().map(|place| cutter.cut(place)).count();
    (cutter.finish(), count)
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn illustrations_go_with_their_captions() {
        let text = "The bell rang.\n\n[Illustration:\n\n“The _bell_”\n\n[_Copyright, by A. B._]]\n\n\nThe goat ran. \
                    [Illustration]\nIt [ILLUSTRATION: Fig. 2] was late.\n";
        assert_eq!(clean(text), ("The bell rang.\n\n\nThe goat ran.\nIt was late.\n".into(), 3));
    }

    #[test]
    fn other_brackets_and_marks_without_an_end_stay() {
        let long = format!("[Illustration: {}]", "the bell ".repeat(300));
        for text in
            ["[Illustrated by A. B.]", "[An illustration]", "[Illustration: the bell\n\nrang", "Illustration]", &long]
        {
            assert_eq!(clean(text), (text.into(), 0));
        }
    }
}
