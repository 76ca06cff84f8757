complete -c rnn-prep -s o -l output -d 'Where the token file goes' -r -F
complete -c rnn-prep -l inspect -d 'Print what is in a token file, and its first tokens, and do nothing else' -r -F
complete -c rnn-prep -l threads -d 'Processor cores to use; all if nothing is said' -r
complete -c rnn-prep -l column -d 'The inputs are CSV or JSON Lines, and this column or field of each row is a document' -r
complete -c rnn-prep -l level -d 'What a token is; a word if nothing is said' -r -f -a "word\t'Words, punctuation and line breaks'
char\t'Characters: Unicode code points'
byte\t'The 256 bytes'"
complete -c rnn-prep -l language -d 'The text\'s language, as two letters; French (fr) and Italian (it) cut l’homme and dell\'arte in two' -r
complete -c rnn-prep -l min-count -d 'Words seen less often than this in the training part become `<unk>`' -r
complete -c rnn-prep -l max-vocab -d 'Keep at most the N most frequent words' -r
complete -c rnn-prep -l vocab -d 'Take the vocabulary of a token file, a model, a tokenizer.json, or a list with a token a line' -r -F
complete -c rnn-prep -l embeddings -d 'Store the word vectors of a GloVe or word2vec text file for rnn-train to start from' -r -F
complete -c rnn-prep -l valid -d 'Share of the text held out at its end to validate on' -r
complete -c rnn-prep -l test -d 'Share of the text held out after that to test on' -r
complete -c rnn-prep -l valid-file -d 'Validate on this file instead of on a share; may be repeated' -r -F
complete -c rnn-prep -l test-file -d 'Test on this file instead of on a share; may be repeated' -r -F
complete -c rnn-prep -l split-by -d 'Where the text may be split; with --lines or --column between documents, else anywhere' -r -f -a "token\t'Anywhere, so that the shares are exact'
document\t'Between documents: files, or the lines or rows of which each is one'
chapter\t'Before the headings of chapters, and between files'"
complete -c rnn-prep -l config -d 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone' -r -F
complete -c rnn-prep -l json -d 'Print the report as JSON: on standard output, or on standard error if the token file goes there'
complete -c rnn-prep -l lines -d 'Each line is a document of its own, between marks of its begin and end'
complete -c rnn-prep -l lossy -d 'Replace bytes that are not UTF-8, and NUL, by U+FFFD instead of refusing them'
complete -c rnn-prep -l unwrap -d 'Join the wrapped lines of prose paragraphs; verse and indented lines keep their breaks'
complete -c rnn-prep -l classic -d 'Lower-case the text and drop everything but letters, digits and blanks'
complete -c rnn-prep -l print-config -d 'Print the options that are in effect as JSON, for --config, and do nothing else'
complete -c rnn-prep -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-prep -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-prep -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-prep -s V -l version -d 'Print version'
