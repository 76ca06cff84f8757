
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
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the text here')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the text here')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Write each book to its own file, DIR/NAME.txt')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Write each book to its own file, DIR/NAME.txt')
            [CompletionResult]::new('--manifest', '--manifest', [CompletionResultType]::ParameterName, 'Record the sources of the text in FILE, for use with --locked')
            [CompletionResult]::new('--locked', '--locked', [CompletionResultType]::ParameterName, 'Reproduce the text recorded in FILE by --manifest, byte for byte; fail if that is impossible')
            [CompletionResult]::new('--mirror', '--mirror', [CompletionResultType]::ParameterName, 'Use this mirror: its root URL, or a pattern with {n} for the number and {dir} for 1/3/4/1342; may be repeated')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time to wait for a server to connect or send data')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Number of retries when a transfer breaks off or a server is busy')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Time between two requests to one server; doubles with each retry')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Keep header and licence; still convert to UTF-8 with LF line ends')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'List the catalogue')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List the catalogue')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the list as JSON')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Read from the cache only')
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
