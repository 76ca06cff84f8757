
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'rnn-eval' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'rnn-eval'
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
        'rnn-eval' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'The model file, or the folder that rnn-train made; repeat it to compare models')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The model file, or the folder that rnn-train made; repeat it to compare models')
            [CompletionResult]::new('--split', '--split', [CompletionResultType]::ParameterName, 'The part of a token file that is measured; valid if nothing is said')
            [CompletionResult]::new('--per', '--per', [CompletionResultType]::ParameterName, 'What has a row of its own, beside the total')
            [CompletionResult]::new('--rank', '--rank', [CompletionResultType]::ParameterName, 'Sort the lines by their probability, the likeliest first: a token, or in all')
            [CompletionResult]::new('--unknown', '--unknown', [CompletionResultType]::ParameterName, 'Name the N commonest pieces that the vocabulary does not have')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Processor cores to use; all if nothing is said')
            [CompletionResult]::new('--cache', '--cache', [CompletionResultType]::ParameterName, 'Mix in a continuous cache of the last N tokens: what followed similar states is likely again')
            [CompletionResult]::new('--cache-theta', '--cache-theta', [CompletionResultType]::ParameterName, 'How much the likeness of states counts in the cache; several are mixed if nothing is said')
            [CompletionResult]::new('--cache-share', '--cache-share', [CompletionResultType]::ParameterName, 'The cache''s share; learned on the way from the tokens already read if nothing is said')
            [CompletionResult]::new('--dynamic', '--dynamic', [CompletionResultType]::ParameterName, 'Dynamic evaluation: the weights go on learning from what they have just read, with this rate')
            [CompletionResult]::new('--dynamic-decay', '--dynamic-decay', [CompletionResultType]::ParameterName, 'How strongly they are drawn back to where they started')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone')
            [CompletionResult]::new('--lines', '--lines', [CompletionResultType]::ParameterName, 'Each line is a text of its own')
            [CompletionResult]::new('--unwrap', '--unwrap', [CompletionResultType]::ParameterName, 'Join the wrapped lines of prose paragraphs, as rnn-prep --unwrap does')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'JSON lines instead of a table')
            [CompletionResult]::new('--exact', '--exact', [CompletionResultType]::ParameterName, 'Read a long text in one go; otherwise pieces of 500 tokens or more are read side by side, each after the 100 tokens before it')
            [CompletionResult]::new('--int8', '--int8', [CompletionResultType]::ParameterName, 'Compute with weights rounded to 8-bit integers')
            [CompletionResult]::new('--no-ngrams', '--no-ngrams', [CompletionResultType]::ParameterName, 'Leave out the n-grams of the model file')
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
