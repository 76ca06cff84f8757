complete -c rnn-train -s o -l output -d 'Folder for the model, the history and the checkpoint' -r -F
complete -c rnn-train -l preset -d 'Named set of settings; the options below override individual settings' -r -f -a "small\t'Best for one book, in a minute or two: one layer, tied weights, heavy dropout, label smoothing'
classic\t'As in many tutorials: embedding 100, two layers of 150, dropout 0.2, Adam'
char\t'For characters: embedding 128, two layers of 512, sequences of 100'
awd\t'AWD-LSTM\'s sizes and dropout, with Adam and a one-cycle schedule: for a GPU and a few million words'"
complete -c rnn-train -l device -d 'Device to train on' -r -f -a "auto\t'A CUDA GPU if there is one, otherwise the CPU'
cpu\t''
cuda\t''"
complete -c rnn-train -l threads -d 'Number of CPU threads [default: tuned while training]' -r
complete -c rnn-train -s r -l random-seed -d 'Seed for initial weights and dropout [default: random, and reported]' -r
complete -c rnn-train -l resume -d 'Continue the run in FOLDER, with its settings; --epochs and --patience may be higher' -r -f -a "always\t'Fail if there is nothing to continue'
auto\t'Start a run if there is none: for scripts that are started again'
never\t'Start a run'"
complete -c rnn-train -l from -d 'Fine-tune this model (a file, or a folder written by rnn-train); its architecture is kept' -r -F
complete -c rnn-train -l sample-every -d 'Print a sample of generated text on standard error every N steps' -r
complete -c rnn-train -l tune -d 'Search for better settings for this many minutes, and write them to FOLDER/tuned.json for --config' -r
complete -c rnn-train -l cell -d 'Cell of the recurrent layers' -r -f -a "lstm\t'Long short-term memory (Hochreiter and Schmidhuber 1997)'
gru\t'Gated recurrent unit (Cho et al. 2014)'
rnn-tanh\t'Elman network with tanh (Elman 1990)'
rnn-relu\t'Elman network with max(x, 0)'"
complete -c rnn-train -l embedding-size -d 'Embedding dimension' -r
complete -c rnn-train -l hidden-size -d 'Number of units of each recurrent layer' -r
complete -c rnn-train -l num-layers -d 'Number of recurrent layers' -r
complete -c rnn-train -l last-size -d 'Number of units of the last layer; 0 for the same as the others' -r
complete -c rnn-train -l skip-connections -d 'Connect the embedding and every layer to the output (skip connections)' -r -f -a "true\t''
false\t''"
complete -c rnn-train -l attention -d 'Attend over the last N steps; 0 disables attention' -r
complete -c rnn-train -l tie-weights -d 'Tie the weights of the embedding and the output layer; requires equal sizes' -r -f -a "true\t''
false\t''"
complete -c rnn-train -l cutoffs -d 'Adaptive softmax: ranks at which clusters of rarer words begin, such as 2000,10000' -r
complete -c rnn-train -l output-bias -d 'Initial output bias' -r -f -a "zero\t'Zeros'
unigram\t'The logarithms of the word frequencies'
fixed-unigram\t'The logarithms of the word frequencies, not trained'"
complete -c rnn-train -l ngram -d 'Interpolate with an n-gram model of this order; 0 disables it' -r
complete -c rnn-train -l dropout-input -d 'Dropout between the embedding and the first layer' -r
complete -c rnn-train -l dropout-hidden -d 'Dropout between layers' -r
complete -c rnn-train -l dropout-output -d 'Dropout before the output layer' -r
complete -c rnn-train -l locked-dropout -d 'Drop the same units at every step of a window (variational dropout)' -r -f -a "true\t''
false\t''"
complete -c rnn-train -l dropout-embedding -d 'Dropout of whole words in the embedding' -r
complete -c rnn-train -l dropout-weight -d 'Dropout of hidden-to-hidden weights (DropConnect)' -r
complete -c rnn-train -l activation-penalty -d 'Weight of activation regularization (AR)' -r
complete -c rnn-train -l temporal-penalty -d 'Weight of temporal activation regularization (TAR)' -r
complete -c rnn-train -l label-smoothing -d 'Label smoothing: fraction of the target\'s probability spread over all words' -r
complete -c rnn-train -s e -l epochs -d 'Passes over the training text (epochs)' -r
complete -c rnn-train -l patience -d 'Stop after N evaluations without a better validation loss; 0 disables early stopping' -r
complete -c rnn-train -s b -l batch-size -d 'Number of streams of text read in parallel' -r
complete -c rnn-train -l seq-length -d 'Steps of truncated backpropagation through time' -r
complete -c rnn-train -l random-length -d 'Vary the sequence length randomly, and the learning rate with it' -r -f -a "true\t''
false\t''"
complete -c rnn-train -l accumulate -d 'Accumulate the gradients of N windows per optimizer step' -r
complete -c rnn-train -l optimizer -d 'Optimizer' -r -f -a "adamw\t'Adam with decoupled weight decay (Loshchilov and Hutter 2019)'
adam\t'Adam, with weight decay as part of the gradient (Kingma and Ba 2015)'
sgd\t'Stochastic gradient descent, with optional momentum'
nt-asgd\t'SGD that averages the weights once the validation loss stops falling (Merity et al. 2017)'"
complete -c rnn-train -l learning-rate -d 'Learning rate' -r
complete -c rnn-train -l schedule -d 'Learning rate schedule' -r -f -a "constant\t'The same rate throughout'
step\t'Multiplied by a factor every few epochs'
cosine\t'Linear warm-up to the rate, then cosine decay to zero'
one-cycle\t'Linear warm-up from 1/20 of the rate, then cosine decay to 1/200'
plateau\t'Multiplied by a factor when the validation loss stops falling'"
complete -c rnn-train -l warmup -d 'Fraction of the steps spent on warm-up (cosine, one-cycle)' -r
complete -c rnn-train -l decay-factor -d 'Multiply the learning rate by this at each decay (step, plateau)' -r
complete -c rnn-train -l decay-every -d 'Decay every N epochs (step), or after N evaluations without a better validation loss (plateau)' -r
complete -c rnn-train -l decay-after -d 'First decay after N epochs (step)' -r
complete -c rnn-train -l beta1 -d 'Adam\'s beta1' -r
complete -c rnn-train -l beta2 -d 'Adam\'s beta2' -r
complete -c rnn-train -l momentum -d 'Momentum of SGD' -r
complete -c rnn-train -l weight-decay -d 'Weight decay' -r
complete -c rnn-train -l clip-norm -d 'Clip gradients to this norm; 0 disables clipping' -r
complete -c rnn-train -l clip-value -d 'Clip each gradient value to this magnitude; 0 disables clipping' -r
complete -c rnn-train -l average -d 'Decay of the exponential moving average of the weights; 0 disables it' -r
complete -c rnn-train -l eval-every -d 'Also evaluate every N steps; --patience then counts these evaluations' -r
complete -c rnn-train -l freeze -d 'Freeze parts of the network, optionally for the first N epochs only: embedding:3,lstm.0,output' -r
complete -c rnn-train -l max-time -d 'Save and stop after this time (90s, 10m, 2h); --resume continues' -r
complete -c rnn-train -l max-steps -d 'Save and stop after N steps in total; --resume continues' -r
complete -c rnn-train -l checkpoint-every -d 'Also save a checkpoint at this interval, not only after each evaluation' -r
complete -c rnn-train -l keep -d 'Keep the last N checkpoints; older ones are named checkpoint-STEP.safetensors' -r
complete -c rnn-train -l config -d 'Read options from a TOML or JSON file, by name; a table [rnn-...] applies to that command only' -r -F
complete -c rnn-train -l overwrite -d 'Replace the run in FOLDER, or its tuned.json, if a new one starts'
complete -c rnn-train -l int8 -d 'Write the model\'s matrices as 8-bit integers, a quarter of the size'
complete -c rnn-train -l json -d 'Print each evaluation, each trial of --tune, or the estimate of --dry-run as a JSON line on standard output'
complete -c rnn-train -l grow-vocab -d 'Add the words that are not in MODEL\'s vocabulary to it'
complete -c rnn-train -l dry-run -d 'Only estimate the cost of training: parameters, memory, seconds per epoch; write nothing'
complete -c rnn-train -l print-config -d 'Print the options in effect as JSON, for --config, and exit'
complete -c rnn-train -s v -l verbose -d 'Log debug messages to standard error; -vv adds trace messages'
complete -c rnn-train -s q -l quiet -d 'Log only errors to standard error'
complete -c rnn-train -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-train -s V -l version -d 'Print version'
