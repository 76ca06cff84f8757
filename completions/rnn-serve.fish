complete -c rnn-serve -s m -l model -d 'The model file, or the folder that rnn-train made' -r -F
complete -c rnn-serve -l host -d 'The address to listen on; 0.0.0.0 is every one this machine has' -r
complete -c rnn-serve -s p -l port -d 'The port to listen on; 0 takes a free one and prints the address on standard output' -r
complete -c rnn-serve -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-serve -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-serve -s h -l help -d 'Print help'
complete -c rnn-serve -s V -l version -d 'Print version'
