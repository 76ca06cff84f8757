complete -c rnn-serve -s m -l model -d 'Model file, or a folder written by rnn-train, optionally with a name: `alice=models/alice`. Repeat it to serve several models, which requests select by `model`; the first is the default' -r -F
complete -c rnn-serve -l host -d 'Address to listen on; 0.0.0.0 listens on all addresses of this machine' -r
complete -c rnn-serve -s p -l port -d 'Port to listen on; 0 selects a free port and prints the address on standard output' -r
complete -c rnn-serve -l api-key-file -d 'File with the API keys of clients, one per line, sent as `Authorization: Bearer KEY`. Without this option, the key is read from the environment variable RNN_API_KEY. If neither is set, no key is required' -r -F
complete -c rnn-serve -l cors-origin -d 'Origin of web pages that may call this server from a browser; repeatable, `*` allows all' -r
complete -c rnn-serve -l batch -d 'Maximum number of texts that each model generates at the same time' -r
complete -c rnn-serve -l queue -d 'Maximum number of waiting requests per model; further ones are refused with status 429' -r
complete -c rnn-serve -l timeout -d 'Maximum time per request, including waiting' -r
complete -c rnn-serve -l config -d 'Read options from a TOML or JSON file, by name; a table [rnn-...] applies to that command only' -r -F
complete -c rnn-serve -l int8 -d 'Round the weights to 8-bit integers: up to four times as fast, with nearly the same output'
complete -c rnn-serve -l print-config -d 'Print the options in effect as JSON, for --config, and exit'
complete -c rnn-serve -s v -l verbose -d 'Log debug messages to standard error; -vv adds trace messages'
complete -c rnn-serve -s q -l quiet -d 'Log only errors to standard error'
complete -c rnn-serve -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-serve -s V -l version -d 'Print version'
