
use builtin;
use str;

set edit:completion:arg-completer[rnn-info] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'rnn-info'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'rnn-info'= {
            cand --json 'Print everything as JSON, an object a line'
            cand --diff 'Print only what differs between two files; the status is 1 if something does'
            cand --config 'Print a model''s config.json, as teaching projects on Keras keep one beside their weights'
            cand -v 'Say more on standard error; twice for debugging'
            cand --verbose 'Say more on standard error; twice for debugging'
            cand -q 'Say nothing on standard error but errors'
            cand --quiet 'Say nothing on standard error but errors'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
    ]
    $completions[$command]
}
