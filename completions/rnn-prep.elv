
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
            cand -o 'Where the token file goes'
            cand --output 'Where the token file goes'
            cand --inspect 'Print what is in a token file, and its first tokens, and do nothing else'
            cand --threads 'Processor cores to use; all if nothing is said'
            cand --column 'The inputs are CSV or JSON Lines, and this column or field of each row is a document'
            cand --level 'What a token is; a word if nothing is said'
            cand --language 'The text''s language, as two letters; French (fr) and Italian (it) cut l’homme and dell''arte in two'
            cand --min-count 'Words seen less often than this in the training part become `<unk>`'
            cand --max-vocab 'Keep at most the N most frequent words'
            cand --vocab 'Take the vocabulary of a token file, a model, a tokenizer.json, or a list with a token a line'
            cand --embeddings 'Store the word vectors of a GloVe or word2vec text file for rnn-train to start from'
            cand --valid 'Share of the text held out at its end to validate on'
            cand --test 'Share of the text held out after that to test on'
            cand --valid-file 'Validate on this file instead of on a share; may be repeated'
            cand --test-file 'Test on this file instead of on a share; may be repeated'
            cand --split-by 'Where the text may be split; with --lines or --column between documents, else anywhere'
            cand --config 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone'
            cand --json 'Print the report as JSON: on standard output, or on standard error if the token file goes there'
            cand --lines 'Each line is a document of its own, between marks of its begin and end'
            cand --lossy 'Replace bytes that are not UTF-8, and NUL, by U+FFFD instead of refusing them'
            cand --unwrap 'Join the wrapped lines of prose paragraphs; verse and indented lines keep their breaks'
            cand --classic 'Lower-case the text and drop everything but letters, digits and blanks'
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
