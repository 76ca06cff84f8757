complete -c rnn-gen -s m -l model -d 'The model file, or the folder that rnn-train made; several for --mix or --turns' -r -F
complete -c rnn-gen -s s -l seed -d 'The text to go on from; `-` reads it from standard input' -r
complete -c rnn-gen -l seed-file -d 'Read the text to go on from from a file' -r -F
complete -c rnn-gen -l unknown -d 'What becomes of words of that text that the model does not know' -r -f -a "skip\t'Leave it out, and report it'
unk\t'Feed the model its unknown token'
nearest\t'Replace it by the known word with the closest spelling'
error\t'Fail, and write nothing'"
complete -c rnn-gen -s n -l words -d 'How many words to write (characters, if the model is of characters or bytes); 0 goes on until the reader closes the pipe, or the document ends [default: 50, or 10000 where something else ends the text]' -r
complete -c rnn-gen -l chars -d 'Write no more than N characters, the last word whole' -r
complete -c rnn-gen -l sentences -d 'Stop after N sentences' -r
complete -c rnn-gen -l paragraphs -d 'Stop after N paragraphs' -r
complete -c rnn-gen -l until -d 'Stop once STRING has been written; may be given several times' -r
complete -c rnn-gen -s t -l temperature -d 'Below 1 the likely words get likelier, above 1 the rare ones; 0 always takes the likeliest. T@WORD,T@WORD ... moves from one to the next in the course of the text: 1.2@0,0.6@100' -r
complete -c rnn-gen -l top-k -d 'Choose among the K likeliest words only' -r
complete -c rnn-gen -l top-p -d 'Choose among the likeliest words that together have probability P; 1 for all words [default: 0.6, or 1 with --top-k, --min-p or --typical]' -r
complete -c rnn-gen -l min-p -d 'Choose among the words at least P times as likely as the likeliest one' -r
complete -c rnn-gen -l typical -d 'Choose among the words of most typical probability, neither too likely nor too unlikely, that together have probability P' -r
complete -c rnn-gen -l repetition-penalty -d 'Make words of the last text less likely: divides their logits by X, or multiplies those below 0; 1 is none' -r
complete -c rnn-gen -l presence-penalty -d 'Taken once from the logits of words of the last text' -r
complete -c rnn-gen -l frequency-penalty -d 'Taken from the logits of words for each time that they stand in the last text' -r
complete -c rnn-gen -l penalty-window -d 'What these three hold to be the last text: N words and marks, the seed text\'s included' -r
complete -c rnn-gen -l no-repeat-ngram -d 'Write no sequence of N words and marks twice (in the last 16,384)' -r
complete -c rnn-gen -l no-copy -d 'Write no run of N words that stands in the book: see --book' -r
complete -c rnn-gen -l book -d 'The token file that rnn-prep made of the book. It is read at the start: for a million words that takes --no-copy about 0.1 s and 30 MB, and --novelty half a second and 80 MB' -r -F
complete -c rnn-gen -l bias -d 'Make a word likelier (X above 0) or less likely: X is added to its logit. The word as it is spelt; `\\n` is a line break; may be given several times' -r
complete -c rnn-gen -l ban -d 'Never write a word' -r
complete -c rnn-gen -s r -l random-seed -d 'The same seed, model and options give the same text; chosen freshly and reported if left out' -r
complete -c rnn-gen -l samples -d 'Write N texts from the same beginning, in one batch' -r
complete -c rnn-gen -l first-sample -d 'The number of the first text: with --first-sample 7, the seventh of the same random seed alone' -r
complete -c rnn-gen -l beams -d 'Instead of drawing, look for the likeliest text with N texts side by side; --samples prints the best few' -r
complete -c rnn-gen -l length-penalty -d 'Texts are compared by log-probability / length^A: above 0 prefers longer ones' -r
complete -c rnn-gen -l mix -d 'Mix the probabilities of several models of the same vocabulary by these shares, as in 0.7,0.3' -r
complete -c rnn-gen -l turns -d 'Let several models write in turn, each reading what the others wrote: a sentence, a paragraph or N words' -r
complete -c rnn-gen -l best -d 'How many of the likeliest words to show, here and in --json' -r
complete -c rnn-gen -l state-in -d 'Go on where --state-out stopped, as if it had not; with --random-seed, in another way' -r -F
complete -c rnn-gen -l state-out -d 'Save where the text stands, for --state-in' -r -F
complete -c rnn-gen -l color -d 'Colour words by their probability for the model: green from 0.1, yellow from 0.01, red from 0.001, magenta below. By itself only on a terminal, and never where NO_COLOR is set' -r -f -a "auto\t''
always\t''
never\t''"
complete -c rnn-gen -l config -d 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone' -r -F
complete -c rnn-gen -l int8 -d 'Compute with weights rounded to 8-bit integers: up to four times as fast, and nearly the same text'
complete -c rnn-gen -l novelty -d 'Say on standard error how much of the text stands in the book: runs of 5 words, and the longest run'
complete -c rnn-gen -l allow-unk -d 'Write <unk> where the model means a word that it does not know'
complete -c rnn-gen -s i -l interactive -d 'Choose each word yourself among the likeliest, type your own, take back; `?` for help'
complete -c rnn-gen -l json -d 'Print one JSON object a text: text, tokens, their probabilities, and all that is needed to write it again'
complete -c rnn-gen -l probs -d 'Print a table with tabs: each word and mark, its probability for the model and after sampling, its rank'
complete -c rnn-gen -l print-config -d 'Print the options that are in effect as JSON, for --config, and do nothing else'
complete -c rnn-gen -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-gen -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-gen -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-gen -s V -l version -d 'Print version'
