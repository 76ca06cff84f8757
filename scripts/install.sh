#!/bin/sh
# Puts what was built where it belongs below a prefix, or removes it again.
# usage: install.sh install|uninstall BIN-FOLDER PREFIX COMMAND...
# Building is not its business: so that nothing is compiled as root, or into another's home.
#
# libtorch is copied, because a program must not depend on the folder that it was built in; with LIBTORCH_AS=link it is
# linked. One that belongs to Python or to the user stays where it is, and is linked too: whoever updates it should find it.
set -eu

action=$1 bin=$2 prefix=$3
shift 3
own=$prefix/lib/rnn-tools
share=$prefix/share

fail() {
    printf 'make %s: %s\n' "$action" "$1" >&2
    printf 'hint: %s\n' "$2" >&2
    exit 1
}

# put MODE FILE FOLDER [NAME]
put() {
    mkdir -p "$3" || fail "cannot write to $3" 'choose another PREFIX, or become root'
    install -m "$1" "$2" "$3/${4:-${2##*/}}"
}

# remove FOLDER NAME...
remove() {
    folder=$1
    shift
    for name in "$@"; do rm -f "$folder/$name"; done
    # Only a folder of our own is empty now.
    rmdir "$folder" 2>/dev/null || true
}

put_libtorch() {
    lib=$(readlink -f libtorch/lib/libtorch_cpu.so) && lib=${lib%/*} && [ -e "$lib/libtorch_cpu.so" ] ||
        fail 'there is no libtorch in this folder' 'make libtorch'
    downloaded=$(readlink -f libtorch)/site
    mkdir -p "$own/libtorch"
    case $lib in
        "$downloaded"/*) [ "${LIBTORCH_AS:-copy}" = copy ] || downloaded= ;;
        *) downloaded= ;;
    esac
    if [ -z "$downloaded" ]; then
        ln -sfn "$lib" "$own/libtorch/run"
        return
    fi
    (cd "$downloaded" && find . -name '*.so*' -type f) | while read -r file; do
        put 644 "$downloaded/$file" "$own/libtorch/site/${file%/*}"
    done
    ln -sfn "site/${lib#"$downloaded"/}" "$own/libtorch/run"
}

if [ "$action" = install ]; then
    [ -x "$bin/rnn-gen" ] || fail "there is no $bin/rnn-gen" 'make build, or: cargo build --release, for all but rnn-train'
    for command in "$@"; do
        # rnn-train needs libtorch; all others can be built, and are installed, without it.
        [ "$command" != rnn-train ] || [ -x "$bin/rnn-train-libtorch" ] || continue
        put 755 "$bin/$command" "$prefix/bin"
        for page in man/"$command".1 man/"$command"-*.1; do
            [ ! -e "$page" ] || put 644 "$page" "$share/man/man1"
        done
        put 644 "completions/$command.bash" "$share/bash-completion/completions" "$command"
        put 644 "completions/_$command" "$share/zsh/site-functions"
        put 644 "completions/$command.fish" "$share/fish/vendor_completions.d"
    done
    put 644 man/rnn.7 "$share/man/man7"
    for file in LICENSE README.md CHANGELOG.md; do put 644 "$file" "$share/doc/rnn-tools"; done
    find examples -type f ! -name '*.pyc' | while read -r file; do
        mode=644
        [ ! -x "$file" ] || mode=755
        put "$mode" "$file" "$share/doc/rnn-tools/${file%/*}"
    done
    if [ -x "$bin/rnn-train-libtorch" ]; then
        put 755 "$bin/rnn-train-libtorch" "$own"
        [ "${LIBTORCH_AS:-copy}" = none ] || put_libtorch
    else
        echo 'make install: rnn-train was not built, and is left out' >&2
    fi
    printf 'installed below %s; if man or your shell does not find it, put %s/bin first in PATH\n' "$prefix" "$prefix" >&2
    exit
fi

for command in "$@"; do
    remove "$prefix/bin" "$command"
    for page in man/"$command".1 man/"$command"-*.1; do remove "$share/man/man1" "${page##*/}"; done
    remove "$share/bash-completion/completions" "$command"
    remove "$share/zsh/site-functions" "_$command"
    remove "$share/fish/vendor_completions.d" "$command.fish"
done
remove "$share/man/man7" rnn.7
rm -rf "$own" "$share/rnn-tools" "$share/doc/rnn-tools"
