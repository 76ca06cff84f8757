//! What is ordered, and one text in the making.

use rnn_tools::generate::{Author, End, Measure, Piece, Prompt, Request, Scratch, Sequence, measure};

pub struct Order {
    prompt: Prompt,
    /// From here on the tokens of the prompt are measured, with so many alternatives for each.
    measured: Option<(usize, usize)>,
    /// None where nothing is to be written.
    writing: Option<Writing>,
}

pub struct Writing {
    pub request: Request,
    /// Texts from one prompt, each with a stream of random numbers of its own.
    pub samples: usize,
}

impl Order {
    /// Texts that go on from `seed_text`. Words that the model does not know are left out; where it knows none, it reads
    /// that unknown words stand there. They are named beside the order.
    pub fn write(author: &Author, seed_text: &str, writing: Writing) -> (Self, Vec<String>) {
        let prompt = Prompt::typed(&author.tokenizer, seed_text);
        let unknown = prompt.unknown.iter().map(|word| word.word.clone()).collect();
        (Self { prompt, measured: None, writing: Some(writing) }, unknown)
    }

    /// The same after given tokens, all of them below vocab_size.
    pub fn write_after(author: &Author, ids: &[u32], writing: Writing) -> Self {
        Self { prompt: Prompt::tokens(&author.tokenizer, ids), measured: None, writing: Some(writing) }
    }

    /// How likely the tokens of a text are. It is read as the book spells it.
    pub fn measure(author: &Author, text: &str, alternatives: usize) -> Self {
        let mut prompt = Prompt::typed(&author.tokenizer, "");
        let begin = prompt.ids.len();
        prompt.ids.extend(author.tokenizer.encode(text));
        Self { prompt, measured: Some((begin, alternatives)), writing: None }
    }

    pub fn samples(&self) -> usize {
        self.writing.as_ref().map_or(1, |writing| writing.samples)
    }

    /// What the network reads first.
    pub fn ids(&self) -> &[u32] {
        &self.prompt.ids
    }

    /// Up to here it reads without being asked what comes next.
    pub fn unmeasured(&self) -> usize {
        self.measured.map_or(self.prompt.ids.len(), |(begin, _)| begin)
    }
}
