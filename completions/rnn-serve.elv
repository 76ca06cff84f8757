
use builtin;
use str;

set edit:completion:arg-completer[rnn-serve] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'rnn-serve'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'rnn-serve'= {
            cand -m 'The model file, or the folder that rnn-train made, perhaps with a name: `alice=models/alice`. Several times for several models, which requests choose by `model`; the first is for those that name none'
            cand --model 'The model file, or the folder that rnn-train made, perhaps with a name: `alice=models/alice`. Several times for several models, which requests choose by `model`; the first is for those that name none'
            cand --host 'The address to listen on; 0.0.0.0 is every one this machine has'
            cand -p 'The port to listen on; 0 takes a free one and prints the address on standard output'
            cand --port 'The port to listen on; 0 takes a free one and prints the address on standard output'
            cand --api-key-file 'A file with the keys that clients may use, one a line: `Authorization: Bearer KEY`. Without it the key is that of the environment variable RNN_API_KEY; without either everybody is welcome'
            cand --cors-origin 'A site whose pages may call this server from a browser; several times for several, `*` for all'
            cand --batch 'How many texts each model writes at the same time'
            cand --queue 'How many requests for each model may wait; the next one gets status 429'
            cand --timeout 'The longest time that a request may take, waiting included'
            cand --config 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone'
            cand --int8 'Compute with weights rounded to 8-bit integers: up to four times as fast, and nearly the same texts'
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
