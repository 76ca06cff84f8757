#!/bin/sh
# Sets up libtorch for the build: a folder `libtorch` in the current folder with
#   lib/            links to libtorch_cpu and libc10 only, against which rnn-train is linked
#   include/        the headers
#   run             a link to the folder of the libraries, where an installed rnn-train finds them
#   build-version   the version, which the build checks
#   site/           the unpacked wheels, if libtorch had to be downloaded
# The libraries come from $LIBTORCH, from python3's torch, or from PyPI, in this order. Does nothing if the folder is
# complete. lib/ deliberately lacks libtorch_cuda: rnn-train loads it at run time from the folder of libtorch_cpu, so
# that one binary supports CPU and GPU and starts without loading a gigabyte of CUDA.
set -eu

version=2.11.0
# All CPython wheels contain the same C++ libraries, so a fixed one works with every python3.
torch_wheel="--implementation cp --python-version 3.12 --abi cp312 --platform manylinux_2_28_$(uname -m) torch==$version"
# The dependencies of libtorch_cpu.so and of libtorch_cuda.so, as pinned by torch 2.11.0 and cuda-toolkit 13.0.2.
cpu_wheels='nvidia-cuda-cupti==13.0.85 nvidia-cuda-runtime==13.0.96'
cuda_wheels='nvidia-cublas==13.1.0.3 nvidia-cudnn-cu13==9.19.0.56 nvidia-cufft==12.0.0.61
    nvidia-cufile==1.15.1.6 nvidia-curand==10.4.0.35 nvidia-cusparse==12.6.3.3 nvidia-cusparselt-cu13==0.8.0
    nvidia-nccl-cu13==2.28.9 nvidia-nvjitlink==13.0.88 nvidia-nvshmem-cu13==3.4.5'

dir=$PWD/libtorch

fail() {
    printf 'libtorch: %s\n' "$1" >&2
    [ -z "${2:-}" ] || printf 'hint: %s\n' "$2" >&2
    exit 1
}

has_nvidia_driver() {
    [ -e /proc/driver/nvidia/version ] || [ -e /usr/lib/wsl/lib/libcuda.so.1 ] ||
        { command -v ldconfig >/dev/null && ldconfig -p | grep -q 'libcuda\.so\.1'; }
}

# link_view LIB INCLUDE: points lib/ and include/ at the libraries in LIB and the headers in INCLUDE.
link_view() {
    mkdir -p "$dir/lib"
    ln -sfn "$2" "$dir/include"
    ln -sfn "$1" "$dir/run"
    ln -sfn "$1/libtorch_cpu.so" "$dir/lib/libtorch_cpu.so"
    ln -sfn "$1/libc10.so" "$dir/lib/libc10.so"
    # The bindings link with -ltorch; the real libtorch.so would load libtorch_cuda.
    ln -sfn libtorch_cpu.so "$dir/lib/libtorch.so"
    echo "$version" >"$dir/build-version" # last: it marks the folder as complete
}

# Prints an error if the libraries or their dependencies do not load.
check_loads() {
    python3 -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$(readlink -f "$1/libtorch_cpu.so")" 2>&1
}

# download FOLDER WHEEL...: fetches wheels without their dependencies.
download() {
    folder=$1
    shift
    python3 -m pip download --quiet --no-deps --no-cache-dir --dest "$folder" --only-binary=:all: \
        "$@" 2>"$folder/pip.log" ||
        fail "pip could not download the wheels of torch $version: $(grep -i error "$folder/pip.log" | tail -n 1)" \
            'check the network (HTTPS_PROXY, PIP_INDEX_URL), or set LIBTORCH to a libtorch folder'
}

