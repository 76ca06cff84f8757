
use builtin;
use str;

set edit:completion:arg-completer[rnn-fetch] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'rnn-fetch'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'rnn-fetch'= {
            cand -o 'Where the text goes'
            cand --output 'Where the text goes'
            cand -d 'Write each book to a file of its own, DIR/NAME.txt'
            cand --directory 'Write each book to a file of its own, DIR/NAME.txt'
            cand --manifest 'Write down what the text was made of, to make it again with --locked'
            cand --locked 'Make the text that FILE, written by --manifest, describes: the same bytes, or an error'
            cand --mirror 'Look for books here instead: a mirror''s root, or a pattern with {n} for the number and {dir} for 1/3/4/1342'
            cand --timeout 'Give up when a server is silent for this long'
            cand --retries 'Try an address again this many times when it breaks off or is busy'
            cand --wait 'Pause between two requests to one server, doubled with each further try'
            cand --config 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone'
            cand --raw 'Keep header and licence; encoding and line ends are still made uniform'
            cand -l 'List the catalogue'
            cand --list 'List the catalogue'
            cand --json 'List it as JSON'
            cand --offline 'Use only what the cache holds'
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
