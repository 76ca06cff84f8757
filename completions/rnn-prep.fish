complete -c rnn-prep -s o -l output -d 'Where the token file goes' -r -F
complete -c rnn-prep -l min-count -d 'Words seen less often than this in the training part become `<unk>`' -r
complete -c rnn-prep -l max-vocab -d 'Keep at most the N most frequent words' -r
complete -c rnn-prep -l valid -d 'Share of the text held out at its end to validate on' -r
complete -c rnn-prep -l test -d 'Share of the text held out after that to test on' -r
complete -c rnn-prep -l classic -d 'Lower-case the text and drop everything but letters, digits and blanks'
complete -c rnn-prep -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-prep -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-prep -s h -l help -d 'Print help'
complete -c rnn-prep -s V -l version -d 'Print version'
