#!/usr/bin/env bash
# Compiles the C programs (tests and example) against the shared and the static library, and runs
# each plain, under valgrind, and with AddressSanitizer and UndefinedBehaviorSanitizer: once in the
# C code, once in the library, too. The last line says how many runs passed.
#
# Needs gcc, g++, binutils and valgrind (Debian: gcc g++ binutils valgrind libc6-dev libc6-dbg).
set -uo pipefail
cd "$(dirname "$0")/../.."

cc=${CC:-gcc}
cxx=${CXX:-g++}
target=${CARGO_TARGET_DIR:-$PWD/target}
out=$target/c
host=$(rustc --version --verbose | sed -n 's/^host: //p')
sources=(tests/c/{api,containers,transactions,history,members,rescue,streams}.c
    tests/c/{errors,edit_errors,handles,hostile}.c
    tests/c/threads.c examples/c/{two_replicas,pruning}.c)
strict=(-std=c99 -g -O1 -Wall -Wextra -Werror -pedantic -Iinclude)
sanitize=(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
# What Rust's standard library stands on.
native=(-lpthread -ldl -lm)
# A plain run may take this much address space (KiB): a length that hostile bytes claim, and that
# is believed, ends it.
address_space=$((512 * 1024))

passed=0
failed=0

check() { # <label> <command...>: counts it, and shows what it wrote if it failed
    local label=$1
    shift
    if "$@" >"$out/log" 2>&1; then
        echo "ok      $label"
        ((passed += 1))
    else
        echo "FAILED  $label: $*"
        head --lines 60 "$out/log" | sed 's/^/        /'
        ((failed += 1))
    fi
}

limited() { (ulimit -v "$address_space" && "$@"); }

must() { "$@" || { echo "FAILED  $*" && exit 1; }; }

for tool in cargo "$cc" "$cxx" readelf valgrind; do
    command -v "$tool" >/dev/null || {
        echo "$tool is missing: on Debian, apt-get install gcc g++ binutils valgrind libc6-dbg"
        exit 1
    }
done

must cargo build --quiet --release --locked --package libsync-ffi
# Instrumented, the library is built for a named target, so that build scripts are not.
RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address must cargo build --quiet --release --locked \
    --package libsync-ffi --target "$host" --target-dir "$target/asan"
rm -rf "$out"
mkdir -p "$out"/{lib,shared,static,c-asan,asan}
# As an installation has them: the file bears its SONAME, and -lsync finds the link.
must cp "$target/release/libsync.so" "$out/lib/libsync.so.0"
must ln -s libsync.so.0 "$out/lib/libsync.so"

# A panic that is injected or found shows as a status; its backtrace would read the debug
# information of the whole program, slowly under valgrind.
export RUST_BACKTRACE=0
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1

soname() { readelf --dynamic "$out/lib/libsync.so.0" | grep --quiet 'SONAME.*\[libsync\.so\.0\]'; }
check "the SONAME is libsync.so.0" soname
compilers=("$cc")
cxx_compilers=("$cxx")
if [[ $cc != clang ]] && command -v clang >/dev/null; then
    compilers+=(clang)
    cxx_compilers+=(clang++)
fi
for compiler in "${compilers[@]}"; do
    for standard in c99 c11 c17; do
        check "sync.h alone, $compiler -std=$standard" "$compiler" -std=$standard -Wall -Wextra \
            -Werror -pedantic -fsyntax-only -x c include/sync.h
    done
done
for compiler in "${cxx_compilers[@]}"; do
    for standard in c++11 c++17 c++20; do
        check "sync.h alone, $compiler -std=$standard" "$compiler" -std=$standard -Wall -Wextra \
            -Werror -pedantic -fsyntax-only -x c++ include/sync.h
    done
done

for source in "${sources[@]}"; do
    name=$(basename "$source" .c)
    shared=(-L"$out/lib" -lsync -Wl,-rpath,"$out/lib")
    must "$cc" "${strict[@]}" "$source" -o "$out/shared/$name" "${shared[@]}" -lpthread
    must "$cc" "${strict[@]}" "$source" -o "$out/static/$name" "$target/release/libsync.a" \
        "${native[@]}"
    must "$cc" "${strict[@]}" "${sanitize[@]}" "$source" -o "$out/c-asan/$name" "${shared[@]}" \
        -lpthread
    must "$cc" "${strict[@]}" "${sanitize[@]}" "$source" -o "$out/asan/$name" \
        "$target/asan/$host/release/libsync.a" "${native[@]}"
    check "$name, shared" limited "$out/shared/$name"
    check "$name, static" limited "$out/static/$name"
    check "$name, valgrind" valgrind --quiet --error-exitcode=99 --leak-check=full \
        --show-leak-kinds=all --errors-for-leak-kinds=all --suppressions=tests/c/valgrind.supp \
        "$out/shared/$name"
    check "$name, sanitizers in C" "$out/c-asan/$name"
    check "$name, sanitizers in C and Rust" "$out/asan/$name"
done

echo
echo "$passed passed, $failed failed"
((failed == 0))
