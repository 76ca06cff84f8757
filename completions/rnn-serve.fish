complete -c rnn-serve -s m -l model -d 'The model file, or the folder that rnn-train made, perhaps with a name: `alice=models/alice`. Several times for several models, which requests choose by `model`; the first is for those that name none' -r -F
complete -c rnn-serve -l host -d 'The address to listen on; 0.0.0.0 is every one this machine has' -r
complete -c rnn-serve -s p -l port -d 'The port to listen on; 0 takes a free one and prints the address on standard output' -r
complete -c rnn-serve -l api-key-file -d 'A file with the keys that clients may use, one a line: `Authorization: Bearer KEY`. Without it the key is that of the environment variable RNN_API_KEY; without either everybody is welcome' -r -F
complete -c rnn-serve -l cors-origin -d 'A site whose pages may call this server from a browser; several times for several, `*` for all' -r
complete -c rnn-serve -l batch -d 'How many texts each model writes at the same time' -r
complete -c rnn-serve -l queue -d 'How many requests for each model may wait; the next one gets status 429' -r
complete -c rnn-serve -l timeout -d 'The longest time that a request may take, waiting included' -r
complete -c rnn-serve -l config -d 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone' -r -F
complete -c rnn-serve -l int8 -d 'Compute with weights rounded to 8-bit integers: up to four times as fast, and nearly the same texts'
complete -c rnn-serve -l print-config -d 'Print the options that are in effect as JSON, for --config, and do nothing else'
complete -c rnn-serve -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-serve -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-serve -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-serve -s V -l version -d 'Print version'
