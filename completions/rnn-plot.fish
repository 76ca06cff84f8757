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

complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -l config -d 'Read options from a TOML or JSON file, by name; a table [rnn-...] applies to that command only' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -l print-config -d 'Print the options in effect as JSON, for --config, and exit'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -s v -l verbose -d 'Log debug messages to standard error; -vv adds trace messages'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -s q -l quiet -d 'Log only errors to standard error'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -s h -l help -d 'Print help'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -s V -l version -d 'Print version'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "history" -d 'Loss, perplexity, accuracy and learning rate by epoch, with the best epoch marked'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "architecture" -d 'The layers of a network with their shapes and parameter counts'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "vocabulary" -d 'Word frequencies of a token file, and the fraction of the text that the most frequent words cover'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "probabilities" -d 'A text coloured by the probability of each token'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "activations" -d 'Activations of a network\'s units while it reads a text'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "embeddings" -d 'A map of the embeddings of the most frequent words'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "compare" -d 'Columns of CSV files against each other'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l smooth -d 'Smooth the curves by an exponential moving average with this weight of the past' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l width -d 'Width in pixels at 96 dpi' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l height -d 'Height in pixels at 96 dpi' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -s o -l output -d 'Output file, NAME.png or NAME.svg [default: the picture\'s name in the current folder]' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l format -d 'Picture format, regardless of the output\'s name; required with `-o -`' -r -f -a "png\t'Bitmap'
svg\t'Vector graphics'
html\t'Self-contained web page (probabilities only)'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l theme -d 'Colours for a light or a dark background' -r -f -a "light\t''
dark\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l dpi -d 'Resolution of a PNG in pixels per inch; 192 doubles the size of the image and everything in it' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l config -d 'Read options from a TOML or JSON file, by name; a table [rnn-...] applies to that command only' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l follow -d 'Redraw after each line of `rnn-train --json` on standard input'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l term -d 'Draw on the terminal with Unicode characters'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l force -d 'Replace an existing output file even if it is of another kind'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l print-config -d 'Print the options in effect as JSON, for --config, and exit'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -s v -l verbose -d 'Log debug messages to standard error; -vv adds trace messages'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -s q -l quiet -d 'Log only errors to standard error'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l unrolled -d 'Unroll the network over this many time steps' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l cell -d 'Show a cell\'s gates and equations; needs no model' -r -f -a "lstm\t'Long short-term memory'
gru\t'Gated recurrent unit'
rnn\t'Elman network'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -s o -l output -d 'Output file, NAME.png or NAME.svg [default: the picture\'s name in the current folder]' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l format -d 'Picture format, regardless of the output\'s name; required with `-o -`' -r -f -a "png\t'Bitmap'
svg\t'Vector graphics'
html\t'Self-contained web page (probabilities only)'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l theme -d 'Colours for a light or a dark background' -r -f -a "light\t''
dark\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l dpi -d 'Resolution of a PNG in pixels per inch; 192 doubles the size of the image and everything in it' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l config -d 'Read options from a TOML or JSON file, by name; a table [rnn-...] applies to that command only' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l term -d 'Draw on the terminal with Unicode characters'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l force -d 'Replace an existing output file even if it is of another kind'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l print-config -d 'Print the options in effect as JSON, for --config, and exit'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -s v -l verbose -d 'Log debug messages to standard error; -vv adds trace messages'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -s q -l quiet -d 'Log only errors to standard error'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -l width -d 'Width in pixels at 96 dpi' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -l height -d 'Height in pixels at 96 dpi' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -s o -l output -d 'Output file, NAME.png or NAME.svg [default: the picture\'s name in the current folder]' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -l format -d 'Picture format, regardless of the output\'s name; required with `-o -`' -r -f -a "png\t'Bitmap'
svg\t'Vector graphics'
html\t'Self-contained web page (probabilities only)'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -l theme -d 'Colours for a light or a dark background' -r -f -a "light\t''
dark\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -l dpi -d 'Resolution of a PNG in pixels per inch; 192 doubles the size of the image and everything in it' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -l config -d 'Read options from a TOML or JSON file, by name; a table [rnn-...] applies to that command only' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -l term -d 'Draw on the terminal with Unicode characters'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -l force -d 'Replace an existing output file even if it is of another kind'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -l print-config -d 'Print the options in effect as JSON, for --config, and exit'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -s v -l verbose -d 'Log debug messages to standard error; -vv adds trace messages'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -s q -l quiet -d 'Log only errors to standard error'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand vocabulary" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -l width -d 'Width in pixels at 96 dpi' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -s o -l output -d 'Output file, NAME.png or NAME.svg [default: the picture\'s name in the current folder]' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -l format -d 'Picture format, regardless of the output\'s name; required with `-o -`' -r -f -a "png\t'Bitmap'
svg\t'Vector graphics'
html\t'Self-contained web page (probabilities only)'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -l theme -d 'Colours for a light or a dark background' -r -f -a "light\t''
dark\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -l dpi -d 'Resolution of a PNG in pixels per inch; 192 doubles the size of the image and everything in it' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -l config -d 'Read options from a TOML or JSON file, by name; a table [rnn-...] applies to that command only' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -l term -d 'Draw on the terminal with Unicode characters'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -l force -d 'Replace an existing output file even if it is of another kind'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -l print-config -d 'Print the options in effect as JSON, for --config, and exit'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -s v -l verbose -d 'Log debug messages to standard error; -vv adds trace messages'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -s q -l quiet -d 'Log only errors to standard error'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand probabilities" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -s u -l unit -d 'Colour the text by one unit, given as its layer and its number within the layer, both counted from 1' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -s l -l layer -d 'Draw all units of this layer, counted from 1, as a heat map [default: the last layer]' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -l find -d 'Print the units that best track a feature of the text, and draw the first with -o: quotes, brackets, line-length, or a regular expression' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -l width -d 'Width in pixels at 96 dpi' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -s o -l output -d 'Output file, NAME.png or NAME.svg [default: the picture\'s name in the current folder]' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -l format -d 'Picture format, regardless of the output\'s name; required with `-o -`' -r -f -a "png\t'Bitmap'
svg\t'Vector graphics'
html\t'Self-contained web page (probabilities only)'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -l theme -d 'Colours for a light or a dark background' -r -f -a "light\t''
dark\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -l dpi -d 'Resolution of a PNG in pixels per inch; 192 doubles the size of the image and everything in it' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -l config -d 'Read options from a TOML or JSON file, by name; a table [rnn-...] applies to that command only' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -l term -d 'Draw on the terminal with Unicode characters'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -l force -d 'Replace an existing output file even if it is of another kind'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -l print-config -d 'Print the options in effect as JSON, for --config, and exit'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -s v -l verbose -d 'Log debug messages to standard error; -vv adds trace messages'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -s q -l quiet -d 'Log only errors to standard error'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand activations" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -s n -l words -d 'Number of most frequent words on the map' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l neighbours -l neighbors -d 'Print the nearest neighbours of this word and their cosine similarities instead; may be repeated' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l width -d 'Width in pixels at 96 dpi' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l height -d 'Height in pixels at 96 dpi' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -s o -l output -d 'Output file, NAME.png or NAME.svg [default: the picture\'s name in the current folder]' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l format -d 'Picture format, regardless of the output\'s name; required with `-o -`' -r -f -a "png\t'Bitmap'
svg\t'Vector graphics'
html\t'Self-contained web page (probabilities only)'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l theme -d 'Colours for a light or a dark background' -r -f -a "light\t''
dark\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l dpi -d 'Resolution of a PNG in pixels per inch; 192 doubles the size of the image and everything in it' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l config -d 'Read options from a TOML or JSON file, by name; a table [rnn-...] applies to that command only' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l term -d 'Draw on the terminal with Unicode characters'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l force -d 'Replace an existing output file even if it is of another kind'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -l print-config -d 'Print the options in effect as JSON, for --config, and exit'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -s v -l verbose -d 'Log debug messages to standard error; -vv adds trace messages'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -s q -l quiet -d 'Log only errors to standard error'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand embeddings" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -s x -l across -d 'Column for the x axis [default: row number]' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -s y -l up -d 'Column for the y axis; may be repeated' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l log -d 'Axes with a logarithmic scale' -r -f -a "x\t''
y\t''
both\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l smooth -d 'Smooth the curves by an exponential moving average with this weight of the past' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l width -d 'Width in pixels at 96 dpi' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l height -d 'Height in pixels at 96 dpi' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -s o -l output -d 'Output file, NAME.png or NAME.svg [default: the picture\'s name in the current folder]' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l format -d 'Picture format, regardless of the output\'s name; required with `-o -`' -r -f -a "png\t'Bitmap'
svg\t'Vector graphics'
html\t'Self-contained web page (probabilities only)'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l theme -d 'Colours for a light or a dark background' -r -f -a "light\t''
dark\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l dpi -d 'Resolution of a PNG in pixels per inch; 192 doubles the size of the image and everything in it' -r
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l config -d 'Read options from a TOML or JSON file, by name; a table [rnn-...] applies to that command only' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l term -d 'Draw on the terminal with Unicode characters'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l force -d 'Replace an existing output file even if it is of another kind'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -l print-config -d 'Print the options in effect as JSON, for --config, and exit'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -s v -l verbose -d 'Log debug messages to standard error; -vv adds trace messages'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -s q -l quiet -d 'Log only errors to standard error'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand compare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture vocabulary probabilities activations embeddings compare help" -f -a "history" -d 'Loss, perplexity, accuracy and learning rate by epoch, with the best epoch marked'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture vocabulary probabilities activations embeddings compare help" -f -a "architecture" -d 'The layers of a network with their shapes and parameter counts'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture vocabulary probabilities activations embeddings compare help" -f -a "vocabulary" -d 'Word frequencies of a token file, and the fraction of the text that the most frequent words cover'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture vocabulary probabilities activations embeddings compare help" -f -a "probabilities" -d 'A text coloured by the probability of each token'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture vocabulary probabilities activations embeddings compare help" -f -a "activations" -d 'Activations of a network\'s units while it reads a text'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture vocabulary probabilities activations embeddings compare help" -f -a "embeddings" -d 'A map of the embeddings of the most frequent words'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture vocabulary probabilities activations embeddings compare help" -f -a "compare" -d 'Columns of CSV files against each other'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture vocabulary probabilities activations embeddings compare help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
