#!/usr/bin/env bash
# Installs what building and testing need beside Rust, Python 3.11 and make: by apt-get where
# root or sudo allows it; otherwise it names the exact command, and fails. What is there already
# is left alone.
set -euo pipefail

python="${PYTHON:-python3}"
packages=()

needs() { # <Debian packages, in one word each> -- <command that succeeds if they are there>
    local wanted=()
    while [[ $1 != -- ]]; do
        wanted+=("$1")
        shift
    done
    shift
    "$@" >/dev/null 2>&1 || packages+=("${wanted[@]}")
}

compiles() { # <compiler> <flags...>: a program with a system header, to nowhere
    echo '#include <stdlib.h>
int main(void) { return EXIT_SUCCESS; }' | "$@" -o /dev/null -
}

makes_venvs() { "$python" -c 'import ensurepip, venv'; }

# The sanitizers' runtimes come with gcc.
needs gcc libc6-dev -- compiles gcc -x c -fsanitize=address,undefined
needs g++ -- compiles g++ -x c++
needs binutils -- command -v nm
needs valgrind libc6-dbg -- valgrind --version
needs python3-venv -- makes_venvs

if ((${#packages[@]} > 0)); then
    install=(apt-get install --yes --no-install-recommends "${packages[@]}")
    as_root=()
    if ((EUID != 0)); then
        as_root=(sudo --non-interactive)
    fi
    if ! command -v apt-get >/dev/null; then
        echo "missing: ${packages[*]} (these are Debian's names): install what your system calls them" >&2
        exit 1
    fi
    if ((EUID != 0)) && ! sudo --non-interactive true 2>/dev/null; then
        echo "missing: ${packages[*]}" >&2
        echo "run, as root:  apt-get update && ${install[*]}" >&2
        exit 1
    fi
    echo "installing ${packages[*]}"
    "${as_root[@]}" apt-get update --quiet
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}"
fi

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "$python is older than 3.11: name a later one, as in  make PYTHON=python3.11 ..." >&2
    exit 1
fi
if ! makes_venvs; then
    echo "$python still makes no virtual environments: install its venv and ensurepip modules" >&2
    exit 1
fi
if ! command -v cargo >/dev/null; then
    echo "cargo is missing: install Rust (rustup's default toolchain has all that is needed)" >&2
    exit 1
fi
for tool in fmt clippy; do
    if ! cargo "$tool" --version >/dev/null 2>&1; then
        component=$([[ $tool == fmt ]] && echo rustfmt || echo clippy)
        echo "installing $component"
        rustup component add "$component"
    fi
done
