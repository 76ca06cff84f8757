complete -c rnn-eval -s m -l model -d 'The model file, or the folder that rnn-train made; repeat it to compare models' -r -F
complete -c rnn-eval -l split -d 'The part of a token file that is measured; valid if nothing is said' -r -f -a "train\t''
valid\t''
test\t''"
complete -c rnn-eval -l per -d 'What has a row of its own, beside the total' -r -f -a "document\t'Files, lines with --lines, and the documents of a token file'
line\t'Lines, each a text of its own'
token\t'Every token, with its probability'"
complete -c rnn-eval -l rank -d 'Sort the lines by their probability, the likeliest first: a token, or in all' -r -f -a "token\t'By log-likelihood a token, so that long lines are not last'
total\t'By log-likelihood of the whole line'"
complete -c rnn-eval -l unknown -d 'Name the N commonest pieces that the vocabulary does not have' -r
complete -c rnn-eval -l threads -d 'Processor cores to use; all if nothing is said' -r
complete -c rnn-eval -l cache -d 'Mix in a continuous cache of the last N tokens: what followed similar states is likely again' -r
complete -c rnn-eval -l cache-theta -d 'How much the likeness of states counts in the cache; several are mixed if nothing is said' -r
complete -c rnn-eval -l cache-share -d 'The cache\'s share; learned on the way from the tokens already read if nothing is said' -r
complete -c rnn-eval -l dynamic -d 'Dynamic evaluation: the weights go on learning from what they have just read, with this rate' -r
complete -c rnn-eval -l dynamic-decay -d 'How strongly they are drawn back to where they started' -r
complete -c rnn-eval -l config -d 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone' -r -F
complete -c rnn-eval -l lines -d 'Each line is a text of its own'
complete -c rnn-eval -l unwrap -d 'Join the wrapped lines of prose paragraphs, as rnn-prep --unwrap does'
complete -c rnn-eval -l json -d 'JSON lines instead of a table'
complete -c rnn-eval -l exact -d 'Read a long text in one go; otherwise pieces of 500 tokens or more are read side by side, each after the 100 tokens before it'
complete -c rnn-eval -l int8 -d 'Compute with weights rounded to 8-bit integers'
complete -c rnn-eval -l no-ngrams -d 'Leave out the n-grams of the model file'
complete -c rnn-eval -l print-config -d 'Print the options that are in effect as JSON, for --config, and do nothing else'
complete -c rnn-eval -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-eval -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-eval -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-eval -s V -l version -d 'Print version'
