#!/bin/sh
# Installs the built files below a prefix, or uninstalls them.
# usage: install.sh install|uninstall BIN-FOLDER PREFIX COMMAND...
# It does not build anything, so that nothing is compiled as root.
#
# libtorch is copied, so that the program does not depend on the build folder; LIBTORCH_AS=link links it instead. A
# libtorch that belongs to Python or the user is always linked, so that updates take effect.
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
    mkdir -p "$3" || fail "cannot write to $3" 'choose another PREFIX, or run as root'
    install -m "$1" "$2" "$3/${4:-${2##*/}}"
}

# remove FOLDER NAME...
remove() {
    folder=$1
    shift
    for name in "$@"; do rm -f "$folder/$name"; done
    # Fails if the folder contains other files.
    rmdir "$folder" 2>/dev/null || true
}

put_libtorch() {
    lib=$(readlink -f libtorch/lib/libtorch_cpu.so) && lib=${lib%/*} && [ -e "$lib/libtorch_cpu.so" ] ||
        fail 'this folder contains no libtorch' 'make libtorch'
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
    [ -x "$bin/rnn-gen" ] || fail "$bin/rnn-gen does not exist" 'make build, or, without rnn-train, cargo build --release'
    for command in "$@"; do
        # All commands except rnn-train can be built and installed without libtorch.
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
        echo 'make install: skipping rnn-train, which was not built' >&2
    fi
    printf 'installed below %s; if man or your shell cannot find it, put %s/bin first in PATH\n' "$prefix" "$prefix" >&2
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
