# Part of run: what is built, and how the scripts behave.

# Every entry point that JCuda 12.6.0 needs, as nm shows them in libJCudaDriver, is there.
no_symbol_missing() {
    local missing
    missing=$(comm -23 "$here/jcuda-symbols.txt" <(nm -D --defined-only "$work/libcuda.so.1" | awk '{print $3}' | sort))
    if [ -n "$missing" ]; then echo "missing: $missing"; return 1; fi
}
check "every entry point of JCuda" no_symbol_missing

# Nothing else is visible, so that nothing clashes with a process that loads the library.
no_symbol_too_many() {
    ! nm -D --defined-only "$work/libcuda.so.1" | awk '{print $3}' | grep -v -E '^(cu[A-Z]|emucuda[A-Z])'
}
check "no other symbol" no_symbol_too_many

# A value in the environment that is not understood fails the first call instead of being ignored.
nonsense_is_refused() {
    ! EMUCUDA_LAZY=perhaps "$work/numbers" > "$work/nonsense.txt" && grep -q 'cuInit(0) is 1, not 0' "$work/nonsense.txt"
}
check "nonsense in the environment" nonsense_is_refused

# The first failure is that of the call with which the program would switch the second one off.
failures_from_the_environment() {
    EMUCUDA_FAIL=emucudaConfigure:1:2,cuInit:1:2 "$work/numbers" > "$work/fail.txt" || true
    grep -q 'cuInit(0) is 2, not 0' "$work/fail.txt"
}
check "failures from the environment" failures_from_the_environment

faults_are_logged() {
    local line='emulated CUDA device: CUDA_ERROR_ILLEGAL_ADDRESS (700): kernel'
    rm -f "$work/log.txt"
    env -u EMUCUDA_LOG "$work/faults" > /dev/null 2> "$work/error.txt" && grep -q -F "$line" "$work/error.txt" &&
        EMUCUDA_LOG=$work/log.txt "$work/faults" && grep -q -F "$line" "$work/log.txt"
}
check "faults on standard error or in a file" faults_are_logged

# What is up to date is not built again; a header that changed counts.
builds_only_what_changed() {
    local folder=$work/changed
    rm -rf "$folder"
    mkdir -p "$folder"
    cp "$here/streams.cu" "$folder/"
    "$native/compile-kernels" "$folder/out/kernels.so" "$folder/streams.cu"
    touch -d '1 minute ago' "$folder"/* "$folder"
    touch -d '10 seconds ago' "$folder/out/kernels.so"
    local before after
    before=$(stat -c %Y "$folder/out/kernels.so")
    "$native/compile-kernels" "$folder/out/kernels.so" "$folder/streams.cu"
    [ "$(stat -c %Y "$folder/out/kernels.so")" = "$before" ] || return 1
    echo '/* new */' > "$folder/header.cuh"
    "$native/compile-kernels" "$folder/out/kernels.so" "$folder/streams.cu"
    after=$(stat -c %Y "$folder/out/kernels.so")
    [ "$after" != "$before" ] && [ -z "$(find "$folder/out" -name '*.tmp*')" ]
}
check "builds only what changed" builds_only_what_changed

# Without a compiler: an error, or one line if that was allowed.
missing_compiler() {
    local said
    ! CC=no-such-compiler "$native/build" "$work/none" 2> /dev/null || return 1
    ! CXX=no-such-compiler "$native/compile-kernels" "$work/none/k.so" "$here/streams.cu" 2> /dev/null || return 1
    said=$(CC=no-such-compiler "$native/build" --optional "$work/none" 2>&1) || return 1
    [ "$said" = "no-such-compiler not found: without it, no $work/none/libcuda.so.1" ] || return 1
    said=$(CXX=no-such-compiler "$native/compile-kernels" --optional "$work/none/k.so" "$here/streams.cu" 2>&1) || return 1
    [ "$said" = "no-such-compiler not found: without it, no $work/none/k.so" ]
}
check "without a compiler" missing_compiler

# The same sources are CUDA.
if command -v nvcc > /dev/null; then
    check "nvcc compiles the kernels" sh -c 'cd "$1" && nvcc -std=c++17 -O0 -arch=sm_80 -I "$2/include" -fatbin "$3"/numbers.cu -o numbers.fatbin &&
        nvcc -std=c++17 -O0 -arch=sm_80 -I "$2/include" -fatbin "$3"/threads.cu -o threads.fatbin' nvcc "$work" "$native" "$here"
else
    echo "skipped nvcc compiles the kernels: nvcc not found"
fi
