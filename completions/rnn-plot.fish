# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_rnn_plot_global_optspecs
    string join \n v/verbose q/quiet h/help V/version
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

complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -s h -l help -d 'Print help'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -s V -l version -d 'Print version'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "history" -d 'Loss and accuracy over the epochs, training and validation, the best epoch marked'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "architecture" -d 'The layers of the network with their shapes and parameter counts'
complete -c rnn-plot -n "__fish_rnn_plot_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -s o -l output -d 'Where the picture goes: NAME.png or NAME.svg [default: history.png]' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l format -d 'Kind of picture, whatever the output is called; needed for `-o -`' -r -f -a "png\t'Pixels'
svg\t'Lines and text, sharp at any size'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -l theme -d 'Colours for a light or a dark page' -r -f -a "light\t''
dark\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -s o -l output -d 'Where the picture goes: NAME.png or NAME.svg [default: architecture.png]' -r -F
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l format -d 'Kind of picture, whatever the output is called; needed for `-o -`' -r -f -a "png\t'Pixels'
svg\t'Lines and text, sharp at any size'"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -l theme -d 'Colours for a light or a dark page' -r -f -a "light\t''
dark\t''"
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand architecture" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture help" -f -a "history" -d 'Loss and accuracy over the epochs, training and validation, the best epoch marked'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture help" -f -a "architecture" -d 'The layers of the network with their shapes and parameter counts'
complete -c rnn-plot -n "__fish_rnn_plot_using_subcommand help; and not __fish_seen_subcommand_from history architecture help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
