
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
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the token file here')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the token file here')
            [CompletionResult]::new('--inspect', '--inspect', [CompletionResultType]::ParameterName, 'Describe a token file and show its first tokens')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'Number of threads [default: all cores]')
            [CompletionResult]::new('--column', '--column', [CompletionResultType]::ParameterName, 'Read CSV or JSON Lines and treat this column or field of each row as a document')
            [CompletionResult]::new('--level', '--level', [CompletionResultType]::ParameterName, 'The unit of a token [default: word]')
            [CompletionResult]::new('--language', '--language', [CompletionResultType]::ParameterName, 'Two-letter code of the text''s language; French (fr) and Italian (it) split l'’homme and dell''arte in two')
            [CompletionResult]::new('--min-count', '--min-count', [CompletionResultType]::ParameterName, 'Replace words that occur fewer than N times in the training part with `<unk>`')
            [CompletionResult]::new('--max-vocab', '--max-vocab', [CompletionResultType]::ParameterName, 'Keep only the N most frequent words')
            [CompletionResult]::new('--vocab', '--vocab', [CompletionResultType]::ParameterName, 'Use the vocabulary of a token file, a model, a tokenizer.json, or a list with one token per line')
            [CompletionResult]::new('--embeddings', '--embeddings', [CompletionResultType]::ParameterName, 'Store word vectors from a GloVe or word2vec text file as initial embeddings for rnn-train')
            [CompletionResult]::new('--valid', '--valid', [CompletionResultType]::ParameterName, 'Fraction of the text to hold out for validation, taken from the end')
            [CompletionResult]::new('--test', '--test', [CompletionResultType]::ParameterName, 'Fraction of the text to hold out for testing, taken from the end, after the validation part')
            [CompletionResult]::new('--valid-file', '--valid-file', [CompletionResultType]::ParameterName, 'Validate on this file instead of a held-out fraction; may be repeated')
            [CompletionResult]::new('--test-file', '--test-file', [CompletionResultType]::ParameterName, 'Test on this file instead of a held-out fraction; may be repeated')
            [CompletionResult]::new('--split-by', '--split-by', [CompletionResultType]::ParameterName, 'Where the text may be split [default: document with --lines or --column, otherwise token]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the report as JSON, on standard output or, if the token file goes there, on standard error')
            [CompletionResult]::new('--lines', '--lines', [CompletionResultType]::ParameterName, 'Treat each line as a document and enclose it in `<bos>` and `<eos>`')
            [CompletionResult]::new('--lossy', '--lossy', [CompletionResultType]::ParameterName, 'Replace NUL and invalid UTF-8 with U+FFFD instead of failing')
            [CompletionResult]::new('--unwrap', '--unwrap', [CompletionResultType]::ParameterName, 'Join the wrapped lines of prose paragraphs; leave verse and indented lines as they are')
            [CompletionResult]::new('--classic', '--classic', [CompletionResultType]::ParameterName, 'Lower-case the text and drop everything except letters, digits and spaces')
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
