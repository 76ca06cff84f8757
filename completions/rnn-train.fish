complete -c rnn-train -s o -l output -d 'Folder for the model file, the history and the checkpoint' -r -F
complete -c rnn-train -l preset -d 'The settings to start from; the options below change single ones' -r -f -a "small\t'What learns most from one book in a minute or two: one tied layer, much dropout, label smoothing'
classic\t'What teaching projects use: embedding 100, two layers of 150, dropout 0.2, Adam'"
complete -c rnn-train -l device -d 'Where to train' -r -f -a "auto\t'A CUDA GPU if there is one, else the CPU'
cpu\t''
cuda\t''"
complete -c rnn-train -l threads -d 'CPU threads [default: one a core]' -r
complete -c rnn-train -s r -l random-seed -d 'Starts the weights and the dropout masks; chosen freshly and reported if left out' -r
complete -c rnn-train -l embedding-size -d 'Numbers that stand for a word' -r
complete -c rnn-train -l hidden-size -d 'Units of each LSTM layer' -r
complete -c rnn-train -l num-layers -d 'LSTM layers' -r
complete -c rnn-train -l tie-weights -d 'Use the embedding for the output too; needs equal embedding and hidden sizes' -r -f -a "true\t''
false\t''"
complete -c rnn-train -l dropout-input -d 'Dropout between embedding and first layer' -r
complete -c rnn-train -l dropout-hidden -d 'Dropout between layers' -r
complete -c rnn-train -l dropout-output -d 'Dropout after the last layer' -r
complete -c rnn-train -l dropout-embedding -d 'Dropout of whole words' -r
complete -c rnn-train -l dropout-weight -d 'Dropout of hidden-to-hidden weights' -r
complete -c rnn-train -l label-smoothing -d 'Probability that the target gives up to all words' -r
complete -c rnn-train -l unigram-bias -d 'Fix the output bias at the logarithm of the word frequencies' -r -f -a "true\t''
false\t''"
complete -c rnn-train -l ngram -d 'Mix in the book\'s own n-grams, up to N words long; 0 leaves them out' -r
complete -c rnn-train -s e -l epochs -d 'Times to read the text' -r
complete -c rnn-train -l patience -d 'Stop after N epochs without a better validation loss; 0 never does' -r
complete -c rnn-train -s b -l batch-size -d 'Streams read in parallel' -r
complete -c rnn-train -l seq-length -d 'Words through which gradients flow back' -r
complete -c rnn-train -l learning-rate -d 'Step size of AdamW' -r
complete -c rnn-train -l schedule -d 'How the learning rate changes' -r -f -a "constant\t'The same rate throughout'
one-cycle\t'A tenth of the steps up to the rate, the rest down to nearly nothing along a cosine'"
complete -c rnn-train -l weight-decay -d 'Weight decay of AdamW' -r
complete -c rnn-train -l clip-norm -d 'Shorten longer gradients to this norm; 0 leaves them' -r
complete -c rnn-train -l average -d 'Decay of the moving average of the weights; 0 for none' -r
complete -c rnn-train -l resume -d 'Go on with the training in FOLDER where it was stopped, with its settings'
complete -c rnn-train -l json -d 'Print each epoch as a line of JSON on standard output'
complete -c rnn-train -s v -l verbose -d 'Say more on standard error; twice for debugging'
complete -c rnn-train -s q -l quiet -d 'Say nothing on standard error but errors'
complete -c rnn-train -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rnn-train -s V -l version -d 'Print version'
