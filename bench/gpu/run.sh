#!/bin/bash
# Builds the native core on a bare Linux machine with a GPU, checks every kernel on it and times it: one command, no
# network, no JDK. Needs nvcc, CMake 3.22, a C++ compiler and Python with PyTorch for CUDA. LAPACK is the system's, or
# the unpacked org.bytedeco:openblas of a Maven build (native/target/openblas), carried along.
#
#   bench/gpu/run.sh [build] [test] [oracle] [time] [sanitize] [java]      (nothing named: all but java, in this order)
#
# build     CMake into native/target/gpu; with FAISS and its flat GPU part where native/target/faiss and
#           native/target/faiss-source (native/faiss-debian.sh --source) are carried along
# test      ctest: every case list of the CPU backend on the device too
# oracle    tests/native/oracle/check.py on PyTorch's CUDA tensors, and on host tensors
# time      bench/gpu/kernels.py: bench/results/gpu-<device>-<date>.json (or under $OUT); with FAISS's k-means on the GPU
#           beside ours where DC4J_FAISS_LIBRARY names a libdc4j_faiss.so that has libdc4j_faiss_gpu.so beside it
# sanitize  compute-sanitizer memcheck and racecheck over the test programs that compute on the device
# java      JMH on CUDA through Java: needs a JRE (DC4J_JRE, its folder) and bench/target/benchmarks.jar carried along
#           with the CUDA library beside it. jlink --add-modules
#           java.base,java.logging,java.management,jdk.management,jdk.unsupported makes one of 31 MB.
set -u
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$ROOT/native/target/gpu
PYTHON=${PYTHON:-python3}
STEPS=${*:-build test oracle time sanitize}
failed=()

step() {  # step NAME COMMAND...
  local name=$1
  shift
  echo "== $name"
  "$@" || failed+=("$name")
}

build() {
  local blas=$ROOT/native/target/openblas/org/bytedeco/openblas/linux-x86_64 lapack=()
  [ -e "$blas/libopenblas.so.0" ] && lapack=("-DDC4J_OPENBLAS_DIR=$blas")
  local ninja=()
  command -v ninja >/dev/null && ninja=(-G Ninja)
  local faiss=(-DDC4J_FAISS_DIR=none) tree=$ROOT/native/target/faiss-source
  [ -d "$tree/faiss/gpu" ] && faiss=("-DDC4J_FAISS_DIR=$ROOT/native/target/faiss/usr" "-DDC4J_FAISS_GPU_SOURCE=$tree"
    -DDC4J_FAISS_GPU_IVF=OFF -DDC4J_FAISS_GPU_ARCHITECTURES=90-real)
  cmake -S "$ROOT/native" -B "$BUILD" "${ninja[@]}" "${lapack[@]}" -DDC4J_CUDA=on -DDC4J_RACE_CHECK=OFF \
    "${faiss[@]}" && cmake --build "$BUILD" -j "$(nproc)"
}

run_tests() { ctest --test-dir "$BUILD" --output-on-failure --timeout 120 -j "$(nproc)"; }

# Our kernels alone: racecheck takes cuBLAS' asynchronous barriers for races. A test asks for more memory than there is,
# and who calls CUDA looks at what it returns: its errors are not findings.
look() {  # look TOOL PROGRAM [VARIABLE=VALUE]
  local tool=$1 program=$2
  env DC4J_TEST_DEVICES=cuda ${3:+"$3"} timeout 300 compute-sanitizer --tool "$tool" --kernel-name kns=dc4j \
    --report-api-errors no --error-exitcode 9 --log-file "$BUILD/$tool.log" \
    "$BUILD/tests/$program" >"$BUILD/$tool.out" 2>&1
  local ended=$?
  [ $ended = 0 ] && echo "$tool $program $3: clean" && return 0
  echo "$tool $program $3: exit $ended"
  tail -5 "$BUILD/$tool.log"
  return 1
}

sanitize() {
  command -v compute-sanitizer >/dev/null || { echo "compute-sanitizer is not here: left out"; return 0; }
  local status=0 program tool
  for tool in memcheck racecheck; do
    for program in $(ctest --test-dir "$BUILD" -N -R '_test_cuda$' | sed -n 's/.*: \(.*_test\)_cuda$/\1/p'); do
      look "$tool" "$program" "" || status=1
    done
    # Chunks and pieces, which large devices do not come to by themselves.
    for program in nearest_pieces_test kmeans_assign_test cuda_copies_test; do
      look "$tool" "$program" DC4J_CUDA_MEMORY=65536 || status=1
    done
    look "$tool" info_nce_test DC4J_CUDA_MEMORY=1048576 || status=1
  done
  return $status
}

oracle() {
  local status=0 place
  for place in "" --host; do
    DC4J_LIBRARY=$BUILD/libdc4j.so "$PYTHON" "$ROOT/tests/native/oracle/check.py" --device cuda $place || status=1
  done
  return $status
}

time_kernels() { DC4J_LIBRARY=$BUILD/libdc4j.so "$PYTHON" "$ROOT/bench/gpu/kernels.py"; }

java_kernels() {
  "${DC4J_JRE:?the folder of a JRE}/bin/java" -jar "$ROOT/bench/target/benchmarks.jar" \
    'Kmeans|InfoNce|RatioLoss|Nearest|Pca' -f 1 -p threads=1 -jvmArgsAppend -Ddc4j.bench.device=cuda -rf json -rff "${OUT:-$ROOT/bench/results}/gpu-jmh.json"
}

for name in $STEPS; do
  case $name in
    build)
      step build build
      [ ${#failed[@]} = 0 ] || break  # what an earlier build left would be measured in this one's name
      ;;
    test) step test run_tests ;;
    sanitize) step sanitize sanitize ;;
    oracle) step oracle oracle ;;
    time) step time time_kernels ;;
    java) step java java_kernels ;;
    *) echo "no step $name; there are build test oracle time sanitize java" && exit 2 ;;
  esac
done
[ ${#failed[@]} = 0 ] && echo "all done" && exit 0
echo "failed: ${failed[*]}"
exit 1
