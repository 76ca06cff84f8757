//! Counting the n-grams of a text into a trie.

use super::TrieLevel;

/// The levels of n-grams of length 1 to `order`, with the counts and discounts of Kneser-Ney.
pub fn levels(text: &[u32], vocab_size: usize, order: usize) -> Vec<TrieLevel> {
    let (mut levels, firsts) = distinct(text, vocab_size, order);
    for length in 1..order {
        let counts = continuation_counts(text, &levels, &firsts[length], length);
        let level = &mut levels[length - 1];
        // An n-gram that stands only at the beginning of the text has nothing before it; it counts as one.
        level.counts.iter_mut().zip(counts).for_each(|(raw, count)| *raw = count.max((*raw).min(1)));
    }
    for level in &mut levels {
        level.discounts = discounts(&level.counts);
    }
    levels
}

/// The trie with raw counts, and for each level the place in the text where each n-gram first stands.
fn distinct(text: &[u32], vocab_size: usize, order: usize) -> (Vec<TrieLevel>, Vec<Vec<usize>>) {
    let at = |place: usize, length: usize| &text[place..text.len().min(place + length)];
    let mut places: Vec<usize> = (0..text.len()).collect();
    places.sort_unstable_by(|&a, &b| at(a, order).cmp(at(b, order)));

    let mut levels = vec![TrieLevel::default(); order];
    let mut firsts = vec![Vec::new(); order];
    // The first level holds every token, seen or not, so that a token is its own index.
    levels[0].tokens = (0..vocab_size as u32).collect();
    levels[0].counts = vec![0; vocab_size];
    firsts[0] = vec![0; vocab_size];
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); order];
    children[0] = vec![0; vocab_size];
    let mut previous: &[u32] = &[];
    for &place in &places {
        let gram = at(place, order);
        let shared = gram.iter().zip(previous).take_while(|(a, b)| a == b).count();
        for (index, &token) in gram.iter().enumerate() {
            if index == 0 {
                levels[0].counts[token as usize] += 1;
                firsts[0][token as usize] = place;
                continue;
            }
            if index >= shared {
                levels[index].tokens.push(token);
                levels[index].counts.push(0);
                firsts[index].push(place);
                children[index].push(0);
                let parent = if index == 1 { gram[0] as usize } else { children[index - 1].len() - 1 };
                children[index - 1][parent] += 1;
            }
            *levels[index].counts.last_mut().expect("an n-gram was just there") += 1;
        }
        previous = gram;
    }
    // Numbers of children to where they begin.
    for (level, children) in levels.iter_mut().zip(children).take(order - 1) {
        let mut begin = 0;
        level.children = std::iter::once(0).chain(children.into_iter().map(|n| (begin += n, begin).1)).collect();
    }
    (levels, firsts)
}

/// How many different tokens stand before each n-gram of `length`: how many n-grams one longer end in it.
/// `longer`: where each of those stands in the text.
fn continuation_counts(text: &[u32], levels: &[TrieLevel], longer: &[usize], length: usize) -> Vec<u32> {
    let mut counts = vec![0; levels[length - 1].tokens.len()];
    for &place in longer {
        let gram = &text[place + 1..place + 1 + length];
        let mut range = 0..levels[0].tokens.len();
        let mut index = 0;
        for (level, token) in levels.iter().zip(gram) {
            index = range.start + level.tokens[range.clone()].binary_search(token).expect("the end of an n-gram");
            if let [begin, end] = level.children.get(index..index + 2).unwrap_or_default() {
                range = *begin as usize..*end as usize;
            }
        }
        counts[index] += 1;
    }
    counts
}

/// The discounts that Chen and Goodman derive from how many n-grams have the counts 1 to 4; 0.5, 1 and 1.5 where
/// a text is too small to say.
fn discounts(counts: &[u32]) -> [f32; 3] {
    let of = |count: u32| counts.iter().filter(|&&c| c == count).count() as f64;
    let n = [of(1), of(2), of(3), of(4)];
    let y = n[0] / (n[0] + 2.0 * n[1]);
    std::array::from_fn(|i| {
        let count = (i + 1) as f64;
        let discount = count - (count + 1.0) * y * n[i + 1] / n[i];
        // Never all of a count: every n-gram of the book keeps something.
        if discount > 0.0 && discount < count { discount as f32 } else { 0.5 * count as f32 }
    })
}
