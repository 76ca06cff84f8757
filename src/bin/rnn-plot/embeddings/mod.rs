//! Plots a map of the embeddings of the most frequent words, and lists the nearest neighbours of a word.

mod labels;
mod pca;

use std::io::Write;
use std::path::Path;

use rnn_tools::cli::plot::Embeddings as Arguments;
use rnn_tools::error::{Error, Result};
use rnn_tools::format::{self, count};
use rnn_tools::model::{ModelFile, Tensor};
use rnn_tools::text::{Tokenizer, UNKNOWN_ID};

use crate::canvas::{Align, Canvas, LABEL, MARGIN, Picture, Point, SMALL};
use crate::output::Output;
use crate::wording;
use labels::LabelLayout;

const TITLE: &str = "Embeddings";
const SIZE: (f64, f64) = (1400.0, 1000.0);
const TOP: f64 = 112.0;
const FOOT: f64 = 84.0;
const DOT: f64 = 3.0;
/// The number of neighbours printed for a word.
const MAX_NEIGHBOURS: usize = 10;

pub fn show(args: &Arguments) -> Result<()> {
    if !args.neighbours.is_empty() {
        let file = ModelFile::read(&args.model)?;
        let table = neighbours(&file, &args.neighbours)?;
        return std::io::stdout().write_all(table.as_bytes()).map_err(Error::stdout);
    }
    let output = Output::new(&args.look, (args.size.width, args.size.height), "embeddings", &[&args.model])?;
    output.show(&Embeddings::new(&args.model, args.words as usize)?)
}

struct Embeddings {
    name: String,
    words: Vec<String>,
    points: Vec<Point>,
    /// Fractions of the variance along the two axes.
    explained_variance: (f64, f64),
}

impl Embeddings {
    fn new(path: &Path, max_words: usize) -> Result<Self> {
        let file = ModelFile::read(path)?;
        let ids: Vec<u32> = words(&file.tokenizer).take(max_words).collect();
        if ids.len() < 3 {
            return Err(Error::failure("a map needs at least three words"));
        }
        let vectors: Vec<&[f32]> = ids.iter().map(|&id| row(&file.tensors["embedding.weight"], id)).collect();
        let pca::Plane { points, explained_variance } = pca::plane(&vectors);
        let words = ids.iter().map(|&id| wording::token(file.tokenizer.piece(id))).collect();
        Ok(Self { name: wording::title(path), words, points, explained_variance })
    }
}

/// Ids of the words, which a vocabulary orders by descending frequency.
fn words(tokenizer: &Tokenizer) -> impl Iterator<Item = u32> + '_ {
    let is_word = |&id: &u32| tokenizer.is_word(id) && !tokenizer.piece(id).trim().is_empty();
    (UNKNOWN_ID + 1..tokenizer.len() as u32).filter(is_word)
}

fn row(embedding: &Tensor, id: u32) -> &[f32] {
    let size = embedding.shape[1];
    &embedding.data[id as usize * size..(id as usize + 1) * size]
}

/// A table of the words with the highest cosine similarity to each of `queries`.
fn neighbours(file: &ModelFile, queries: &[String]) -> Result<String> {
    let embedding = &file.tensors["embedding.weight"];
    let norm = |row: &[f32]| row.iter().map(|x| f64::from(x * x)).sum::<f64>().sqrt().max(1e-30);
    let mut table = String::from("word\tneighbour\tcosine\n");
    for word in queries {
        let own = match file.tokenizer.encode_typed(word) {
            (ids, unknown) if ids.len() == 1 && unknown.is_empty() => ids[0],
            _ => {
                return Err(Error::failure(format!("{word:?} is not a single token of the model"))
                    .hint("rnn-info shows the level at which the model splits text into tokens"));
            }
        };
        let vector = row(embedding, own);
        let cosine = |id: u32| {
            let other = row(embedding, id);
            let product: f64 = vector.iter().zip(other).map(|(a, b)| f64::from(a * b)).sum();
            product / norm(vector) / norm(other)
        };
        let mut all: Vec<(f64, u32)> =
            words(&file.tokenizer).filter(|&id| id != own).map(|id| (cosine(id), id)).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (cosine, id) in all.into_iter().take(MAX_NEIGHBOURS) {
            let (word, other) = (wording::token(file.tokenizer.piece(own)), wording::token(file.tokenizer.piece(id)));
            table += &format!("{word}\t{other}\t{cosine:.4}\n");
        }
    }
    Ok(table)
}

impl Picture for Embeddings {
    fn title(&self) -> String {
        format!("Map of the {} most frequent words of {}", self.words.len(), self.name)
    }

    fn draw(&self, canvas: &mut Canvas) {
        let (width, height) = canvas.resize(SIZE.0, SIZE.1, 0.0);
        let theme = canvas.theme;
        let (from, to) = ((MARGIN, TOP), (width - MARGIN, height - FOOT));
        let inner = ((from.0 + 16.0, from.1 + 16.0), (to.0 - 16.0, to.1 - 16.0));
        let points = spread(&self.points, inner);

        let mut room = LabelLayout::new(from, to);
        points.iter().for_each(|&place| room.take((place.0 - DOT, place.1 - DOT), (place.0 + DOT, place.1 + DOT)));
        let mut unlabelled = 0;
        for (word, &place) in self.words.iter().zip(&points) {
            canvas.disc(place, DOT, theme.series[0]);
            match room.beside(place, (canvas.width(SMALL, word), SMALL.size), DOT + 3.0) {
                Some((x, y)) => canvas.text(word, SMALL, theme.ink, Align::Left, (x, y + 0.78 * SMALL.size)),
                None => unlabelled += 1,
            }
        }
        let subject = format!("{} · the {} most frequent words", self.name, count(self.words.len()));
        canvas.heading(TITLE, &subject, width - MARGIN);
        let note = format!(
            "The first two principal components: {} of the variance across, {} up.",
            format::percent(self.explained_variance.0),
            format::percent(self.explained_variance.1)
        );
        let note = wording::shortened(&note, |note| canvas.width(LABEL, note) <= width - 2.0 * MARGIN);
        canvas.text(&note, LABEL, theme.quiet, Align::Left, (MARGIN, height - 44.0));
        if unlabelled > 0 {
            let left = format!("{} without room for a label", format::plural(unlabelled, "word", "words"));
            canvas.text(&left, LABEL, theme.quiet, Align::Left, (MARGIN, height - 16.0));
        }
    }
}

/// Scales points to fill a rectangle, with y pointing up.
fn spread(points: &[Point], (from, to): (Point, Point)) -> Vec<Point> {
    let range = |of: fn(&Point) -> f64| {
        let (low, high) = points.iter().map(of).fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        (low, (high - low).max(1e-30))
    };
    let ((x, width), (y, height)) = (range(|p| p.0), range(|p| p.1));
    let place = |p: &Point| (from.0 + (to.0 - from.0) * (p.0 - x) / width, to.1 - (to.1 - from.1) * (p.1 - y) / height);
    points.iter().map(place).collect()
}
