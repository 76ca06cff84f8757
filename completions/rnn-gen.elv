
use builtin;
use str;

set edit:completion:arg-completer[rnn-gen] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'rnn-gen'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'rnn-gen'= {
            cand -m 'The model file, or the folder that rnn-train made; several for --mix or --turns'
            cand --model 'The model file, or the folder that rnn-train made; several for --mix or --turns'
            cand -s 'The text to go on from; `-` reads it from standard input'
            cand --seed 'The text to go on from; `-` reads it from standard input'
            cand --seed-file 'Read the text to go on from from a file'
            cand --unknown 'What becomes of words of that text that the model does not know'
            cand -n 'How many words to write (characters, if the model is of characters or bytes); 0 goes on until the reader closes the pipe, or the document ends [default: 50, or 10000 where something else ends the text]'
            cand --words 'How many words to write (characters, if the model is of characters or bytes); 0 goes on until the reader closes the pipe, or the document ends [default: 50, or 10000 where something else ends the text]'
            cand --chars 'Write no more than N characters, the last word whole'
            cand --sentences 'Stop after N sentences'
            cand --paragraphs 'Stop after N paragraphs'
            cand --until 'Stop once STRING has been written; may be given several times'
            cand -t 'Below 1 the likely words get likelier, above 1 the rare ones; 0 always takes the likeliest. T@WORD,T@WORD ... moves from one to the next in the course of the text: 1.2@0,0.6@100'
            cand --temperature 'Below 1 the likely words get likelier, above 1 the rare ones; 0 always takes the likeliest. T@WORD,T@WORD ... moves from one to the next in the course of the text: 1.2@0,0.6@100'
            cand --top-k 'Choose among the K likeliest words only'
            cand --top-p 'Choose among the likeliest words that together have probability P; 1 for all words [default: 0.6, or 1 with --top-k, --min-p or --typical]'
            cand --min-p 'Choose among the words at least P times as likely as the likeliest one'
            cand --typical 'Choose among the words of most typical probability, neither too likely nor too unlikely, that together have probability P'
            cand --repetition-penalty 'Make words of the last text less likely: divides their logits by X, or multiplies those below 0; 1 is none'
            cand --presence-penalty 'Taken once from the logits of words of the last text'
            cand --frequency-penalty 'Taken from the logits of words for each time that they stand in the last text'
            cand --penalty-window 'What these three hold to be the last text: N words and marks, the seed text''s included'
            cand --no-repeat-ngram 'Write no sequence of N words and marks twice (in the last 16,384)'
            cand --no-copy 'Write no run of N words that stands in the book: see --book'
            cand --book 'The token file that rnn-prep made of the book. It is read at the start: for a million words that takes --no-copy about 0.1 s and 30 MB, and --novelty half a second and 80 MB'
            cand --bias 'Make a word likelier (X above 0) or less likely: X is added to its logit. The word as it is spelt; `\n` is a line break; may be given several times'
            cand --ban 'Never write a word'
            cand -r 'The same seed, model and options give the same text; chosen freshly and reported if left out'
            cand --random-seed 'The same seed, model and options give the same text; chosen freshly and reported if left out'
            cand --samples 'Write N texts from the same beginning, in one batch'
            cand --first-sample 'The number of the first text: with --first-sample 7, the seventh of the same random seed alone'
            cand --beams 'Instead of drawing, look for the likeliest text with N texts side by side; --samples prints the best few'
            cand --length-penalty 'Texts are compared by log-probability / length^A: above 0 prefers longer ones'
            cand --mix 'Mix the probabilities of several models of the same vocabulary by these shares, as in 0.7,0.3'
            cand --turns 'Let several models write in turn, each reading what the others wrote: a sentence, a paragraph or N words'
            cand --best 'How many of the likeliest words to show, here and in --json'
            cand --state-in 'Go on where --state-out stopped, as if it had not; with --random-seed, in another way'
            cand --state-out 'Save where the text stands, for --state-in'
            cand --color 'Colour words by their probability for the model: green from 0.1, yellow from 0.01, red from 0.001, magenta below. By itself only on a terminal, and never where NO_COLOR is set'
            cand --config 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone'
            cand --int8 'Compute with weights rounded to 8-bit integers: up to four times as fast, and nearly the same text'
            cand --novelty 'Say on standard error how much of the text stands in the book: runs of 5 words, and the longest run'
            cand --allow-unk 'Write <unk> where the model means a word that it does not know'
            cand -i 'Choose each word yourself among the likeliest, type your own, take back; `?` for help'
            cand --interactive 'Choose each word yourself among the likeliest, type your own, take back; `?` for help'
            cand --json 'Print one JSON object a text: text, tokens, their probabilities, and all that is needed to write it again'
            cand --probs 'Print a table with tabs: each word and mark, its probability for the model and after sampling, its rank'
            cand --print-config 'Print the options that are in effect as JSON, for --config, and do nothing else'
            cand -v 'Say more on standard error; twice for debugging'
            cand --verbose 'Say more on standard error; twice for debugging'
            cand -q 'Say nothing on standard error but errors'
            cand --quiet 'Say nothing on standard error but errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
    ]
    $completions[$command]
}
