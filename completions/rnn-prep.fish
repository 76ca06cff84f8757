complete -c rnn-prep -s o -l output -d 'Write the token file here' -r -F
complete -c rnn-prep -l inspect -d 'Describe a token file and show its first tokens' -r -F
complete -c rnn-prep -l decode -d 'Print the text of a token file, on standard output or in the file of -o' -r -F
complete -c rnn-prep -l split -d 'The part of the token file that --decode prints [default: all]' -r -f -a "train\t''
valid\t''
test\t''
all\t'The whole text, in this order'"
complete -c rnn-prep -l threads -d 'Number of threads [default: all cores]' -r
complete -c rnn-prep -l column -d 'Read CSV, TSV or JSON and treat this column or field of each row as a document; `a.text` is a field of a field' -r
complete -c rnn-prep -l delimiter -d 'Separator of CSV: a character, or `tab`, with which quotation marks are ordinary characters [default: found out]' -r
complete -c rnn-prep -l encoding -d 'Encoding of the inputs, such as windows-1252 or KOI8-R [default: UTF-8, or detected]' -r
complete -c rnn-prep -l clean -d 'Remove what the transcribers of books add to them [default kinds: all]' -r -f -a "transcriber\t'Notes of transcribers, in brackets or at the start or end of the text'
illustrations\t'[Illustration] and [Illustration: a caption]'
footnotes\t'Marks of footnotes such as [1], and the labels of the notes'
emphasis\t'The marks of _italics_ and =bold='
hyphens\t'Hyphens at line ends in words that the text also has without one'
invisible\t'Soft hyphens, zero-width spaces, word joiners and byte order marks'
all\t'All of them'
none\t'None of them'"
complete -c rnn-prep -l level -d 'The unit of a token [default: word]' -r -f -a "word\t'Words, punctuation and line breaks'
tokens\t'Tokens separated by white space, and line breaks, in text that is tokenized already (Penn Treebank, WikiText)'
char\t'Characters as readers see them (grapheme clusters)'
codepoint\t'Unicode code points'
byte\t'Bytes'"
complete -c rnn-prep -l language -d 'Two-letter code of the text\'s language; French (fr) and Italian (it) split l’homme and dell\'arte in two' -r
complete -c rnn-prep -l min-count -d 'Replace words that occur fewer than N times in the training part with `<unk>`' -r
complete -c rnn-prep -l max-vocab -d 'Keep only the N most frequent words' -r
complete -c rnn-prep -l vocab -d 'Use the vocabulary of a token file, a model, a tokenizer.json, or a list with one token per line' -r -F
complete -c rnn-prep -l embeddings -d 'Store word vectors from a GloVe or word2vec text file as initial embeddings for rnn-train' -r -F
complete -c rnn-prep -l valid -d 'Fraction of the text to hold out for validation, taken from the end' -r
complete -c rnn-prep -l test -d 'Fraction of the text to hold out for testing, taken from the end, after the validation part' -r
complete -c rnn-prep -l valid-file -d 'Validate on this file instead of a held-out fraction; may be repeated' -r -F
complete -c rnn-prep -l test-file -d 'Test on this file instead of a held-out fraction; may be repeated' -r -F
complete -c rnn-prep -l split-by -d 'Where the text may be split [default: document with --lines or --column, otherwise token]' -r -f -a "token\t'Anywhere, so that the fractions are exact'
document\t'Between documents: files, or lines or rows with --lines or --column'
chapter\t'Before chapter headings, and between files'"
complete -c rnn-prep -s r -l random-seed -d 'Seed of the random order [default: random, and reported]' -r
complete -c rnn-prep -l config -d 'Read options from a TOML or JSON file, by name; a table [rnn-...] applies to that command only' -r -F
complete -c rnn-prep -l json -d 'Print the report as JSON, on standard output or, if the token file goes there, on standard error'
complete -c rnn-prep -l force -d 'Replace an existing output file even if it is of another kind'
complete -c rnn-prep -l lines -d 'Treat each line as a document and enclose it in `<bos>` and `<eos>`'
complete -c rnn-prep -l strict -d 'Fail at a row without a value in --column instead of skipping it'
complete -c rnn-prep -l lossy -d 'Replace NUL and invalid bytes with U+FFFD instead of failing'
complete -c rnn-prep -l unwrap -d 'Join the wrapped lines of prose paragraphs; leave verse and indented lines as they are'
complete -c rnn-prep -l classic -d 'Lower-case the text and drop everything except letters, digits and spaces'
complete -c rnn-prep -l keep-indent -d 'Keep the indentation of lines, which the word level drops, as tokens: for code and verse'
complete -c rnn-prep -l shuffle -d 'Put the documents (lines, rows, files or chapters) in random order before splitting'
complete -c rnn-prep -l print-config -d 'Print the options in effect as JSON, for --config, and exit'
complete -c rnn-prep -s v -l verbose -d 'Log debug messages to standard error; -vv adds trace messages'
complete -c rnn-prep -s q -l quiet -d 'Log only errors to standard error'
complete -c rnn-prep -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-prep -s V -l version -d 'Print version'
