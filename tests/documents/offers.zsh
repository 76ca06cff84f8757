# What zsh offers for a command line, one word a line. usage: zsh -f offers.zsh FOLDER LINE
# Completion works only where a line is edited: so a second zsh edits one on a terminal of its own, and a
# `compadd` of ours writes down what is added.
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
# The terminal is read until the report is there, so that the other zsh is never held up by it.
integer tries=0
until grep -q READY $offers || (( ++tries > 3000 )); do
    zpty -r -t editor line || zselect -t 1
done
zpty -d editor
grep -v READY $offers
rm $offers
