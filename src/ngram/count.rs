//! Counts the n-grams of a text in a trie.

use super::TrieLevel;

/// Returns the levels of n-grams of length 1 to `order`, with the counts and discounts of Kneser-Ney.
pub fn levels(text: &[u32], vocab_size: usize, order: usize) -> Vec<TrieLevel> {
    let (mut levels, occurrences) = distinct(text, vocab_size, order);
    for length in 1..order {
        let counts = continuation_counts(text, &levels, &occurrences[length], length);
        let level = &mut levels[length - 1];
        // An n-gram that occurs only at the start of the text has no preceding token; its count is 1.
        level.counts.iter_mut().zip(counts).for_each(|(raw, count)| *raw = count.max((*raw).min(1)));
    }
    for level in &mut levels {
        level.discounts = discounts(&level.counts);
    }
    levels
}

/// Returns the trie with raw counts and, for each level, the position of one occurrence of each n-gram in the text.
fn distinct(text: &[u32], vocab_size: usize, order: usize) -> (Vec<TrieLevel>, Vec<Vec<usize>>) {
    let at = |position: usize, length: usize| &text[position..text.len().min(position + length)];
    let mut positions: Vec<usize> = (0..text.len()).collect();
    positions.sort_unstable_by(|&a, &b| at(a, order).cmp(at(b, order)));

    let mut levels = vec![TrieLevel::default(); order];
    let mut occurrences = vec![Vec::new(); order];
    // The first level contains every token, even if it does not occur, so that a token is its own index.
    levels[0].tokens = (0..vocab_size as u32).collect();
    levels[0].counts = vec![0; vocab_size];
    occurrences[0] = vec![0; vocab_size];
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); order];
    children[0] = vec![0; vocab_size];
    let mut previous: &[u32] = &[];
    for &position in &positions {
        let gram = at(position, order);
        let shared = gram.iter().zip(previous).take_while(|(a, b)| a == b).count();
        for (index, &token) in gram.iter().enumerate() {
            if index == 0 {
                levels[0].counts[token as usize] += 1;
                occurrences[0][token as usize] = position;
                continue;
            }
            if index >= shared {
                levels[index].tokens.push(token);
                levels[index].counts.push(0);
                occurrences[index].push(position);
                children[index].push(0);
                let parent = if index == 1 { gram[0] as usize } else { children[index - 1].len() - 1 };
                children[index - 1][parent] += 1;
            }
            *levels[index].counts.last_mut().expect("the n-gram was just added") += 1;
        }
        previous = gram;
    }
    // Converts numbers of children to the indices of the first child.
    for (level, children) in levels.iter_mut().zip(children).take(order - 1) {
        let mut begin = 0;
        level.children = std::iter::once(0).chain(children.into_iter().map(|n| (begin += n, begin).1)).collect();
    }
    (levels, occurrences)
}

/// Returns the number of different tokens that precede each n-gram of `length`: the number of n-grams of `length` + 1
/// that end in it. `longer`: a position of each of those in the text.
fn continuation_counts(text: &[u32], levels: &[TrieLevel], longer: &[usize], length: usize) -> Vec<u32> {
    let mut counts = vec![0; levels[length - 1].tokens.len()];
    for &position in longer {
        let gram = &text[position + 1..position + 1 + length];
        let mut range = 0..levels[0].tokens.len();
        let mut index = 0;
        for (level, token) in levels.iter().zip(gram) {
            index = range.start
                + level.tokens[range.clone()].binary_search(token).expect("every suffix of an n-gram is in the trie");
            if let [begin, end] = level.children.get(index..index + 2).unwrap_or_default() {
                range = *begin as usize..*end as usize;
            }
        }
        counts[index] += 1;
    }
    counts
}

/// Returns the discounts that Chen and Goodman derive from the numbers of n-grams with counts 1 to 4; 0.5, 1 and 1.5 if
/// the text is too short to estimate them.
fn discounts(counts: &[u32]) -> [f32; 3] {
    let of = |count: u32| counts.iter().filter(|&&c| c == count).count() as f64;
    let n = [of(1), of(2), of(3), of(4)];
    let y = n[0] / (n[0] + 2.0 * n[1]);
    std::array::from_fn(|i| {
        let count = (i + 1) as f64;
        let discount = count - (count + 1.0) * y * n[i + 1] / n[i];
        // Never the whole count: every n-gram of the text keeps some probability.
        if discount > 0.0 && discount < count { discount as f32 } else { 0.5 * count as f32 }
    })
}
