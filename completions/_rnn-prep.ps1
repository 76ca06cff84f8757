
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'rnn-prep' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'rnn-prep'
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
        'rnn-prep' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where the token file goes')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where the token file goes')
            [CompletionResult]::new('--inspect', '--inspect', [CompletionResultType]::ParameterName, 'Print what is in a token file, and its first tokens, and do nothing else')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Processor cores to use; all if nothing is said')
            [CompletionResult]::new('--column', '--column', [CompletionResultType]::ParameterName, 'The inputs are CSV or JSON Lines, and this column or field of each row is a document')
            [CompletionResult]::new('--level', '--level', [CompletionResultType]::ParameterName, 'What a token is; a word if nothing is said')
            [CompletionResult]::new('--language', '--language', [CompletionResultType]::ParameterName, 'The text''s language, as two letters; French (fr) and Italian (it) cut l'’homme and dell''arte in two')
            [CompletionResult]::new('--min-count', '--min-count', [CompletionResultType]::ParameterName, 'Words seen less often than this in the training part become `<unk>`')
            [CompletionResult]::new('--max-vocab', '--max-vocab', [CompletionResultType]::ParameterName, 'Keep at most the N most frequent words')
            [CompletionResult]::new('--vocab', '--vocab', [CompletionResultType]::ParameterName, 'Take the vocabulary of a token file, a model, a tokenizer.json, or a list with a token a line')
            [CompletionResult]::new('--embeddings', '--embeddings', [CompletionResultType]::ParameterName, 'Store the word vectors of a GloVe or word2vec text file for rnn-train to start from')
            [CompletionResult]::new('--valid', '--valid', [CompletionResultType]::ParameterName, 'Share of the text held out at its end to validate on')
            [CompletionResult]::new('--test', '--test', [CompletionResultType]::ParameterName, 'Share of the text held out after that to test on')
            [CompletionResult]::new('--valid-file', '--valid-file', [CompletionResultType]::ParameterName, 'Validate on this file instead of on a share; may be repeated')
            [CompletionResult]::new('--test-file', '--test-file', [CompletionResultType]::ParameterName, 'Test on this file instead of on a share; may be repeated')
            [CompletionResult]::new('--split-by', '--split-by', [CompletionResultType]::ParameterName, 'Where the text may be split; with --lines or --column between documents, else anywhere')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the report as JSON: on standard output, or on standard error if the token file goes there')
            [CompletionResult]::new('--lines', '--lines', [CompletionResultType]::ParameterName, 'Each line is a document of its own, between marks of its begin and end')
            [CompletionResult]::new('--lossy', '--lossy', [CompletionResultType]::ParameterName, 'Replace bytes that are not UTF-8, and NUL, by U+FFFD instead of refusing them')
            [CompletionResult]::new('--unwrap', '--unwrap', [CompletionResultType]::ParameterName, 'Join the wrapped lines of prose paragraphs; verse and indented lines keep their breaks')
            [CompletionResult]::new('--classic', '--classic', [CompletionResultType]::ParameterName, 'Lower-case the text and drop everything but letters, digits and blanks')
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
