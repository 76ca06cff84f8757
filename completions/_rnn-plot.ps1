
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'rnn-plot' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'rnn-plot'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'rnn-plot' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Print the options that are in effect as JSON, for --config, and do nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Loss, perplexity, accuracy and learning rate over the epochs, the best epoch marked')
            [CompletionResult]::new('architecture', 'architecture', [CompletionResultType]::ParameterValue, 'The layers of the network with their shapes and parameter counts')
            [CompletionResult]::new('vocabulary', 'vocabulary', [CompletionResultType]::ParameterValue, 'How often the words of a token file come, and how much of the text so many of them cover')
            [CompletionResult]::new('probabilities', 'probabilities', [CompletionResultType]::ParameterValue, 'A text coloured by how probable each token was')
            [CompletionResult]::new('activations', 'activations', [CompletionResultType]::ParameterValue, 'What the units of a network do while it reads a text')
            [CompletionResult]::new('embeddings', 'embeddings', [CompletionResultType]::ParameterValue, 'A map of the most frequent words by their vectors')
            [CompletionResult]::new('compare', 'compare', [CompletionResultType]::ParameterValue, 'Any columns of any CSV files against each other')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'rnn-plot;history' {
            [CompletionResult]::new('--smooth', '--smooth', [CompletionResultType]::ParameterName, 'Smooth the lines: each point keeps this share of the mean of those before it')
            [CompletionResult]::new('--width', '--width', [CompletionResultType]::ParameterName, 'Width in pixels at 96 to an inch')
            [CompletionResult]::new('--height', '--height', [CompletionResultType]::ParameterName, 'Height in pixels at 96 to an inch')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Kind of picture, whatever the output is called; needed for `-o -`')
            [CompletionResult]::new('--theme', '--theme', [CompletionResultType]::ParameterName, 'Colours for a light or a dark page')
            [CompletionResult]::new('--dpi', '--dpi', [CompletionResultType]::ParameterName, 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Draw anew after each line that comes from `rnn-train --json` on standard input')
            [CompletionResult]::new('--term', '--term', [CompletionResultType]::ParameterName, 'Draw on the terminal, in plain Unicode')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Print the options that are in effect as JSON, for --config, and do nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'rnn-plot;architecture' {
            [CompletionResult]::new('--unrolled', '--unrolled', [CompletionResultType]::ParameterName, 'The network over so many steps of time')
            [CompletionResult]::new('--cell', '--cell', [CompletionResultType]::ParameterName, 'The gates of a cell, with its equations, without any model')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Kind of picture, whatever the output is called; needed for `-o -`')
            [CompletionResult]::new('--theme', '--theme', [CompletionResultType]::ParameterName, 'Colours for a light or a dark page')
            [CompletionResult]::new('--dpi', '--dpi', [CompletionResultType]::ParameterName, 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone')
            [CompletionResult]::new('--term', '--term', [CompletionResultType]::ParameterName, 'Draw on the terminal, in plain Unicode')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Print the options that are in effect as JSON, for --config, and do nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'rnn-plot;vocabulary' {
            [CompletionResult]::new('--width', '--width', [CompletionResultType]::ParameterName, 'Width in pixels at 96 to an inch')
            [CompletionResult]::new('--height', '--height', [CompletionResultType]::ParameterName, 'Height in pixels at 96 to an inch')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Kind of picture, whatever the output is called; needed for `-o -`')
            [CompletionResult]::new('--theme', '--theme', [CompletionResultType]::ParameterName, 'Colours for a light or a dark page')
            [CompletionResult]::new('--dpi', '--dpi', [CompletionResultType]::ParameterName, 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone')
            [CompletionResult]::new('--term', '--term', [CompletionResultType]::ParameterName, 'Draw on the terminal, in plain Unicode')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Print the options that are in effect as JSON, for --config, and do nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'rnn-plot;probabilities' {
            [CompletionResult]::new('--width', '--width', [CompletionResultType]::ParameterName, 'Width in pixels at 96 to an inch')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Kind of picture, whatever the output is called; needed for `-o -`')
            [CompletionResult]::new('--theme', '--theme', [CompletionResultType]::ParameterName, 'Colours for a light or a dark page')
            [CompletionResult]::new('--dpi', '--dpi', [CompletionResultType]::ParameterName, 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone')
            [CompletionResult]::new('--term', '--term', [CompletionResultType]::ParameterName, 'Draw on the terminal, in plain Unicode')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Print the options that are in effect as JSON, for --config, and do nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'rnn-plot;activations' {
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'The text coloured by one unit: its layer and its number within it, both counted from 1')
            [CompletionResult]::new('--unit', '--unit', [CompletionResultType]::ParameterName, 'The text coloured by one unit: its layer and its number within it, both counted from 1')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'All units of a layer as a heat map, from the first layer on; the last layer if nothing is said')
            [CompletionResult]::new('--layer', '--layer', [CompletionResultType]::ParameterName, 'All units of a layer as a heat map, from the first layer on; the last layer if nothing is said')
            [CompletionResult]::new('--find', '--find', [CompletionResultType]::ParameterName, 'Print the units that follow something best, and draw the first if -o says where: quotes, brackets, line-length, or whatever matches a regular expression')
            [CompletionResult]::new('--width', '--width', [CompletionResultType]::ParameterName, 'Width in pixels at 96 to an inch')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Kind of picture, whatever the output is called; needed for `-o -`')
            [CompletionResult]::new('--theme', '--theme', [CompletionResultType]::ParameterName, 'Colours for a light or a dark page')
            [CompletionResult]::new('--dpi', '--dpi', [CompletionResultType]::ParameterName, 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone')
            [CompletionResult]::new('--term', '--term', [CompletionResultType]::ParameterName, 'Draw on the terminal, in plain Unicode')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Print the options that are in effect as JSON, for --config, and do nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'rnn-plot;embeddings' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'How many of the most frequent words are on the map')
            [CompletionResult]::new('--words', '--words', [CompletionResultType]::ParameterName, 'How many of the most frequent words are on the map')
            [CompletionResult]::new('--neighbours', '--neighbours', [CompletionResultType]::ParameterName, 'Print the words that lie nearest to this one instead, with their cosines; may be repeated')
            [CompletionResult]::new('--neighbors', '--neighbors', [CompletionResultType]::ParameterName, 'Print the words that lie nearest to this one instead, with their cosines; may be repeated')
            [CompletionResult]::new('--width', '--width', [CompletionResultType]::ParameterName, 'Width in pixels at 96 to an inch')
            [CompletionResult]::new('--height', '--height', [CompletionResultType]::ParameterName, 'Height in pixels at 96 to an inch')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Kind of picture, whatever the output is called; needed for `-o -`')
            [CompletionResult]::new('--theme', '--theme', [CompletionResultType]::ParameterName, 'Colours for a light or a dark page')
            [CompletionResult]::new('--dpi', '--dpi', [CompletionResultType]::ParameterName, 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone')
            [CompletionResult]::new('--term', '--term', [CompletionResultType]::ParameterName, 'Draw on the terminal, in plain Unicode')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Print the options that are in effect as JSON, for --config, and do nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'rnn-plot;compare' {
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'The column that goes across; the number of the row if nothing is said')
            [CompletionResult]::new('--across', '--across', [CompletionResultType]::ParameterName, 'The column that goes across; the number of the row if nothing is said')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'The column that goes up; may be repeated')
            [CompletionResult]::new('--up', '--up', [CompletionResultType]::ParameterName, 'The column that goes up; may be repeated')
            [CompletionResult]::new('--log', '--log', [CompletionResultType]::ParameterName, 'Axes that grow by factors')
            [CompletionResult]::new('--smooth', '--smooth', [CompletionResultType]::ParameterName, 'Smooth the lines: each point keeps this share of the mean of those before it')
            [CompletionResult]::new('--width', '--width', [CompletionResultType]::ParameterName, 'Width in pixels at 96 to an inch')
            [CompletionResult]::new('--height', '--height', [CompletionResultType]::ParameterName, 'Height in pixels at 96 to an inch')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the picture goes: NAME.png or NAME.svg [default: the picture''s name in this folder]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Kind of picture, whatever the output is called; needed for `-o -`')
            [CompletionResult]::new('--theme', '--theme', [CompletionResultType]::ParameterName, 'Colours for a light or a dark page')
            [CompletionResult]::new('--dpi', '--dpi', [CompletionResultType]::ParameterName, 'Pixels of a PNG to an inch: 192 doubles its size, and everything on it')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone')
            [CompletionResult]::new('--term', '--term', [CompletionResultType]::ParameterName, 'Draw on the terminal, in plain Unicode')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Print the options that are in effect as JSON, for --config, and do nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'rnn-plot;help' {
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Loss, perplexity, accuracy and learning rate over the epochs, the best epoch marked')
            [CompletionResult]::new('architecture', 'architecture', [CompletionResultType]::ParameterValue, 'The layers of the network with their shapes and parameter counts')
            [CompletionResult]::new('vocabulary', 'vocabulary', [CompletionResultType]::ParameterValue, 'How often the words of a token file come, and how much of the text so many of them cover')
            [CompletionResult]::new('probabilities', 'probabilities', [CompletionResultType]::ParameterValue, 'A text coloured by how probable each token was')
            [CompletionResult]::new('activations', 'activations', [CompletionResultType]::ParameterValue, 'What the units of a network do while it reads a text')
            [CompletionResult]::new('embeddings', 'embeddings', [CompletionResultType]::ParameterValue, 'A map of the most frequent words by their vectors')
            [CompletionResult]::new('compare', 'compare', [CompletionResultType]::ParameterValue, 'Any columns of any CSV files against each other')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'rnn-plot;help;history' {
            break
        }
        'rnn-plot;help;architecture' {
            break
        }
        'rnn-plot;help;vocabulary' {
            break
        }
        'rnn-plot;help;probabilities' {
            break
        }
        'rnn-plot;help;activations' {
            break
        }
        'rnn-plot;help;embeddings' {
            break
        }
        'rnn-plot;help;compare' {
            break
        }
        'rnn-plot;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
