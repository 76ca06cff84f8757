
use builtin;
use str;

set edit:completion:arg-completer[rnn-plot] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'rnn-plot'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'rnn-plot'= {
            cand --config 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone'
            cand --print-config 'Print the options that are in effect as JSON, for --config, and do nothing else'
            cand -v 'Say more on standard error; twice for debugging'
            cand --verbose 'Say more on standard error; twice for debugging'
            cand -q 'Say nothing on standard error but errors'
            cand --quiet 'Say nothing on standard error but errors'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand history 'Loss, perplexity, accuracy and learning rate over the epochs, the best epoch marked'
            cand architecture 'The layers of the network with their shapes and parameter counts'
            cand vocabulary 'How often the words of a token file come, and how much of the text so many of them cover'
            cand probabilities 'A text coloured by how probable each token was'
            cand activations 'What the units of a network do while it reads a text'
            cand embeddings 'A map of the most frequent words by their vectors'
            cand compare 'Any columns of any CSV files against each other'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'rnn-plot;history'= {
            cand --smooth 'Smooth the lines: each point keeps this share of the mean of those before it'
            cand --width 'Width in pixels at 96 to an inch'
            cand --height 'Height in pixels at 96 to an inch'
            cand -o 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]'
            cand --output 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]'
            cand --format 'Kind of picture, whatever the output is called; needed for `-o -`'
            cand --theme 'Colours for a light or a dark page'
            cand --dpi 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it'
            cand --config 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone'
            cand --follow 'Draw anew after each line that comes from `rnn-train --json` on standard input'
            cand --term 'Draw on the terminal, in plain Unicode'
            cand --print-config 'Print the options that are in effect as JSON, for --config, and do nothing else'
            cand -v 'Say more on standard error; twice for debugging'
            cand --verbose 'Say more on standard error; twice for debugging'
            cand -q 'Say nothing on standard error but errors'
            cand --quiet 'Say nothing on standard error but errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'rnn-plot;architecture'= {
            cand --unrolled 'The network over so many steps of time'
            cand --cell 'The gates of a cell, with its equations, without any model'
            cand -o 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]'
            cand --output 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]'
            cand --format 'Kind of picture, whatever the output is called; needed for `-o -`'
            cand --theme 'Colours for a light or a dark page'
            cand --dpi 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it'
            cand --config 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone'
            cand --term 'Draw on the terminal, in plain Unicode'
            cand --print-config 'Print the options that are in effect as JSON, for --config, and do nothing else'
            cand -v 'Say more on standard error; twice for debugging'
            cand --verbose 'Say more on standard error; twice for debugging'
            cand -q 'Say nothing on standard error but errors'
            cand --quiet 'Say nothing on standard error but errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'rnn-plot;vocabulary'= {
            cand --width 'Width in pixels at 96 to an inch'
            cand --height 'Height in pixels at 96 to an inch'
            cand -o 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]'
            cand --output 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]'
            cand --format 'Kind of picture, whatever the output is called; needed for `-o -`'
            cand --theme 'Colours for a light or a dark page'
            cand --dpi 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it'
            cand --config 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone'
            cand --term 'Draw on the terminal, in plain Unicode'
            cand --print-config 'Print the options that are in effect as JSON, for --config, and do nothing else'
            cand -v 'Say more on standard error; twice for debugging'
            cand --verbose 'Say more on standard error; twice for debugging'
            cand -q 'Say nothing on standard error but errors'
            cand --quiet 'Say nothing on standard error but errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'rnn-plot;probabilities'= {
            cand --width 'Width in pixels at 96 to an inch'
            cand -o 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]'
            cand --output 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]'
            cand --format 'Kind of picture, whatever the output is called; needed for `-o -`'
            cand --theme 'Colours for a light or a dark page'
            cand --dpi 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it'
            cand --config 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone'
            cand --term 'Draw on the terminal, in plain Unicode'
            cand --print-config 'Print the options that are in effect as JSON, for --config, and do nothing else'
            cand -v 'Say more on standard error; twice for debugging'
            cand --verbose 'Say more on standard error; twice for debugging'
            cand -q 'Say nothing on standard error but errors'
            cand --quiet 'Say nothing on standard error but errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'rnn-plot;activations'= {
            cand -u 'The text coloured by one unit: its layer and its number within it, both counted from 1'
            cand --unit 'The text coloured by one unit: its layer and its number within it, both counted from 1'
            cand -l 'All units of a layer as a heat map, from the first layer on; the last layer if nothing is said'
            cand --layer 'All units of a layer as a heat map, from the first layer on; the last layer if nothing is said'
            cand --find 'Print the units that follow something best, and draw the first if -o says where: quotes, brackets, line-length, or whatever matches a regular expression'
            cand --width 'Width in pixels at 96 to an inch'
            cand -o 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]'
            cand --output 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]'
            cand --format 'Kind of picture, whatever the output is called; needed for `-o -`'
            cand --theme 'Colours for a light or a dark page'
            cand --dpi 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it'
            cand --config 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone'
            cand --term 'Draw on the terminal, in plain Unicode'
            cand --print-config 'Print the options that are in effect as JSON, for --config, and do nothing else'
            cand -v 'Say more on standard error; twice for debugging'
            cand --verbose 'Say more on standard error; twice for debugging'
            cand -q 'Say nothing on standard error but errors'
            cand --quiet 'Say nothing on standard error but errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'rnn-plot;embeddings'= {
            cand -n 'How many of the most frequent words are on the map'
            cand --words 'How many of the most frequent words are on the map'
            cand --neighbours 'Print the words that lie nearest to this one instead, with their cosines; may be repeated'
            cand --neighbors 'Print the words that lie nearest to this one instead, with their cosines; may be repeated'
            cand --width 'Width in pixels at 96 to an inch'
            cand --height 'Height in pixels at 96 to an inch'
            cand -o 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]'
            cand --output 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]'
            cand --format 'Kind of picture, whatever the output is called; needed for `-o -`'
            cand --theme 'Colours for a light or a dark page'
            cand --dpi 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it'
            cand --config 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone'
            cand --term 'Draw on the terminal, in plain Unicode'
            cand --print-config 'Print the options that are in effect as JSON, for --config, and do nothing else'
            cand -v 'Say more on standard error; twice for debugging'
            cand --verbose 'Say more on standard error; twice for debugging'
            cand -q 'Say nothing on standard error but errors'
            cand --quiet 'Say nothing on standard error but errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'rnn-plot;compare'= {
            cand -x 'The column that goes across; the number of the row if nothing is said'
            cand --across 'The column that goes across; the number of the row if nothing is said'
            cand -y 'The column that goes up; may be repeated'
            cand --up 'The column that goes up; may be repeated'
            cand --log 'Axes that grow by factors'
            cand --smooth 'Smooth the lines: each point keeps this share of the mean of those before it'
            cand --width 'Width in pixels at 96 to an inch'
            cand --height 'Height in pixels at 96 to an inch'
            cand -o 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]'
            cand --output 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]'
            cand --format 'Kind of picture, whatever the output is called; needed for `-o -`'
            cand --theme 'Colours for a light or a dark page'
            cand --dpi 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it'
            cand --config 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone'
            cand --term 'Draw on the terminal, in plain Unicode'
            cand --print-config 'Print the options that are in effect as JSON, for --config, and do nothing else'
            cand -v 'Say more on standard error; twice for debugging'
            cand --verbose 'Say more on standard error; twice for debugging'
            cand -q 'Say nothing on standard error but errors'
            cand --quiet 'Say nothing on standard error but errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'rnn-plot;help'= {
            cand history 'Loss, perplexity, accuracy and learning rate over the epochs, the best epoch marked'
            cand architecture 'The layers of the network with their shapes and parameter counts'
            cand vocabulary 'How often the words of a token file come, and how much of the text so many of them cover'
            cand probabilities 'A text coloured by how probable each token was'
            cand activations 'What the units of a network do while it reads a text'
            cand embeddings 'A map of the most frequent words by their vectors'
            cand compare 'Any columns of any CSV files against each other'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'rnn-plot;help;history'= {
        }
        &'rnn-plot;help;architecture'= {
        }
        &'rnn-plot;help;vocabulary'= {
        }
        &'rnn-plot;help;probabilities'= {
        }
        &'rnn-plot;help;activations'= {
        }
        &'rnn-plot;help;embeddings'= {
        }
        &'rnn-plot;help;compare'= {
        }
        &'rnn-plot;help;help'= {
        }
    ]
    $completions[$command]
}
