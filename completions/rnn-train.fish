complete -c rnn-train -s o -l output -d 'Folder for the model file, the history and the checkpoint' -r -F
complete -c rnn-train -l preset -d 'The settings to start from; the options below change single ones' -r -f -a "small\t'Learns most from one book in a minute or two: one tied layer, heavy dropout, label smoothing'
classic\t'As in teaching projects: embedding 100, two layers of 150, dropout 0.2, Adam'
char\t'For characters: embedding 128, two layers of 512, sequences of 100'
awd\t'AWD-LSTM\'s sizes and dropout, with Adam in one cycle: for a GPU and a few million words'"
complete -c rnn-train -l device -d 'Where to train' -r -f -a "auto\t'A CUDA GPU if there is one, else the CPU'
cpu\t''
cuda\t''"
complete -c rnn-train -l threads -d 'CPU threads [default: as many as help, found out while training]' -r
complete -c rnn-train -s r -l random-seed -d 'Starts the weights and the dropout masks; chosen freshly and reported if left out' -r
complete -c rnn-train -l from -d 'Go on from a model file, or the one in a folder, on other text; its shape is taken over' -r -F
complete -c rnn-train -l sample-every -d 'Write a sample of text on standard error every N steps' -r
complete -c rnn-train -l tune -d 'Search for better settings for so many minutes, and write them to tuned.json in FOLDER, for --config' -r
complete -c rnn-train -l cell -d 'What the recurrent layers are made of' -r -f -a "lstm\t'Long short-term memory (Hochreiter and Schmidhuber 1997)'
gru\t'Gated recurrent unit (Cho et al. 2014)'
rnn-tanh\t'Elman network with tanh (Elman 1990)'
rnn-relu\t'Elman network with max(x, 0)'"
complete -c rnn-train -l embedding-size -d 'Numbers that stand for a word' -r
complete -c rnn-train -l hidden-size -d 'Units of each layer' -r
complete -c rnn-train -l num-layers -d 'Recurrent layers' -r
complete -c rnn-train -l last-size -d 'Units of the last layer; 0 as the others' -r
complete -c rnn-train -l skip-connections -d 'Let the output read the embedding and every layer' -r -f -a "true\t''
false\t''"
complete -c rnn-train -l attention -d 'Look back over the last N steps; 0 for no attention' -r
complete -c rnn-train -l tie-weights -d 'Use the embedding for the output too; needs equal sizes' -r -f -a "true\t''
false\t''"
complete -c rnn-train -l cutoffs -d 'Adaptive softmax for large vocabularies: ranks at which clusters of rarer words begin, say 2000,10000' -r
complete -c rnn-train -l output-bias -d 'What the output bias starts from' -r -f -a "zero\t'Zeros'
unigram\t'The logarithms of the word frequencies'
fixed-unigram\t'The logarithms of the word frequencies, not trained'"
complete -c rnn-train -l ngram -d 'Mix in the book\'s own n-grams, up to N words long; 0 leaves them out' -r
complete -c rnn-train -l dropout-input -d 'Dropout between embedding and first layer' -r
complete -c rnn-train -l dropout-hidden -d 'Dropout between layers' -r
complete -c rnn-train -l dropout-output -d 'Dropout before the output layer' -r
complete -c rnn-train -l locked-dropout -d 'Drop the same units at each step of a window' -r -f -a "true\t''
false\t''"
complete -c rnn-train -l dropout-embedding -d 'Dropout of whole words' -r
complete -c rnn-train -l dropout-weight -d 'Dropout of hidden-to-hidden weights' -r
complete -c rnn-train -l activation-penalty -d 'Weight of the penalty on large activations' -r
complete -c rnn-train -l temporal-penalty -d 'Weight of the penalty on activations that change from step to step' -r
complete -c rnn-train -l label-smoothing -d 'Probability that the target gives up to all words' -r
complete -c rnn-train -s e -l epochs -d 'Times to read the text' -r
complete -c rnn-train -l patience -d 'Stop after N evaluations without a better validation loss; 0 never does' -r
complete -c rnn-train -s b -l batch-size -d 'Streams read in parallel' -r
complete -c rnn-train -l seq-length -d 'Words through which gradients flow back' -r
complete -c rnn-train -l random-length -d 'Vary that length, and the learning rate with it' -r -f -a "true\t''
false\t''"
complete -c rnn-train -l accumulate -d 'Add up the gradients of N windows for a step' -r
complete -c rnn-train -l optimizer -d 'How gradients change the weights' -r -f -a "adamw\t'Adam with decoupled weight decay (Loshchilov and Hutter 2019)'
adam\t'Adam, with weight decay as part of the gradient (Kingma and Ba 2015)'
sgd\t'Stochastic gradient descent, with optional momentum'
nt-asgd\t'SGD that averages the weights once the validation loss stops falling (Merity et al. 2017)'"
complete -c rnn-train -l learning-rate -d 'Step size' -r
complete -c rnn-train -l schedule -d 'How the learning rate changes' -r -f -a "constant\t'The same rate throughout'
step\t'Multiplied by a factor every few epochs'
cosine\t'Linear warm-up to the rate, then cosine decay to zero'
one-cycle\t'Linear warm-up from 1/20 of the rate, then cosine decay to 1/200'
plateau\t'Multiplied by a factor when the validation loss stops falling'"
complete -c rnn-train -l warmup -d 'Share of the steps in which the rate rises (cosine, one-cycle)' -r
complete -c rnn-train -l decay-factor -d 'Multiply the rate with this (step, plateau)' -r
complete -c rnn-train -l decay-every -d 'Do so every N epochs (step), or after N evaluations without a better validation loss (plateau)' -r
complete -c rnn-train -l decay-after -d 'Begin with that after N epochs (step)' -r
complete -c rnn-train -l beta1 -d 'Decay of Adam\'s mean of gradients' -r
complete -c rnn-train -l beta2 -d 'Decay of Adam\'s mean of squared gradients' -r
complete -c rnn-train -l momentum -d 'Momentum of SGD' -r
complete -c rnn-train -l weight-decay -d 'Pull the weights towards zero' -r
complete -c rnn-train -l clip-norm -d 'Shorten longer gradients to this norm; 0 leaves them' -r
complete -c rnn-train -l clip-value -d 'Cut larger numbers of a gradient to this one; 0 leaves them' -r
complete -c rnn-train -l average -d 'Decay of the moving average of the weights; 0 for none' -r
complete -c rnn-train -l eval-every -d 'Evaluate every N steps too, not only after each epoch; patience then counts evaluations' -r
complete -c rnn-train -l freeze -d 'Leave parts of the network as they are, each perhaps for some epochs only: embedding:3,lstm.0,output' -r
complete -c rnn-train -l max-time -d 'Stop after this time (90s, 10m, 2h), saved, so that --resume can go on' -r
complete -c rnn-train -l max-steps -d 'Stop after N steps since training began, saved, so that --resume can go on' -r
complete -c rnn-train -l checkpoint-every -d 'Save a checkpoint after this time too, not only after each evaluation' -r
complete -c rnn-train -l keep -d 'Keep the last N checkpoints, the older ones as checkpoint-STEP.safetensors' -r
complete -c rnn-train -l config -d 'Options from a TOML or JSON file, under their names; a table [rnn-...] is for that command alone' -r -F
complete -c rnn-train -l resume -d 'Go on with the training in FOLDER where it was stopped, with its settings'
complete -c rnn-train -l int8 -d 'Write the model\'s matrices as 8-bit integers: a quarter of the size'
complete -c rnn-train -l json -d 'Print each evaluation, each trial of --tune, or the answer of --dry-run as a line of JSON on standard output'
complete -c rnn-train -l grow-vocab -d 'Add the words of the text that MODEL does not know'
complete -c rnn-train -l dry-run -d 'Only say what training would cost: parameters, memory, seconds an epoch; nothing is written'
complete -c rnn-train -l print-config -d 'Print the options that are in effect as JSON, for --config, and do nothing else'
complete -c rnn-train -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-train -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-train -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-train -s V -l version -d 'Print version'
