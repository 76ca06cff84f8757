//! The JSON record of a text: the text, the probability of each piece, and what is needed to reproduce it.

use rnn_tools::cli::generate::Args;
use rnn_tools::generate::novelty::Novelty;
use rnn_tools::generate::{FinishReason, GenerationRequest, LanguageModel, Piece, Sequence};
use serde_json::{Value, json};

/// The fields that all texts of a run have in common.
pub struct Record {
    /// Whether a saved text is continued with its own random generator; then there is no seed.
    pub from_state: bool,
    pub models: Value,
    pub settings: Value,
}

impl Record {
    pub fn new(args: &Args, models: &[LanguageModel], fingerprints: &[String], request: &GenerationRequest) -> Self {
        let models = models.iter().zip(&args.model).zip(fingerprints).map(|((model, path), fingerprint)| {
            json!({"path": path.to_string_lossy(), "fingerprint": fingerprint, "data": model.training.data})
        });
        Self { from_state: false, models: models.collect(), settings: settings(args, request) }
    }

    pub fn text(
        &self,
        sequence: &Sequence,
        request: &GenerationRequest,
        pieces: &[Piece],
        end: Option<FinishReason>,
        novelty: Option<&Novelty>,
    ) -> Value {
        let generated: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        let measured = |of: &dyn Fn(&rnn_tools::generate::TokenStats) -> Value| -> Value {
            pieces.iter().map(|piece| piece.stats.as_ref().map_or(Value::Null, of)).collect()
        };
        let unknown = sequence.unknown.iter().map(
            |word| json!({"word": word.word, "line": word.line, "column": word.column, "taken": word.replacement}),
        );
        let mut object = json!({
            "text": format!("{}{generated}", request.seed_text),
            "seed_text": request.seed_text,
            "generated_text": generated,
            "num_words": pieces.iter().filter(|piece| piece.is_word).count(),
            "end": end.map(FinishReason::name),
            "tokens": pieces.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>(),
            "probabilities": measured(&|m| number(m.probability)),
            "sampling_probabilities": pieces.iter().map(|piece| number(piece.probability)).collect::<Vec<_>>(),
            "ranks": measured(&|m| json!(m.rank)),
        });
        if request.alternatives.is_some_and(|count| count > 0) {
            object["alternatives"] = measured(&|m| {
                let one = |(token, p): &(u32, f32)| json!({"token": sequence.tokenizer().piece(*token), "probability": number(*p)});
                m.alternatives.iter().map(one).collect()
            });
        }
        if let Some(novelty) = novelty {
            object["novelty"] = json!({
                "runs": novelty.runs,
                "copied": novelty.copied,
                "longest_words": novelty.longest_words,
                "longest": novelty.longest,
            });
        }
        object["unknown_words"] = unknown.collect();
        object["random_seed"] = if self.from_state { Value::Null } else { json!(request.random_seed) };
        object["sample"] = json!(request.sample_index + 1);
        object["settings"] = self.settings.clone();
        object["models"] = self.models.clone();
        object["version"] = json!(env!("CARGO_PKG_VERSION"));
        object
    }
}

/// Returns the settings, named after the options.
fn settings(args: &Args, request: &GenerationRequest) -> Value {
    let schedule = &request.sampling.schedule;
    let s = &request.sampling;
    json!({
        "words": request.num_words,
        "chars": args.chars,
        "sentences": args.sentences,
        "paragraphs": args.paragraphs,
        "until": args.until,
        "temperature": if schedule.is_empty() { number(s.temperature) } else { json!(args.temperature) },
        "top_k": s.top_k,
        "top_p": number(s.top_p),
        "min_p": number(s.min_p),
        "typical": number(s.typical_p),
        "repetition_penalty": number(s.repetition_penalty),
        "presence_penalty": number(s.presence_penalty),
        "frequency_penalty": number(s.frequency_penalty),
        "penalty_window": s.penalty_window,
        "no_repeat_ngram": s.no_repeat_ngram_size,
        "bias": args.bias,
        "ban": args.ban,
        "allow_unk": args.allow_unk,
        "unknown": format!("{:?}", args.unknown).to_lowercase(),
        "no_copy": args.no_copy,
        "beams": args.beams,
        "length_penalty": args.beams.map(|_| args.length_penalty),
        "mix": args.mix.iter().map(|&weight| number(weight)).collect::<Vec<_>>(),
        "turns": args.turns,
    })
}

/// Converts a number without spurious digits: 0.1, not 0.10000000149.
fn number(x: f32) -> Value {
    json!(x.to_string().parse::<f64>().unwrap_or(f64::NAN))
}
