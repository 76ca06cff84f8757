#!/bin/sh
# Serving speed: requests of 20 words from 1, 8 and 32 clients to rnn-serve, and to FastAPI with PyTorch and the same
# model, a network with random weights (8,532 words, embedding 100, 2 x 150). Server and clients share the machine.
# FASTAPI=yes installs FastAPI and PyTorch in target/fastapi unless python3 ($PYTHON) has them.
# usage: serving.sh BIN-FOLDER WORK-FOLDER
set -eu

bin=$1
work=$2
python=${PYTHON:-python3}
seconds=${SECONDS_EACH:-10}
packages='fastapi uvicorn torch==2.11.0 safetensors numpy'
server=
trap '[ -z "$server" ] || kill "$server"' EXIT
trap 'exit 1' HUP INT TERM

# The client program, at the path that cargo prints.
load=$(env -u LIBTORCH "${CARGO:-cargo}" bench --no-run --bench load 2>&1 | sed -n 's/.*Executable.*(\(.*\))$/\1/p')
"$load" model "$work/model.safetensors"

# Prints the CPU time of the server so far, in milliseconds (Linux).
spent() { awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) * 1000 / hz }' "/proc/$server/stat" 2>/dev/null || echo 0; }

# measure NAME ADDRESS CLIENTS: prints the results of the clients and the CPU time per request.
measure() {
    before=$(spent)
    result=$("$load" run "$2" "$3" "$seconds" '"top_p": 1')
    requests=$(echo "$result" | sed 's/.*clients: \([0-9]*\) requests.*/\1/')
    printf '%s, %s; %s ms of CPU time per request\n' "$1" "$result" \
        "$(echo "$before $(spent) $requests $seconds" | awk '{ printf "%.2f", ($2 - $1) / ($3 * $4) }')"
}

rm -f "$work/address"
"$bin/rnn-serve" -q -m "$work/model.safetensors" -p 0 >"$work/address" &
server=$!
until [ -s "$work/address" ]; do sleep 0.1; done
address=$(sed 's,http://,,' "$work/address")
for clients in 1 8 32; do measure rnn-serve "$address" $clients; done
sed -n 's/^VmHWM:[ \t]*\([0-9]*\).*/\1/p' "/proc/$server/status" 2>/dev/null | awk '{ printf "rnn-serve, peak memory: %.0f MB\n", $1 / 1024 }'
kill "$server"

if [ -n "${FASTAPI:-}" ] && ! "$python" -c 'import fastapi, uvicorn, torch, safetensors' 2>/dev/null; then
    [ -d target/fastapi ] || { "$python" -m venv target/fastapi && target/fastapi/bin/pip install --quiet $packages; }
    python=target/fastapi/bin/python
fi
if ! "$python" -c 'import fastapi, uvicorn, torch, safetensors' 2>/dev/null; then
    server=
    echo "FastAPI skipped: python3 does not have all of $packages (FASTAPI=yes make bench installs them)"
    exit
fi
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$python" benches/fastapi_server.py "$work/model.safetensors" "$port" &
server=$!
until "$python" -c "import socket; socket.create_connection(('127.0.0.1', $port))" 2>/dev/null; do sleep 0.5; done
for clients in 1 32; do measure 'FastAPI and PyTorch' "127.0.0.1:$port" $clients; done
