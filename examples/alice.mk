# Builds a report from a book; after a change, rebuilds only what depends on it.
# Why a Makefile: each command reads files and writes one file, which is exactly what make expects.
#
#   make -f alice.mk                 the book Alice (downloaded once)
#   make -f alice.mk BOOK=ferry      the built-in book
#   make -f alice.mk EPOCHS=3        a quick look

BOOK ?= alice
EPOCHS ?= 15

.DELETE_ON_ERROR:
.PHONY: all clean
all: $(BOOK).report.md

$(BOOK).txt:
	rnn-fetch $(BOOK) -o $@

$(BOOK).tokens: $(BOOK).txt
	rnn-prep --unwrap $< -o $@

$(BOOK)/model.safetensors: $(BOOK).tokens
	rnn-train $< -o $(BOOK) --epochs $(EPOCHS) --random-seed 1 --overwrite

$(BOOK).history.png: $(BOOK)/model.safetensors
	rnn-plot history $(BOOK) -o $@

$(BOOK).architecture.png: $(BOOK)/model.safetensors
	rnn-plot architecture $(BOOK) -o $@

$(BOOK).measures.tsv: $(BOOK)/model.safetensors $(BOOK).tokens
	rnn-eval -m $(BOOK) $(BOOK).tokens >$@

$(BOOK).sample.txt: $(BOOK)/model.safetensors
	rnn-gen -q -m $(BOOK) -n 200 --random-seed 1 >$@

$(BOOK).report.md: $(BOOK).history.png $(BOOK).architecture.png $(BOOK).measures.tsv $(BOOK).sample.txt
	{ printf '# $(BOOK)\n\n![history]($(BOOK).history.png)\n\n![architecture]($(BOOK).architecture.png)\n\n'; \
	  printf '```\n'; cat $(BOOK).measures.tsv; printf '```\n\n'; cat $(BOOK).sample.txt; } >$@

clean:
	rm -rf $(BOOK) $(BOOK).tokens $(BOOK).history.png $(BOOK).architecture.png $(BOOK).measures.tsv $(BOOK).sample.txt \
	    $(BOOK).report.md
