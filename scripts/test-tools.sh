#!/bin/sh
# Installs the programs that the tests use besides the compiler: shells, man, mandoc, Chromium, curl, and PyTorch as a
# reference. Requires apt-get (Debian) and root; otherwise it only prints what is missing. The tests install Python
# packages themselves, with pip. With RNN_REQUIRE_ALL=1, tests fail instead of being skipped if a program is missing.
set -eu

missing=
# need PACKAGE COMMAND...: adds PACKAGE to the missing ones if COMMAND fails.
need() {
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}

need bash command -v bash
need fish command -v fish
need zsh command -v zsh
need man-db man --version
need mandoc command -v mandoc
need curl command -v curl
need chromium sh -c 'command -v chromium || command -v chromium-browser || command -v google-chrome || command -v google-chrome-stable'
need python3-torch sh -c 'python3 -c "import torch" || /usr/bin/python3 -c "import torch"'

[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    printf 'test-tools: missing (Debian packages):%s\n' "$missing" >&2
    printf 'hint: as root: apt-get install --no-install-recommends%s\n' "$missing" >&2
    exit 1
fi
apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $missing >/dev/null
