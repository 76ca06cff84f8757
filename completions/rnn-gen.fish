complete -c rnn-gen -s m -l model -d 'Model file, or a folder written by rnn-train; repeat it for --mix or --turns' -r -F
complete -c rnn-gen -s s -l seed -l prompt -d 'Text to continue; `-` reads it from standard input' -r
complete -c rnn-gen -l seed-file -d 'Read the seed text from a file' -r -F
complete -c rnn-gen -l unknown -d 'How to treat words of the seed text that are not in the vocabulary' -r -f -a "skip\t'Leave it out, and report it'
unk\t'Feed the model its unknown token'
nearest\t'Replace it with the known word with the closest spelling'
error\t'Fail, and write nothing'"
complete -c rnn-gen -s n -l words -d 'Number of words to generate (characters for models of characters or bytes); with 0, generate until the document ends or the reader closes the pipe [default: 50, or 10000 if another option ends the text]' -r
complete -c rnn-gen -l chars -d 'Generate at most N characters, in whole words' -r
complete -c rnn-gen -l sentences -d 'Stop after N sentences' -r
complete -c rnn-gen -l paragraphs -d 'Stop after N paragraphs' -r
complete -c rnn-gen -l until -d 'Stop after STRING; may be given several times' -r
complete -c rnn-gen -s t -l temperature -d 'Divide the logits by T: below 1 favours likely words, above 1 rare ones; 0 always takes the most likely word. T@WORD,T@WORD... changes it linearly between the given word counts: 1.2@0,0.6@100' -r
complete -c rnn-gen -l top-k -d 'Sample from the K most likely words only' -r
complete -c rnn-gen -l top-p -d 'Sample from the smallest set of most likely words whose total probability is at least P; 1 keeps all words [default: 0.6, or 1 with --top-k, --min-p or --typical]' -r
complete -c rnn-gen -l min-p -d 'Sample from words with at least P times the probability of the most likely one' -r
complete -c rnn-gen -l typical -d 'Locally typical sampling: sample from the words whose surprisal is closest to the entropy, up to a total probability of P' -r
complete -c rnn-gen -l repetition-penalty -d 'Divide positive logits of recent words by X, and multiply negative ones; 1 disables it' -r
complete -c rnn-gen -l presence-penalty -d 'Subtract X from the logits of recent words' -r
complete -c rnn-gen -l frequency-penalty -d 'Subtract X from the logits of recent words for each of their occurrences' -r
complete -c rnn-gen -l penalty-window -d 'Apply these three penalties to the last N words and punctuation marks, including the seed text' -r
complete -c rnn-gen -l no-repeat-ngram -d 'Do not repeat any sequence of N words and punctuation marks from the last 16,384' -r
complete -c rnn-gen -l no-copy -d 'Do not copy any run of N words from the book (see --book)' -r
complete -c rnn-gen -l book -d 'Token file of the book, from rnn-prep. Reading a million words takes --no-copy about 0.1 s and 30 MB, and --novelty 0.5 s and 80 MB' -r -F
complete -c rnn-gen -l bias -d 'Add X to the logit of a word: above 0 makes it more likely. The spelling must match; `\\n` is a line break; may be given several times' -r
complete -c rnn-gen -l ban -d 'Never generate WORD; may be given several times' -r
complete -c rnn-gen -s r -l random-seed -d 'Seed of the random generator; the same seed, model and options produce the same text [default: random, and reported]' -r
complete -c rnn-gen -l samples -d 'Generate N texts from the same seed text, in batches' -r
complete -c rnn-gen -l first-sample -d 'Number of the first text: --first-sample 7 generates the seventh text of a random seed alone' -r
complete -c rnn-gen -l beams -d 'Search for the most likely text with N beams instead of sampling; --samples sets how many texts are printed' -r
complete -c rnn-gen -l length-penalty -d 'Score texts by log-probability / length^A: larger values favour longer texts' -r
complete -c rnn-gen -l mix -d 'Average the probabilities of several models with the same vocabulary, with these weights: 0.7,0.3' -r
complete -c rnn-gen -l turns -d 'Let several models take turns of a sentence, a paragraph or N words; each reads the text of the others' -r
complete -c rnn-gen -l best -d 'Number of most likely words to show, here and with --json [default: 6 with --interactive]' -r
complete -c rnn-gen -l state-in -d 'Continue from a saved state as if uninterrupted; --random-seed starts another continuation' -r -F
complete -c rnn-gen -l state-out -d 'Save the state at the end of the text, for --state-in' -r -F
complete -c rnn-gen -l color -d 'Colour words by their probability under the model: green from 0.1, yellow from 0.01, red from 0.001, magenta below. `auto` colours on a terminal, unless NO_COLOR is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rnn-gen -l config -d 'Read options from a TOML or JSON file, by name; a table [rnn-...] applies to that command only' -r -F
complete -c rnn-gen -l int8 -d 'Round the weights to 8-bit integers: up to four times as fast, and almost the same text'
complete -c rnn-gen -l novelty -d 'Report on standard error how many runs of 5 words are copied from the book, and the longest run'
complete -c rnn-gen -l allow-unk -d 'Allow the unknown token <unk> in the text'
complete -c rnn-gen -s i -l interactive -d 'Choose each word from the most likely ones, type your own, or undo; `?` for help'
complete -c rnn-gen -l force -d 'Replace an existing output file even if it is of another kind'
complete -c rnn-gen -l json -d 'Print one JSON object per text: the text, its tokens, their probabilities, and what is needed to reproduce it'
complete -c rnn-gen -l probs -d 'Print a tab-separated table of tokens: probability under the model, probability after filters, rank'
complete -c rnn-gen -l print-config -d 'Print the options in effect as JSON, for --config, and exit'
complete -c rnn-gen -s v -l verbose -d 'Log debug messages to standard error; -vv adds trace messages'
complete -c rnn-gen -s q -l quiet -d 'Log only errors to standard error'
complete -c rnn-gen -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-gen -s V -l version -d 'Print version'
