#include "abi/guard.h"

namespace dc4j {
namespace {
thread_local std::string last_error;
}

void setLastError(const char* text) noexcept {
  try {
    last_error = text;
  } catch (...) {
    last_error.clear();
  }
}

/** The matrix lies where it says, and where the context's kernels can take it from. */
static void checkPlace(Workers& workers, const dc4j_matrix* m, const char* name) {
  if (m->place != DC4J_HOST && m->place != DC4J_CUDA) {
    invalid(text(name, " has place ", m->place, "; accepted: 0 (host), 1 (CUDA)"));
  }
  if (workers.backend() == nullptr) {
    if (m->place != DC4J_HOST) {
      invalid(text(name, " is not in host memory; this backend needs it there"));
    }
    return;
  }
  if (m->data == nullptr) return;
  const Place place = workers.backend()->placeOf(m->data);
  if (place == Place::elsewhere) {
    invalid(text(name, " lies on another CUDA device; accepted: host memory, or the context's"));
  }
  if (m->place == DC4J_CUDA && place == Place::host) {
    invalid(text(name,
                 " is marked as CUDA memory, but its address is host memory; accepted: place ",
                 "0 (host), or memory of the context's device"));
  }
  if (m->place == DC4J_HOST && place == Place::device) {
    invalid(text(name,
                 " is marked as host memory, but its address is CUDA memory; accepted: place ",
                 "1 (CUDA), or host memory"));
  }
}

static void check(Workers& workers, const dc4j_matrix* m, const char* name) {
  if (m == nullptr) invalid(text(name, " is NULL"));
  if (m->rows < 0 || m->cols < 0) {
    invalid(text(name, " is [", m->rows, " x ", m->cols, "]; sizes must be >= 0"));
  }
  if (m->stride < m->cols) {
    invalid(text(name, " has stride ", m->stride, " below its ", m->cols, " columns"));
  }
  // Keeps every offset inside 63 bits; rows * stride floats cannot exist beyond it anyway.
  if (m->stride > 0 && m->rows > (INT64_MAX / 8) / m->stride) {
    invalid(text(name, " is [", m->rows, " x ", m->cols, "]: larger than the address space"));
  }
  if (m->data == nullptr && m->rows > 0 && m->cols > 0) invalid(text(name, " has no data"));
  checkPlace(workers, m, name);
}

ConstMatrix input(Workers& workers, const dc4j_matrix* matrix, const char* name) {
  check(workers, matrix, name);
  return {matrix->data, matrix->rows, matrix->cols, matrix->stride};
}

Matrix output(Workers& workers, dc4j_matrix* matrix, const char* name) {
  check(workers, matrix, name);
  return {matrix->data, matrix->rows, matrix->cols, matrix->stride};
}

void requireShape(ConstMatrix matrix, const char* name, int64_t rows, int64_t cols) {
  if (matrix.rows != rows || matrix.cols != cols) {
    invalid(text(name, " is [", matrix.rows, " x ", matrix.cols, "], expected [", rows, " x ", cols,
                 "]"));
  }
}

void requireCols(ConstMatrix matrix, const char* name, int64_t cols) {
  if (matrix.cols != cols) {
    invalid(text(name, " has ", matrix.cols, " columns, expected ", cols));
  }
}

void requirePointer(const void* pointer, const char* name, int64_t count) {
  if (pointer == nullptr && count > 0) invalid(text(name, " is NULL"));
}

}  // namespace dc4j

extern "C" {

const char* dc4j_last_error(void) { return dc4j::last_error.c_str(); }

const char* dc4j_status_name(dc4j_status status) {
  switch (status) {
    case DC4J_OK:
      return "ok";
    case DC4J_INVALID_ARGUMENT:
      return "invalid_argument";
    case DC4J_OUT_OF_MEMORY:
      return "out_of_memory";
    case DC4J_UNSUPPORTED:
      return "unsupported";
    case DC4J_NOT_FINITE:
      return "not_finite";
    case DC4J_NUMERIC:
      return "numeric";
    case DC4J_INTERNAL:
      return "internal";
    default:
      return "unknown";
  }
}

}  // extern "C"
