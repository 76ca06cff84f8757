
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'rnn-gen' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'rnn-gen'
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
        'rnn-gen' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'The model file, or the folder that rnn-train made; several for --mix or --turns')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The model file, or the folder that rnn-train made; several for --mix or --turns')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'The text to go on from; `-` reads it from standard input')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'The text to go on from; `-` reads it from standard input')
            [CompletionResult]::new('--seed-file', '--seed-file', [CompletionResultType]::ParameterName, 'Read the text to go on from from a file')
            [CompletionResult]::new('--unknown', '--unknown', [CompletionResultType]::ParameterName, 'What becomes of words of that text that the model does not know')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'How many words to write (characters, if the model is of characters or bytes); 0 goes on until the reader closes the pipe, or the document ends [default: 50, or 10000 where something else ends the text]')
            [CompletionResult]::new('--words', '--words', [CompletionResultType]::ParameterName, 'How many words to write (characters, if the model is of characters or bytes); 0 goes on until the reader closes the pipe, or the document ends [default: 50, or 10000 where something else ends the text]')
            [CompletionResult]::new('--chars', '--chars', [CompletionResultType]::ParameterName, 'Write no more than N characters, the last word whole')
            [CompletionResult]::new('--sentences', '--sentences', [CompletionResultType]::ParameterName, 'Stop after N sentences')
            [CompletionResult]::new('--paragraphs', '--paragraphs', [CompletionResultType]::ParameterName, 'Stop after N paragraphs')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Stop once STRING has been written; may be given several times')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Below 1 the likely words get likelier, above 1 the rare ones; 0 always takes the likeliest. T@WORD,T@WORD ... moves from one to the next in the course of the text: 1.2@0,0.6@100')
            [CompletionResult]::new('--temperature', '--temperature', [CompletionResultType]::ParameterName, 'Below 1 the likely words get likelier, above 1 the rare ones; 0 always takes the likeliest. T@WORD,T@WORD ... moves from one to the next in the course of the text: 1.2@0,0.6@100')
            [CompletionResult]::new('--top-k', '--top-k', [CompletionResultType]::ParameterName, 'Choose among the K likeliest words only')
            [CompletionResult]::new('--top-p', '--top-p', [CompletionResultType]::ParameterName, 'Choose among the likeliest words that together have probability P; 1 for all words [default: 0.6, or 1 with --top-k, --min-p or --typical]')
            [CompletionResult]::new('--min-p', '--min-p', [CompletionResultType]::ParameterName, 'Choose among the words at least P times as likely as the likeliest one')
            [CompletionResult]::new('--typical', '--typical', [CompletionResultType]::ParameterName, 'Choose among the words of most typical probability, neither too likely nor too unlikely, that together have probability P')
            [CompletionResult]::new('--repetition-penalty', '--repetition-penalty', [CompletionResultType]::ParameterName, 'Make words of the last text less likely: divides their logits by X, or multiplies those below 0; 1 is none')
            [CompletionResult]::new('--presence-penalty', '--presence-penalty', [CompletionResultType]::ParameterName, 'Taken once from the logits of words of the last text')
            [CompletionResult]::new('--frequency-penalty', '--frequency-penalty', [CompletionResultType]::ParameterName, 'Taken from the logits of words for each time that they stand in the last text')
            [CompletionResult]::new('--penalty-window', '--penalty-window', [CompletionResultType]::ParameterName, 'What these three hold to be the last text: N words and marks, the seed text''s included')
            [CompletionResult]::new('--no-repeat-ngram', '--no-repeat-ngram', [CompletionResultType]::ParameterName, 'Write no sequence of N words and marks twice (in the last 16,384)')
            [CompletionResult]::new('--no-copy', '--no-copy', [CompletionResultType]::ParameterName, 'Write no run of N words that stands in the book: see --book')
            [CompletionResult]::new('--book', '--book', [CompletionResultType]::ParameterName, 'The token file that rnn-prep made of the book. It is read at the start: for a million words that takes --no-copy about 0.1 s and 30 MB, and --novelty half a second and 80 MB')
            [CompletionResult]::new('--bias', '--bias', [CompletionResultType]::ParameterName, 'Make a word likelier (X above 0) or less likely: X is added to its logit. The word as it is spelt; `\n` is a line break; may be given several times')
            [CompletionResult]::new('--ban', '--ban', [CompletionResultType]::ParameterName, 'Never write a word')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'The same seed, model and options give the same text; chosen freshly and reported if left out')
            [CompletionResult]::new('--random-seed', '--random-seed', [CompletionResultType]::ParameterName, 'The same seed, model and options give the same text; chosen freshly and reported if left out')
            [CompletionResult]::new('--samples', '--samples', [CompletionResultType]::ParameterName, 'Write N texts from the same beginning, in one batch')
            [CompletionResult]::new('--first-sample', '--first-sample', [CompletionResultType]::ParameterName, 'The number of the first text: with --first-sample 7, the seventh of the same random seed alone')
            [CompletionResult]::new('--beams', '--beams', [CompletionResultType]::ParameterName, 'Instead of drawing, look for the likeliest text with N texts side by side; --samples prints the best few')
            [CompletionResult]::new('--length-penalty', '--length-penalty', [CompletionResultType]::ParameterName, 'Texts are compared by log-probability / length^A: above 0 prefers longer ones')
            [CompletionResult]::new('--mix', '--mix', [CompletionResultType]::ParameterName, 'Mix the probabilities of several models of the same vocabulary by these shares, as in 0.7,0.3')
            [CompletionResult]::new('--turns', '--turns', [CompletionResultType]::ParameterName, 'Let several models write in turn, each reading what the others wrote: a sentence, a paragraph or N words')
            [CompletionResult]::new('--best', '--best', [CompletionResultType]::ParameterName, 'How many of the likeliest words to show, here and in --json')
            [CompletionResult]::new('--state-in', '--state-in', [CompletionResultType]::ParameterName, 'Go on where --state-out stopped, as if it had not; with --random-seed, in another way')
            [CompletionResult]::new('--state-out', '--state-out', [CompletionResultType]::ParameterName, 'Save where the text stands, for --state-in')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour words by their probability for the model: green from 0.1, yellow from 0.01, red from 0.001, magenta below. By itself only on a terminal, and never where NO_COLOR is set')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone')
            [CompletionResult]::new('--int8', '--int8', [CompletionResultType]::ParameterName, 'Compute with weights rounded to 8-bit integers: up to four times as fast, and nearly the same text')
            [CompletionResult]::new('--novelty', '--novelty', [CompletionResultType]::ParameterName, 'Say on standard error how much of the text stands in the book: runs of 5 words, and the longest run')
            [CompletionResult]::new('--allow-unk', '--allow-unk', [CompletionResultType]::ParameterName, 'Write <unk> where the model means a word that it does not know')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Choose each word yourself among the likeliest, type your own, take back; `?` for help')
            [CompletionResult]::new('--interactive', '--interactive', [CompletionResultType]::ParameterName, 'Choose each word yourself among the likeliest, type your own, take back; `?` for help')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object a text: text, tokens, their probabilities, and all that is needed to write it again')
            [CompletionResult]::new('--probs', '--probs', [CompletionResultType]::ParameterName, 'Print a table with tabs: each word and mark, its probability for the model and after sampling, its rank')
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
