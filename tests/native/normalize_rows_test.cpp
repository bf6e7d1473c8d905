// normalize_rows: unit rows, zero rows, in place, strides, awkward widths, non-finite input, huge
// norms.
#include <dc4j/kernels.h>

#include <cmath>
#include <limits>

#include "backends.h"

static void unitRows(const TestContext& test) {
  for (int64_t rows : {0, 1, 3, 257}) {
    for (int64_t cols : {1, 2, 7, 16, 31, 32, 33, 100, 256}) {
      TestMatrix x(rows, cols, cols + 3), out(rows, cols, cols + 1);
      fillGaussian(x, 11 * rows + cols, 3);
      CHECK(dc4j_normalize_rows(test.context, &x.view, &out.view) == DC4J_OK, << dc4j_last_error());
      for (int64_t i = 0; i < rows; i++) {
        double norm = 0;
        for (int64_t t = 0; t < cols; t++) norm += double(x.row(i)[t]) * x.row(i)[t];
        norm = std::sqrt(norm);
        for (int64_t t = 0; t < cols; t++) {
          CHECK(std::fabs(out.row(i)[t] - x.row(i)[t] / norm) <= 1.2e-7, << rows << "x" << cols);
        }
      }
    }
  }
}

static void edges(const TestContext& test) {
  TestMatrix x(3, 40);
  for (int t = 0; t < 40; t++) x.row(1)[t] = 3e38f;
  for (int t = 0; t < 40; t++) x.row(2)[t] = 1e-40f;
  CHECK(dc4j_normalize_rows(test.context, &x.view, &x.view) == DC4J_OK, << dc4j_last_error());
  CHECK(x.row(0)[0] == 0.0f);
  CHECK(std::fabs(x.row(1)[7] - 1 / std::sqrt(40.0)) < 1e-7);
  CHECK(std::fabs(x.row(2)[7] - 1 / std::sqrt(40.0)) < 1e-4);  // a denormal has few bits
  x.row(2)[39] = std::numeric_limits<float>::quiet_NaN();
  x.row(1)[0] = std::numeric_limits<float>::infinity();
  CHECK(dc4j_normalize_rows(test.context, &x.view, &x.view) == DC4J_NOT_FINITE);
  CHECK(std::string(dc4j_last_error()).find("row 1") != std::string::npos, << dc4j_last_error());
}

static void badArguments(const TestContext& test) {
  TestMatrix x(2, 3), out(2, 4);
  CHECK(dc4j_normalize_rows(test.context, &x.view, &out.view) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_normalize_rows(test.context, nullptr, &out.view) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_normalize_rows(nullptr, &x.view, &x.view) == DC4J_INVALID_ARGUMENT);
  dc4j_matrix wrong = x.view;
  wrong.stride = 2;
  CHECK(dc4j_normalize_rows(test.context, &wrong, &x.view) == DC4J_INVALID_ARGUMENT);
  wrong = x.view;
  wrong.place = DC4J_CUDA;
  CHECK(dc4j_normalize_rows(test.context, &wrong, &x.view) == DC4J_INVALID_ARGUMENT);
}

/** In place is fine; a copy shifted by a row would read what it has written. */
static void overlap(const TestContext& test) {
  TestMatrix x(4, 5);
  fillGaussian(x, 3);
  dc4j_matrix head = x.view, tail = x.view;
  head.rows = tail.rows = 3;
  tail.data += 5;
  CHECK(dc4j_normalize_rows(test.context, &head, &tail) == DC4J_INVALID_ARGUMENT);
  CHECK(std::string(dc4j_last_error()) == "x and out overlap", << dc4j_last_error());
  CHECK(dc4j_normalize_rows(test.context, &tail, &tail) == DC4J_OK, << dc4j_last_error());
}

/** Columns of one buffer side by side share no byte; one column more and they do. */
static void columns(const TestContext& test) {
  TestMatrix both(5, 16);
  fillGaussian(both, 4);
  const std::vector<float> before = both.values;
  const dc4j_matrix left = {both.row(0), 5, 8, 16, DC4J_HOST};
  for (int64_t shift : {7, 8}) {
    for (int64_t row = 0; row < 3; row++) {
      dc4j_matrix right = {both.row(row) + shift, 5 - row, 16 - shift, 16, DC4J_HOST};
      dc4j_matrix from = left;
      from.rows = 5 - row;
      from.cols = 16 - shift;
      const bool apart = shift == 8;
      CHECK(dc4j_normalize_rows(test.context, &from, &right) ==
                (apart ? DC4J_OK : DC4J_INVALID_ARGUMENT),
            << shift << " " << row << " " << dc4j_last_error());
      if (!apart) CHECK(std::string(dc4j_last_error()) == "x and out overlap");
    }
  }
  for (int64_t i = 0; i < 5; i++) {
    for (int64_t t = 0; t < 8; t++) CHECK(both.row(i)[t] == before[size_t(16 * i + t)]);
  }
  const dc4j_matrix above = {both.row(0) + 8, 2, 8, 16, DC4J_HOST};
  dc4j_matrix below = {both.row(2), 2, 8, 16, DC4J_HOST};
  CHECK(dc4j_normalize_rows(test.context, &above, &below) == DC4J_OK, << dc4j_last_error());
}

int main() {
  onEveryBackend([](const TestContext& test) {
    unitRows(test);
    edges(test);
    badArguments(test);
    overlap(test);
    columns(test);
  });
  return finish();
}
