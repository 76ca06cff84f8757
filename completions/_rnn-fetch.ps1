
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'rnn-fetch' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'rnn-fetch'
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
        'rnn-fetch' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the text goes')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the text goes')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Write each book to a file of its own, DIR/NAME.txt')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Write each book to a file of its own, DIR/NAME.txt')
            [CompletionResult]::new('--manifest', '--manifest', [CompletionResultType]::ParameterName, 'Write down what the text was made of, to make it again with --locked')
            [CompletionResult]::new('--locked', '--locked', [CompletionResultType]::ParameterName, 'Make the text that FILE, written by --manifest, describes: the same bytes, or an error')
            [CompletionResult]::new('--mirror', '--mirror', [CompletionResultType]::ParameterName, 'Look for books here instead: a mirror''s root, or a pattern with {n} for the number and {dir} for 1/3/4/1342')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up when a server is silent for this long')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Try an address again this many times when it breaks off or is busy')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Pause between two requests to one server, doubled with each further try')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Keep header and licence; encoding and line ends are still made uniform')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'List the catalogue')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List the catalogue')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'List it as JSON')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use only what the cache holds')
            [CompletionResult]::new('--print-config', '--print-config', [CompletionResultType]::ParameterName, 'Print the options that are in effect as JSON, for --config, and do nothing else')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on standard error; twice for debugging')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on standard error but errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
