# Prints the words that zsh offers for a command line, one per line. Usage: zsh -f offers.zsh FOLDER LINE
# Completion works only in the line editor, so a second zsh edits the line on a pseudo-terminal, and a wrapper of
# `compadd` records the words.
zmodload zsh/zpty zsh/zselect || exit
offers=$(mktemp)
zpty editor zsh -f -i
zpty -w editor "PS1= PROMPT_EOL_MARK= fpath=(${(q)1} \$fpath) && autoload -Uz compinit && compinit -u -D"
zpty -w editor "compadd () {
    if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd \"\$@\"; return; fi
    local -a hits; builtin compadd -A hits \"\$@\"; print -rl -- \$hits >>$offers; builtin compadd \"\$@\"
}"
zpty -w editor "report () { zle complete-word; print READY >>$offers }; zle -C complete-word complete-word _main_complete"
zpty -w editor "zle -N report; bindkey '^I' report"
zpty -w -n editor "$2"$'\t'
# Read the terminal until the report is complete, so that the other zsh never blocks on output.
integer tries=0
until grep -q READY $offers || (( ++tries > 3000 )); do
    zpty -r -t editor line || zselect -t 1
done
zpty -d editor
grep -v READY $offers
rm $offers
