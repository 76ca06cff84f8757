complete -c rnn-fetch -s o -l output -d 'Where the text goes' -r -F
complete -c rnn-fetch -s d -l directory -d 'Write each book to a file of its own, DIR/NAME.txt' -r -F
complete -c rnn-fetch -l manifest -d 'Write down what the text was made of, to make it again with --locked' -r -F
complete -c rnn-fetch -l locked -d 'Make the text that FILE, written by --manifest, describes: the same bytes, or an error' -r -F
complete -c rnn-fetch -l mirror -d 'Look for books here instead: a mirror\'s root, or a pattern with {n} for the number and {dir} for 1/3/4/1342' -r
complete -c rnn-fetch -l timeout -d 'Give up when a server is silent for this long' -r
complete -c rnn-fetch -l retries -d 'Try an address again this many times when it breaks off or is busy' -r
complete -c rnn-fetch -l wait -d 'Pause between two requests to one server, doubled with each further try' -r
complete -c rnn-fetch -l raw -d 'Keep header and licence; encoding and line ends are still made uniform'
complete -c rnn-fetch -s l -l list -d 'List the catalogue'
complete -c rnn-fetch -l json -d 'List it as JSON'
complete -c rnn-fetch -l offline -d 'Use only what the cache holds'
complete -c rnn-fetch -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-fetch -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-fetch -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-fetch -s V -l version -d 'Print version'
