complete -c rnn-eval -s m -l model -d 'Model file, or a folder written by rnn-train; repeat it to compare models' -r -F
complete -c rnn-eval -l split -d 'Part of a token file to evaluate [default: valid]' -r -f -a "train\t''
valid\t''
test\t''"
complete -c rnn-eval -l per -d 'Print a row for each of these units, and the total' -r -f -a "document\t'Files, lines (with --lines), and documents of token files'
line\t'Lines, each as a separate text'
token\t'Tokens, with their probabilities'"
complete -c rnn-eval -l rank -d 'Sort the lines by log-probability per token or in total, most likely first' -r -f -a "token\t'Log-likelihood per token, which does not penalize long lines'
total\t'Log-likelihood of the whole line'"
complete -c rnn-eval -l unknown -d 'List the N most frequent words that are not in the vocabulary' -r
complete -c rnn-eval -l threads -d 'Number of threads [default: all cores]' -r
complete -c rnn-eval -l cache -d 'Add a continuous cache of the last N tokens: tokens that followed similar hidden states become more likely' -r
complete -c rnn-eval -l cache-theta -d 'Sharpness of the cache distribution (theta) [default: several values, interpolated]' -r
complete -c rnn-eval -l cache-share -d 'Interpolation weight of the cache [default: learned from the tokens already read]' -r
complete -c rnn-eval -l dynamic -d 'Dynamic evaluation: update the weights on the tokens already read, with this learning rate' -r
complete -c rnn-eval -l dynamic-decay -d 'Decay of the weights towards their original values' -r
complete -c rnn-eval -l config -d 'Read options from a TOML or JSON file, by name; a table [rnn-...] applies to that command only' -r -F
complete -c rnn-eval -l lines -d 'Treat each line as a separate text'
complete -c rnn-eval -l unwrap -d 'Join the wrapped lines of prose paragraphs, as rnn-prep --unwrap does'
complete -c rnn-eval -l json -d 'Print JSON lines instead of a table'
complete -c rnn-eval -l exact -d 'Read each text sequentially. By default long texts are split into chunks of at least 500 tokens that are read in parallel, each after the 100 tokens before it'
complete -c rnn-eval -l int8 -d 'Round the weights to 8-bit integers'
complete -c rnn-eval -l no-ngrams -d 'Ignore the n-gram model in the model file'
complete -c rnn-eval -l print-config -d 'Print the options in effect as JSON, for --config, and exit'
complete -c rnn-eval -s v -l verbose -d 'Log debug messages to standard error; -vv adds trace messages'
complete -c rnn-eval -s q -l quiet -d 'Log only errors to standard error'
complete -c rnn-eval -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-eval -s V -l version -d 'Print version'
