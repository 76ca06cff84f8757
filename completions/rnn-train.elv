
use builtin;
use str;

set edit:completion:arg-completer[rnn-train] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'rnn-train'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'rnn-train'= {
            cand -o 'Folder for the model file, the history and the checkpoint'
            cand --output 'Folder for the model file, the history and the checkpoint'
            cand --preset 'The settings to start from; the options below change single ones'
            cand --device 'Where to train'
            cand --threads 'CPU threads [default: as many as help, found out while training]'
            cand -r 'Starts the weights and the dropout masks; chosen freshly and reported if left out'
            cand --random-seed 'Starts the weights and the dropout masks; chosen freshly and reported if left out'
            cand --from 'Go on from a model file, or the one in a folder, on other text; its shape is taken over'
            cand --sample-every 'Write a sample of text on standard error every N steps'
            cand --tune 'Search for better settings for so many minutes, and write them to tuned.json in FOLDER, for --config'
            cand --cell 'What the recurrent layers are made of'
            cand --embedding-size 'Numbers that stand for a word'
            cand --hidden-size 'Units of each layer'
            cand --num-layers 'Recurrent layers'
            cand --last-size 'Units of the last layer; 0 as the others'
            cand --skip-connections 'Let the output read the embedding and every layer'
            cand --attention 'Look back over the last N steps; 0 for no attention'
            cand --tie-weights 'Use the embedding for the output too; needs equal sizes'
            cand --cutoffs 'Adaptive softmax for large vocabularies: ranks at which clusters of rarer words begin, say 2000,10000'
            cand --output-bias 'What the output bias starts from'
            cand --ngram 'Mix in the book''s own n-grams, up to N words long; 0 leaves them out'
            cand --dropout-input 'Dropout between embedding and first layer'
            cand --dropout-hidden 'Dropout between layers'
            cand --dropout-output 'Dropout before the output layer'
            cand --locked-dropout 'Drop the same units at each step of a window'
            cand --dropout-embedding 'Dropout of whole words'
            cand --dropout-weight 'Dropout of hidden-to-hidden weights'
            cand --activation-penalty 'Weight of the penalty on large activations'
            cand --temporal-penalty 'Weight of the penalty on activations that change from step to step'
            cand --label-smoothing 'Probability that the target gives up to all words'
            cand -e 'Times to read the text'
            cand --epochs 'Times to read the text'
            cand --patience 'Stop after N evaluations without a better validation loss; 0 never does'
            cand -b 'Streams read in parallel'
            cand --batch-size 'Streams read in parallel'
            cand --seq-length 'Words through which gradients flow back'
            cand --random-length 'Vary that length, and the learning rate with it'
            cand --accumulate 'Add up the gradients of N windows for a step'
            cand --optimizer 'How gradients change the weights'
            cand --learning-rate 'Step size'
            cand --schedule 'How the learning rate changes'
            cand --warmup 'Share of the steps in which the rate rises (cosine, one-cycle)'
            cand --decay-factor 'Multiply the rate with this (step, plateau)'
            cand --decay-every 'Do so every N epochs (step), or after N evaluations without a better validation loss (plateau)'
            cand --decay-after 'Begin with that after N epochs (step)'
            cand --beta1 'Decay of Adam''s mean of gradients'
            cand --beta2 'Decay of Adam''s mean of squared gradients'
            cand --momentum 'Momentum of SGD'
            cand --weight-decay 'Pull the weights towards zero'
            cand --clip-norm 'Shorten longer gradients to this norm; 0 leaves them'
            cand --clip-value 'Cut larger numbers of a gradient to this one; 0 leaves them'
            cand --average 'Decay of the moving average of the weights; 0 for none'
            cand --eval-every 'Evaluate every N steps too, not only after each epoch; patience then counts evaluations'
            cand --freeze 'Leave parts of the network as they are, each perhaps for some epochs only: embedding:3,lstm.0,output'
            cand --max-time 'Stop after this time (90s, 10m, 2h), saved, so that --resume can go on'
            cand --max-steps 'Stop after N steps since training began, saved, so that --resume can go on'
            cand --checkpoint-every 'Save a checkpoint after this time too, not only after each evaluation'
            cand --keep 'Keep the last N checkpoints, the older ones as checkpoint-STEP.safetensors'
            cand --config 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone'
            cand --resume 'Go on with the training in FOLDER where it was stopped, with its settings'
            cand --int8 'Write the model''s matrices as 8-bit integers: a quarter of the size'
            cand --json 'Print each evaluation, each trial of --tune, or the answer of --dry-run as a line of JSON on standard output'
            cand --grow-vocab 'Add the words of the text that MODEL does not know'
            cand --dry-run 'Only say what training would cost: parameters, memory, seconds an epoch; nothing is written'
            cand --print-config 'Print the options that are in effect as JSON, for --config, and do nothing else'
            cand -v 'Say more on standard error; twice for debugging'
            cand --verbose 'Say more on standard error; twice for debugging'
            cand -q 'Say nothing on standard error but errors'
            cand --quiet 'Say nothing on standard error but errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
    ]
    $completions[$command]
}
