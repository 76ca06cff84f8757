//! The library's enums as option values: their names on the command line, and their help.

use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::corpus::cleaning::{Kind, Kinds};
use crate::dataset::SplitBy;
use crate::generate::UnknownWordPolicy;
use crate::model::Cell;
use crate::schedule::Schedule;
use crate::settings::{Optimizer, OutputBias, Preset};

macro_rules! value_enum {
    ($type:ident { $($variant:ident $name:literal $help:literal)* }) => {
        impl ValueEnum for $type {
            fn value_variants<'a>() -> &'a [Self] {
                &[$(Self::$variant),*]
            }

            fn to_possible_value(&self) -> Option<PossibleValue> {
                Some(match self { $(Self::$variant => PossibleValue::new($name).help($help),)* })
            }
        }
    };
}

value_enum!(Cell {
    Lstm "lstm" "Long short-term memory (Hochreiter and Schmidhuber 1997)"
    Gru "gru" "Gated recurrent unit (Cho et al. 2014)"
    RnnTanh "rnn-tanh" "Elman network with tanh (Elman 1990)"
    RnnRelu "rnn-relu" "Elman network with max(x, 0)"
});

value_enum!(Schedule {
    Constant "constant" "The same rate throughout"
    Step "step" "Multiplied by a factor every few epochs"
    Cosine "cosine" "Linear warm-up to the rate, then cosine decay to zero"
    OneCycle "one-cycle" "Linear warm-up from 1/20 of the rate, then cosine decay to 1/200"
    Plateau "plateau" "Multiplied by a factor when the validation loss stops falling"
});

value_enum!(Optimizer {
    Adamw "adamw" "Adam with decoupled weight decay (Loshchilov and Hutter 2019)"
    Adam "adam" "Adam, with weight decay as part of the gradient (Kingma and Ba 2015)"
    Sgd "sgd" "Stochastic gradient descent, with optional momentum"
    NtAsgd "nt-asgd" "SGD that averages the weights once the validation loss stops falling (Merity et al. 2017)"
});

value_enum!(OutputBias {
    Zero "zero" "Zeros"
    Unigram "unigram" "The logarithms of the word frequencies"
    FixedUnigram "fixed-unigram" "The logarithms of the word frequencies, not trained"
});

value_enum!(Preset {
    Small "small" "Best for one book, in a minute or two: one layer, tied weights, heavy dropout, label smoothing"
    Classic "classic" "As in many tutorials: embedding 100, two layers of 150, dropout 0.2, Adam"
    Char "char" "For characters: embedding 128, two layers of 512, sequences of 100"
    Awd "awd" "AWD-LSTM's sizes and dropout, with Adam and a one-cycle schedule: for a GPU and a few million words"
});

value_enum!(SplitBy {
    Token "token" "Anywhere, so that the fractions are exact"
    Document "document" "Between documents: files, or lines or rows with --lines or --column"
    Chapter "chapter" "Before chapter headings, and between files"
});

value_enum!(UnknownWordPolicy {
    Skip "skip" "Leave it out, and report it"
    Unk "unk" "Feed the model its unknown token"
    Nearest "nearest" "Replace it with the known word with the closest spelling"
    Error "error" "Fail, and write nothing"
});

value_enum!(Kind {
    Transcriber "transcriber" "Notes of transcribers, in brackets or at the start or end of the text"
    Illustrations "illustrations" "[Illustration] and [Illustration: a caption]"
    Footnotes "footnotes" "Marks of footnotes such as [1], and the labels of the notes"
    Emphasis "emphasis" "The marks of _italics_ and =bold="
    Hyphens "hyphens" "Hyphens at line ends in words that the text also has without one"
    Invisible "invisible" "Soft hyphens, zero-width spaces, word joiners and byte order marks"
});

/// Parses a value of --clean: one kind, all or none.
pub fn cleaning() -> impl TypedValueParser<Value = Kinds> {
    let kinds = Kind::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let others = [PossibleValue::new("all").help("All of them"), PossibleValue::new("none").help("None of them")];
    PossibleValuesParser::new(kinds.chain(others)).map(|name| match &*name {
        "all" => Kind::ALL.into(),
        name => Kind::from_str(name, false).into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_names_that_files_use() {
        fn check<T: ValueEnum + serde::Serialize>() {
            for value in T::value_variants() {
                let name = value.to_possible_value().unwrap();
                assert_eq!(serde_json::to_value(value).unwrap(), name.get_name());
            }
        }
        check::<Cell>();
        check::<Schedule>();
        check::<Optimizer>();
        check::<OutputBias>();
        check::<SplitBy>();
        check::<Kind>();
    }
}
