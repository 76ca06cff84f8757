
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'rnn-serve' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'rnn-serve'
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
        'rnn-serve' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'The model file, or the folder that rnn-train made, perhaps with a name: `alice=models/alice`. Several times for several models, which requests choose by `model`; the first is for those that name none')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The model file, or the folder that rnn-train made, perhaps with a name: `alice=models/alice`. Several times for several models, which requests choose by `model`; the first is for those that name none')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'The address to listen on; 0.0.0.0 is every one this machine has')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The port to listen on; 0 takes a free one and prints the address on standard output')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'The port to listen on; 0 takes a free one and prints the address on standard output')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'A file with the keys that clients may use, one a line: `Authorization: Bearer KEY`. Without it the key is that of the environment variable RNN_API_KEY; without either everybody is welcome')
            [CompletionResult]::new('--cors-origin', '--cors-origin', [CompletionResultType]::ParameterName, 'A site whose pages may call this server from a browser; several times for several, `*` for all')
            [CompletionResult]::new('--batch', '--batch', [CompletionResultType]::ParameterName, 'How many texts each model writes at the same time')
            [CompletionResult]::new('--queue', '--queue', [CompletionResultType]::ParameterName, 'How many requests for each model may wait; the next one gets status 429')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The longest time that a request may take, waiting included')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone')
            [CompletionResult]::new('--int8', '--int8', [CompletionResultType]::ParameterName, 'Compute with weights rounded to 8-bit integers: up to four times as fast, and nearly the same texts')
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