# unpack FOLDER WITH_CUDA: unpacks the wheels in FOLDER into site/, without unused files.
unpack() {
    python3 - "$1" "$dir/site" "$2" <<'PYTHON' || fail "cannot unpack the wheels into $dir/site" 'check the free disk space: 0.7 GB are required, 4 GB with CUDA'
import pathlib, sys, zipfile
folder, site, with_cuda = sys.argv[1], sys.argv[2], sys.argv[3] == "yes"
for wheel in pathlib.Path(folder).glob("*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            library = name.rpartition("/")[2]
            if name.startswith("torch/"):
                wanted = name.startswith(("torch/lib/", "torch/include/")) and "libtorch_python" not in library
                wanted = wanted and (with_cuda or not library.startswith(("libtorch_cuda", "libc10_cuda", "libtorch_nvshmem")))
            else:
                wanted = "/lib/" in name
            if wanted:
                archive.extract(name, site)
    wheel.unlink()
PYTHON
}

wants_cuda=no
if has_nvidia_driver; then wants_cuda=yes; fi

if [ -n "${LIBTORCH:-}" ] && [ "$(readlink -f "$LIBTORCH")" != "$(readlink -f "$dir")" ]; then
    [ -e "$LIBTORCH/lib/libtorch_cpu.so" ] && [ -d "$LIBTORCH/include" ] ||
        fail "LIBTORCH=$LIBTORCH lacks lib/libtorch_cpu.so or include/" 'unset LIBTORCH to download libtorch'
    # Archives have their version in build-version, wheels in version.py.
    found=$(sed -n "s/^\(__version__ = '\)\{0,1\}\([0-9.]*\).*/\2/p" "$LIBTORCH/build-version" "$LIBTORCH/version.py" 2>/dev/null | grep . | head -n 1)
    [ "$found" = "$version" ] ||
        fail "LIBTORCH=$LIBTORCH is version ${found:-unknown}, expected $version" 'unset LIBTORCH to download libtorch'
    lib=$(readlink -f "$LIBTORCH/lib/libtorch_cpu.so")
    link_view "${lib%/*}" "$(readlink -f "$LIBTORCH/include")"
    exit 0
fi

# Check whether it is complete, including CUDA if a driver is installed.
if [ "$(cat "$dir/build-version" 2>/dev/null)" = "$version" ] && [ -e "$dir/lib/libtorch_cpu.so" ]; then
    lib=$(readlink -f "$dir/lib/libtorch_cpu.so")
    case $lib in
        "$dir"/site/*) [ "$wants_cuda" = no ] || [ -e "$dir/site/.cuda" ] || rm "$dir/build-version" ;;
    esac
    [ ! -e "$dir/build-version" ] || exit 0
fi

command -v python3 >/dev/null || fail 'python3 is not installed' 'install python3 with pip, or set LIBTORCH to a libtorch folder'

# Find python3's torch by reading its files, because importing it takes seconds.
torch=$(python3 - "$version" <<'PYTHON' || true
import importlib.util, pathlib, sys
spec = importlib.util.find_spec("torch")
if spec and spec.origin:
    folder = pathlib.Path(spec.origin).resolve().parent
    scope = {}
    exec((folder / "version.py").read_text(), scope)
    if scope["__version__"].split("+")[0] == sys.argv[1] and (folder / "lib/libtorch_cpu.so").exists():
        print(folder)
PYTHON
)
if [ -n "$torch" ] && [ -z "$(check_loads "$torch/lib")" ]; then
    echo "libtorch: using the torch $version of python3, in $torch" >&2
    link_view "$torch/lib" "$torch/include"
    exit 0
fi

python3 -m pip --version >/dev/null 2>&1 ||
    fail 'python3 has no pip' 'install it (Debian: apt-get install python3-pip), or set LIBTORCH to a libtorch folder'
echo "libtorch: downloading torch $version from PyPI (0.5 GB, once)" >&2
mkdir -p "$dir"
wheels=$(mktemp -d "$dir/wheels.XXXXXX")
trap 'rm -rf "$wheels"' EXIT
trap 'exit 1' HUP INT TERM
# shellcheck disable=SC2086
download "$wheels" $torch_wheel
# shellcheck disable=SC2086
download "$wheels" $cpu_wheels
if [ "$wants_cuda" = yes ]; then
    echo 'libtorch: NVIDIA driver found, downloading the CUDA libraries (2 GB, once)' >&2
    # shellcheck disable=SC2086
    download "$wheels" $cuda_wheels
fi
unpack "$wheels" "$wants_cuda"
[ "$wants_cuda" = no ] || touch "$dir/site/.cuda"
problem=$(check_loads "$dir/site/torch/lib")
[ -z "$problem" ] || fail "the downloaded libraries do not load: $(echo "$problem" | tail -n 1)"
link_view "$dir/site/torch/lib" "$dir/site/torch/include"
