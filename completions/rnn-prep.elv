
use builtin;
use str;

set edit:completion:arg-completer[rnn-prep] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'rnn-prep'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'rnn-prep'= {
            cand -o 'Write the token file here'
            cand --output 'Write the token file here'
            cand --inspect 'Describe a token file and show its first tokens'
            cand --threads 'Number of threads [default: all cores]'
            cand --column 'Read CSV or JSON Lines and treat this column or field of each row as a document'
            cand --level 'The unit of a token [default: word]'
            cand --language 'Two-letter code of the text''s language; French (fr) and Italian (it) split l’homme and dell''arte in two'
            cand --min-count 'Replace words that occur fewer than N times in the training part with `<unk>`'
            cand --max-vocab 'Keep only the N most frequent words'
            cand --vocab 'Use the vocabulary of a token file, a model, a tokenizer.json, or a list with one token per line'
            cand --embeddings 'Store word vectors from a GloVe or word2vec text file as initial embeddings for rnn-train'
            cand --valid 'Fraction of the text to hold out for validation, taken from the end'
            cand --test 'Fraction of the text to hold out for testing, taken from the end, after the validation part'
            cand --valid-file 'Validate on this file instead of a held-out fraction; may be repeated'
            cand --test-file 'Test on this file instead of a held-out fraction; may be repeated'
            cand --split-by 'Where the text may be split [default: document with --lines or --column, otherwise token]'
            cand --config 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone'
            cand --json 'Print the report as JSON, on standard output or, if the token file goes there, on standard error'
            cand --lines 'Treat each line as a document and enclose it in `<bos>` and `<eos>`'
            cand --lossy 'Replace NUL and invalid UTF-8 with U+FFFD instead of failing'
            cand --unwrap 'Join the wrapped lines of prose paragraphs; leave verse and indented lines as they are'
            cand --classic 'Lower-case the text and drop everything except letters, digits and spaces'
            cand --print-config 'Print the options that are in effect as JSON, for --config, and do nothing else'
            cand -v 'Say more on standard error; twice for debugging'
            cand --verbose 'Say more on standard error; twice for debugging'
            cand -q 'Say nothing on standard error but errors'
            cand --quiet 'Say nothing on standard error but errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
    ]
    $completions[$command]
}
