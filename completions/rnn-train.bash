_rnn__train() {
    local i cur prev opts cmd
    COMPREPLY=()
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        cur="$2"
    else
        cur="${COMP_WORDS[COMP_CWORD]}"
    fi
    prev="$3"
    cmd=""
    opts=""

    for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
    do
        case "${cmd},${i}" in
            ",$1")
                cmd="rnn__train"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        rnn__train)
            opts="-o -r -e -b -v -q -h -V --output --preset --device --threads --random-seed --resume --overwrite --int8 --json --from --grow-vocab --sample-every --dry-run --tune --cell --embedding-size --hidden-size --num-layers --last-size --skip-connections --attention --tie-weights --cutoffs --output-bias --ngram --dropout-input --dropout-hidden --dropout-output --locked-dropout --dropout-embedding --dropout-weight --activation-penalty --temporal-penalty --label-smoothing --epochs --patience --batch-size --seq-length --random-length --accumulate --optimizer --learning-rate --schedule --warmup --decay-factor --decay-every --decay-after --beta1 --beta2 --momentum --weight-decay --clip-norm --clip-value --average --eval-every --freeze --max-time --max-steps --checkpoint-every --keep --config --print-config --verbose --quiet --help --version"
            [[ ${cur} == -* ]] || opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --preset)
                    COMPREPLY=($(compgen -W "small classic char awd" -- "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -W "auto cpu cuda" -- "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --random-seed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -r)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --resume)
                    COMPREPLY=($(compgen -W "always auto never" -- "${cur}"))
                    return 0
                    ;;
                --from)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sample-every)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --tune)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cell)
                    COMPREPLY=($(compgen -W "lstm gru rnn-tanh rnn-relu" -- "${cur}"))
                    return 0
                    ;;
                --embedding-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --hidden-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --num-layers)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --last-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --skip-connections)
                    COMPREPLY=($(compgen -W "true false" -- "${cur}"))
                    return 0
                    ;;
                --attention)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --tie-weights)
                    COMPREPLY=($(compgen -W "true false" -- "${cur}"))
                    return 0
                    ;;
                --cutoffs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output-bias)
                    COMPREPLY=($(compgen -W "zero unigram fixed-unigram" -- "${cur}"))
                    return 0
                    ;;
                --ngram)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dropout-input)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dropout-hidden)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dropout-output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --locked-dropout)
                    COMPREPLY=($(compgen -W "true false" -- "${cur}"))
                    return 0
                    ;;
                --dropout-embedding)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dropout-weight)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --activation-penalty)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --temporal-penalty)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --label-smoothing)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --epochs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -e)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --patience)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --batch-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -b)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --seq-length)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --random-length)
                    COMPREPLY=($(compgen -W "true false" -- "${cur}"))
                    return 0
                    ;;
                --accumulate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --optimizer)
                    COMPREPLY=($(compgen -W "adamw adam sgd nt-asgd" -- "${cur}"))
                    return 0
                    ;;
                --learning-rate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --schedule)
                    COMPREPLY=($(compgen -W "constant step cosine one-cycle plateau" -- "${cur}"))
                    return 0
                    ;;
                --warmup)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --decay-factor)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --decay-every)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --decay-after)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --beta1)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --beta2)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --momentum)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --weight-decay)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --clip-norm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --clip-value)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --average)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --eval-every)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --freeze)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --max-time)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --max-steps)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --checkpoint-every)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --keep)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --config)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
    esac
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _rnn__train -o nosort -o bashdefault -o default rnn-train
else
    complete -F _rnn__train -o bashdefault -o default rnn-train
fi
