_rnn__fetch() {
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
                cmd="rnn__fetch"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        rnn__fetch)
            opts="-o -d -l -v -q -h -V --output --directory --force --raw --clean --encoding --list --json --manifest --locked --mirror --offline --timeout --retries --wait --config --print-config --verbose --quiet --help --version"
            [[ ${cur} == -* ]] || opts="ferry alice pride sherlock frankenstein gatsby anna-karenina anne baskervilles call-of-the-wild carol crime dorian-gray dracula dubliners emma expectations grimm heart-of-darkness huck jane-eyre jekyll jungle-book karamazov les-miserables little-women looking-glass metamorphosis middlemarch moby-dick monte-cristo oz persuasion peter-pan sawyer secret-garden sense shakespeare time-machine treasure-island two-cities ulysses walden war-and-peace war-of-the-worlds willows wuthering zarathustra faust verwandlung quijote kalevala seitseman-veljesta bovary candide fleurs-du-mal miserables mousquetaires commedia pinocchio promessi-sposi rashomon aeneis havelaar pan-tadeusz bras-cubas casmurro lusiadas noli-me-tangere hongloumeng"
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
                --directory)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --clean)
                    COMPREPLY=($(compgen -W "transcriber illustrations footnotes emphasis hyphens invisible all none" -- "${cur}"))
                    return 0
                    ;;
                --encoding)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --manifest)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --locked)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --mirror)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --wait)
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
    complete -F _rnn__fetch -o nosort -o bashdefault -o default rnn-fetch
else
    complete -F _rnn__fetch -o bashdefault -o default rnn-fetch
fi
