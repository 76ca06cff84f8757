
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
            cand -o 'Write the text here'
            cand --output 'Write the text here'
            cand -d 'Write each book to its own file, DIR/NAME.txt'
            cand --directory 'Write each book to its own file, DIR/NAME.txt'
            cand --manifest 'Record the sources of the text in FILE, for use with --locked'
            cand --locked 'Reproduce the text recorded in FILE by --manifest, byte for byte; fail if that is impossible'
            cand --mirror 'Use this mirror: its root URL, or a pattern with {n} for the number and {dir} for 1/3/4/1342; may be repeated'
            cand --timeout 'Time to wait for a server to connect or send data'
            cand --retries 'Number of retries when a transfer breaks off or a server is busy'
            cand --wait 'Time between two requests to one server; doubles with each retry'
            cand --config 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone'
            cand --raw 'Keep header and licence; still convert to UTF-8 with LF line ends'
            cand -l 'List the catalogue'
            cand --list 'List the catalogue'
            cand --json 'Print the list as JSON'
            cand --offline 'Read from the cache only'
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
