
use builtin;
use str;

set edit:completion:arg-completer[rnn-eval] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'rnn-eval'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'rnn-eval'= {
            cand -m 'The model file, or the folder that rnn-train made; repeat it to compare models'
            cand --model 'The model file, or the folder that rnn-train made; repeat it to compare models'
            cand --split 'The part of a token file that is measured; valid if nothing is said'
            cand --per 'What has a row of its own, beside the total'
            cand --rank 'Sort the lines by their probability, the likeliest first: a token, or in all'
            cand --unknown 'Name the N commonest pieces that the vocabulary does not have'
            cand --threads 'Processor cores to use; all if nothing is said'
            cand --cache 'Mix in a continuous cache of the last N tokens: what followed similar states is likely again'
            cand --cache-theta 'How much the likeness of states counts in the cache; several are mixed if nothing is said'
            cand --cache-share 'The cache''s share; learned on the way from the tokens already read if nothing is said'
            cand --dynamic 'Dynamic evaluation: the weights go on learning from what they have just read, with this rate'
            cand --dynamic-decay 'How strongly they are drawn back to where they started'
            cand --config 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone'
            cand --lines 'Each line is a text of its own'
            cand --unwrap 'Join the wrapped lines of prose paragraphs, as rnn-prep --unwrap does'
            cand --json 'JSON lines instead of a table'
            cand --exact 'Read a long text in one go; otherwise pieces of 500 tokens or more are read side by side, each after the 100 tokens before it'
            cand --int8 'Compute with weights rounded to 8-bit integers'
            cand --no-ngrams 'Leave out the n-grams of the model file'
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
