
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'rnn-train' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'rnn-train'
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
        'rnn-train' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Folder for the model file, the history and the checkpoint')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Folder for the model file, the history and the checkpoint')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'The settings to start from; the options below change single ones')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Where to train')
            [CompletionResult]::new('--threads', '--threads', [CompletionResultType]::ParameterName, 'CPU threads [default: as many as help, found out while training]')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Starts the weights and the dropout masks; chosen freshly and reported if left out')
            [CompletionResult]::new('--random-seed', '--random-seed', [CompletionResultType]::ParameterName, 'Starts the weights and the dropout masks; chosen freshly and reported if left out')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Go on from a model file, or the one in a folder, on other text; its shape is taken over')
            [CompletionResult]::new('--sample-every', '--sample-every', [CompletionResultType]::ParameterName, 'Write a sample of text on standard error every N steps')
            [CompletionResult]::new('--tune', '--tune', [CompletionResultType]::ParameterName, 'Search for better settings for so many minutes, and write them to tuned.json in FOLDER, for --config')
            [CompletionResult]::new('--cell', '--cell', [CompletionResultType]::ParameterName, 'What the recurrent layers are made of')
            [CompletionResult]::new('--embedding-size', '--embedding-size', [CompletionResultType]::ParameterName, 'Numbers that stand for a word')
            [CompletionResult]::new('--hidden-size', '--hidden-size', [CompletionResultType]::ParameterName, 'Units of each layer')
            [CompletionResult]::new('--num-layers', '--num-layers', [CompletionResultType]::ParameterName, 'Recurrent layers')
            [CompletionResult]::new('--last-size', '--last-size', [CompletionResultType]::ParameterName, 'Units of the last layer; 0 as the others')
            [CompletionResult]::new('--skip-connections', '--skip-connections', [CompletionResultType]::ParameterName, 'Let the output read the embedding and every layer')
            [CompletionResult]::new('--attention', '--attention', [CompletionResultType]::ParameterName, 'Look back over the last N steps; 0 for no attention')
            [CompletionResult]::new('--tie-weights', '--tie-weights', [CompletionResultType]::ParameterName, 'Use the embedding for the output too; needs equal sizes')
            [CompletionResult]::new('--cutoffs', '--cutoffs', [CompletionResultType]::ParameterName, 'Adaptive softmax for large vocabularies: ranks at which clusters of rarer words begin, say 2000,10000')
            [CompletionResult]::new('--output-bias', '--output-bias', [CompletionResultType]::ParameterName, 'What the output bias starts from')
            [CompletionResult]::new('--ngram', '--ngram', [CompletionResultType]::ParameterName, 'Mix in the book''s own n-grams, up to N words long; 0 leaves them out')
            [CompletionResult]::new('--dropout-input', '--dropout-input', [CompletionResultType]::ParameterName, 'Dropout between embedding and first layer')
            [CompletionResult]::new('--dropout-hidden', '--dropout-hidden', [CompletionResultType]::ParameterName, 'Dropout between layers')
            [CompletionResult]::new('--dropout-output', '--dropout-output', [CompletionResultType]::ParameterName, 'Dropout before the output layer')
            [CompletionResult]::new('--locked-dropout', '--locked-dropout', [CompletionResultType]::ParameterName, 'Drop the same units at each step of a window')
            [CompletionResult]::new('--dropout-embedding', '--dropout-embedding', [CompletionResultType]::ParameterName, 'Dropout of whole words')
            [CompletionResult]::new('--dropout-weight', '--dropout-weight', [CompletionResultType]::ParameterName, 'Dropout of hidden-to-hidden weights')
            [CompletionResult]::new('--activation-penalty', '--activation-penalty', [CompletionResultType]::ParameterName, 'Weight of the penalty on large activations')
            [CompletionResult]::new('--temporal-penalty', '--temporal-penalty', [CompletionResultType]::ParameterName, 'Weight of the penalty on activations that change from step to step')
            [CompletionResult]::new('--label-smoothing', '--label-smoothing', [CompletionResultType]::ParameterName, 'Probability that the target gives up to all words')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Times to read the text')
            [CompletionResult]::new('--epochs', '--epochs', [CompletionResultType]::ParameterName, 'Times to read the text')
            [CompletionResult]::new('--patience', '--patience', [CompletionResultType]::ParameterName, 'Stop after N evaluations without a better validation loss; 0 never does')
            [CompletionResult]::new('-b', '-b', [CompletionResultType]::ParameterName, 'Streams read in parallel')
            [CompletionResult]::new('--batch-size', '--batch-size', [CompletionResultType]::ParameterName, 'Streams read in parallel')
            [CompletionResult]::new('--seq-length', '--seq-length', [CompletionResultType]::ParameterName, 'Words through which gradients flow back')
            [CompletionResult]::new('--random-length', '--random-length', [CompletionResultType]::ParameterName, 'Vary that length, and the learning rate with it')
            [CompletionResult]::new('--accumulate', '--accumulate', [CompletionResultType]::ParameterName, 'Add up the gradients of N windows for a step')
            [CompletionResult]::new('--optimizer', '--optimizer', [CompletionResultType]::ParameterName, 'How gradients change the weights')
            [CompletionResult]::new('--learning-rate', '--learning-rate', [CompletionResultType]::ParameterName, 'Step size')
            [CompletionResult]::new('--schedule', '--schedule', [CompletionResultType]::ParameterName, 'How the learning rate changes')
            [CompletionResult]::new('--warmup', '--warmup', [CompletionResultType]::ParameterName, 'Share of the steps in which the rate rises (cosine, one-cycle)')
            [CompletionResult]::new('--decay-factor', '--decay-factor', [CompletionResultType]::ParameterName, 'Multiply the rate with this (step, plateau)')
            [CompletionResult]::new('--decay-every', '--decay-every', [CompletionResultType]::ParameterName, 'Do so every N epochs (step), or after N evaluations without a better validation loss (plateau)')
            [CompletionResult]::new('--decay-after', '--decay-after', [CompletionResultType]::ParameterName, 'Begin with that after N epochs (step)')
            [CompletionResult]::new('--beta1', '--beta1', [CompletionResultType]::ParameterName, 'Decay of Adam''s mean of gradients')
            [CompletionResult]::new('--beta2', '--beta2', [CompletionResultType]::ParameterName, 'Decay of Adam''s mean of squared gradients')
            [CompletionResult]::new('--momentum', '--momentum', [CompletionResultType]::ParameterName, 'Momentum of SGD')
            [CompletionResult]::new('--weight-decay', '--weight-decay', [CompletionResultType]::ParameterName, 'Pull the weights towards zero')
            [CompletionResult]::new('--clip-norm', '--clip-norm', [CompletionResultType]::ParameterName, 'Shorten longer gradients to this norm; 0 leaves them')
            [CompletionResult]::new('--clip-value', '--clip-value', [CompletionResultType]::ParameterName, 'Cut larger numbers of a gradient to this one; 0 leaves them')
            [CompletionResult]::new('--average', '--average', [CompletionResultType]::ParameterName, 'Decay of the moving average of the weights; 0 for none')
            [CompletionResult]::new('--eval-every', '--eval-every', [CompletionResultType]::ParameterName, 'Evaluate every N steps too, not only after each epoch; patience then counts evaluations')
            [CompletionResult]::new('--freeze', '--freeze', [CompletionResultType]::ParameterName, 'Leave parts of the network as they are, each perhaps for some epochs only: embedding:3,lstm.0,output')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Stop after this time (90s, 10m, 2h), saved, so that --resume can go on')
            [CompletionResult]::new('--max-steps', '--max-steps', [CompletionResultType]::ParameterName, 'Stop after N steps since training began, saved, so that --resume can go on')
            [CompletionResult]::new('--checkpoint-every', '--checkpoint-every', [CompletionResultType]::ParameterName, 'Save a checkpoint after this time too, not only after each evaluation')
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'Keep the last N checkpoints, the older ones as checkpoint-STEP.safetensors')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Go on with the training in FOLDER where it was stopped, with its settings')
            [CompletionResult]::new('--int8', '--int8', [CompletionResultType]::ParameterName, 'Write the model''s matrices as 8-bit integers: a quarter of the size')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print each evaluation, each trial of --tune, or the answer of --dry-run as a line of JSON on standard output')
            [CompletionResult]::new('--grow-vocab', '--grow-vocab', [CompletionResultType]::ParameterName, 'Add the words of the text that MODEL does not know')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only say what training would cost: parameters, memory, seconds an epoch; nothing is written')
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
