complete -c rnn-fetch -s o -l output -d 'Where the text goes' -r -F
complete -c rnn-fetch -s l -l list -d 'List the catalogue'
complete -c rnn-fetch -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-fetch -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-fetch -s h -l help -d 'Print help'
complete -c rnn-fetch -s V -l version -d 'Print version'
