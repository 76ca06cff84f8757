complete -c rnn-gen -s m -l model -d 'The model file, or the folder that rnn-train made' -r -F
complete -c rnn-gen -s s -l seed -d 'The text to go on from; `-` reads it from standard input' -r
complete -c rnn-gen -s n -l words -d 'How many words to write (characters, if the model is of characters or bytes); 0 goes on until the reader closes the pipe, or the document ends' -r
complete -c rnn-gen -s t -l temperature -d 'Below 1 the likely words get likelier, above 1 the rare ones; 0 always takes the likeliest' -r
complete -c rnn-gen -l top-k -d 'Choose among the K likeliest words only' -r
complete -c rnn-gen -l top-p -d 'Choose among the likeliest words that together have probability P; 1 for all words' -r
complete -c rnn-gen -s r -l random-seed -d 'The same seed, model and options give the same text; chosen freshly and reported if left out' -r
complete -c rnn-gen -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-gen -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-gen -s h -l help -d 'Print help'
complete -c rnn-gen -s V -l version -d 'Print version'
