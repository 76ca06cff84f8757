# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_rnn_plot_global_optspecs
    string join \n config= print-config v/verbose q/quiet h/help V/version
end

function __fish_rnn_plot_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_rnn_plot_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_rnn_plot_using_subcommand
    set -l cmd (__fish_rnn_plot_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -l config -d 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -l print-config -d 'Print the options that are in effect as JSON, for --config, and do nothing else'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -s h -l help -d 'Print help'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -s V -l version -d 'Print version'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "history" -d 'Loss, perplexity, accuracy and learning rate over the epochs, the best epoch marked'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "architecture" -d 'The layers of the network with their shapes and parameter counts'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "vocabulary" -d 'How often the words of a token file come, and how much of the text so many of them cover'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "probabilities" -d 'A text coloured by how probable each token was'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "activations" -d 'What the units of a network do while it reads a text'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "embeddings" -d 'A map of the most frequent words by their vectors'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "compare" -d 'Any columns of any CSV files against each other'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l smooth -d 'Smooth the lines: each point keeps this share of the mean of those before it' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l width -d 'Width in pixels at 96 to an inch' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l height -d 'Height in pixels at 96 to an inch' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -s o -l output -d 'Where the picture goes: NAME.png or NAME.svg [default: the picture\'s name in this folder]' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l format -d 'Kind of picture, whatever the output is called; needed for `-o -`' -r -f -a "png\t'Pixels'
svg\t'Lines and text, sharp at any size'
html\t'A page that needs nothing else, of probabilities only'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l theme -d 'Colours for a light or a dark page' -r -f -a "light\t''
dark\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l dpi -d 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l config -d 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l follow -d 'Draw anew after each line that comes from `rnn-train --json` on standard input'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l term -d 'Draw on the terminal, in plain Unicode'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l print-config -d 'Print the options that are in effect as JSON, for --config, and do nothing else'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l unrolled -d 'The network over so many steps of time' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l cell -d 'The gates of a cell, with its equations, without any model' -r -f -a "lstm\t'Long short-term memory'
gru\t'Gated recurrent unit'
rnn\t'Elman\'s network'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -s o -l output -d 'Where the picture goes: NAME.png or NAME.svg [default: the picture\'s name in this folder]' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l format -d 'Kind of picture, whatever the output is called; needed for `-o -`' -r -f -a "png\t'Pixels'
svg\t'Lines and text, sharp at any size'
html\t'A page that needs nothing else, of probabilities only'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l theme -d 'Colours for a light or a dark page' -r -f -a "light\t''
dark\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l dpi -d 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l config -d 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l term -d 'Draw on the terminal, in plain Unicode'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l print-config -d 'Print the options that are in effect as JSON, for --config, and do nothing else'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -l width -d 'Width in pixels at 96 to an inch' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -l height -d 'Height in pixels at 96 to an inch' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -s o -l output -d 'Where the picture goes: NAME.png or NAME.svg [default: the picture\'s name in this folder]' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -l format -d 'Kind of picture, whatever the output is called; needed for `-o -`' -r -f -a "png\t'Pixels'
svg\t'Lines and text, sharp at any size'
html\t'A page that needs nothing else, of probabilities only'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -l theme -d 'Colours for a light or a dark page' -r -f -a "light\t''
dark\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -l dpi -d 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -l config -d 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -l term -d 'Draw on the terminal, in plain Unicode'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -l print-config -d 'Print the options that are in effect as JSON, for --config, and do nothing else'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -l width -d 'Width in pixels at 96 to an inch' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -s o -l output -d 'Where the picture goes: NAME.png or NAME.svg [default: the picture\'s name in this folder]' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -l format -d 'Kind of picture, whatever the output is called; needed for `-o -`' -r -f -a "png\t'Pixels'
svg\t'Lines and text, sharp at any size'
html\t'A page that needs nothing else, of probabilities only'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -l theme -d 'Colours for a light or a dark page' -r -f -a "light\t''
dark\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -l dpi -d 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -l config -d 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -l term -d 'Draw on the terminal, in plain Unicode'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -l print-config -d 'Print the options that are in effect as JSON, for --config, and do nothing else'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -s u -l unit -d 'The text coloured by one unit: its layer and its number within it, both counted from 1' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -s l -l layer -d 'All units of a layer as a heat map, from the first layer on; the last layer if nothing is said' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -l find -d 'Print the units that follow something best, and draw the first if -o says where: quotes, brackets, line-length, or whatever matches a regular expression' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -l width -d 'Width in pixels at 96 to an inch' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -s o -l output -d 'Where the picture goes: NAME.png or NAME.svg [default: the picture\'s name in this folder]' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -l format -d 'Kind of picture, whatever the output is called; needed for `-o -`' -r -f -a "png\t'Pixels'
svg\t'Lines and text, sharp at any size'
html\t'A page that needs nothing else, of probabilities only'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -l theme -d 'Colours for a light or a dark page' -r -f -a "light\t''
dark\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -l dpi -d 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -l config -d 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -l term -d 'Draw on the terminal, in plain Unicode'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -l print-config -d 'Print the options that are in effect as JSON, for --config, and do nothing else'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -s n -l words -d 'How many of the most frequent words are on the map' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l neighbours -l neighbors -d 'Print the words that lie nearest to this one instead, with their cosines; may be repeated' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l width -d 'Width in pixels at 96 to an inch' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l height -d 'Height in pixels at 96 to an inch' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -s o -l output -d 'Where the picture goes: NAME.png or NAME.svg [default: the picture\'s name in this folder]' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l format -d 'Kind of picture, whatever the output is called; needed for `-o -`' -r -f -a "png\t'Pixels'
svg\t'Lines and text, sharp at any size'
html\t'A page that needs nothing else, of probabilities only'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l theme -d 'Colours for a light or a dark page' -r -f -a "light\t''
dark\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l dpi -d 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l config -d 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l term -d 'Draw on the terminal, in plain Unicode'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l print-config -d 'Print the options that are in effect as JSON, for --config, and do nothing else'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -s x -l across -d 'The column that goes across; the number of the row if nothing is said' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -s y -l up -d 'The column that goes up; may be repeated' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l log -d 'Axes that grow by factors' -r -f -a "x\t''
y\t''
both\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l smooth -d 'Smooth the lines: each point keeps this share of the mean of those before it' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l width -d 'Width in pixels at 96 to an inch' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l height -d 'Height in pixels at 96 to an inch' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -s o -l output -d 'Where the picture goes: NAME.png or NAME.svg [default: the picture\'s name in this folder]' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l format -d 'Kind of picture, whatever the output is called; needed for `-o -`' -r -f -a "png\t'Pixels'
svg\t'Lines and text, sharp at any size'
html\t'A page that needs nothing else, of probabilities only'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l theme -d 'Colours for a light or a dark page' -r -f -a "light\t''
dark\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l dpi -d 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l config -d 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l term -d 'Draw on the terminal, in plain Unicode'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l print-config -d 'Print the options that are in effect as JSON, for --config, and do nothing else'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture vocabulary probabilities activations embeddings compare help" -f -a "history" -d 'Loss, perplexity, accuracy and learning rate over the epochs, the best epoch marked'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture vocabulary probabilities activations embeddings compare help" -f -a "architecture" -d 'The layers of the network with their shapes and parameter counts'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture vocabulary probabilities activations embeddings compare help" -f -a "vocabulary" -d 'How often the words of a token file come, and how much of the text so many of them cover'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture vocabulary probabilities activations embeddings compare help" -f -a "probabilities" -d 'A text coloured by how probable each token was'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture vocabulary probabilities activations embeddings compare help" -f -a "activations" -d 'What the units of a network do while it reads a text'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture vocabulary probabilities activations embeddings compare help" -f -a "embeddings" -d 'A map of the most frequent words by their vectors'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture vocabulary probabilities activations embeddings compare help" -f -a "compare" -d 'Any columns of any CSV files against each other'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture vocabulary probabilities activations embeddings compare help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
