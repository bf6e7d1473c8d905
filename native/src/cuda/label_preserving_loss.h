// The steps of label_preserving_loss (label_preserving_loss.cpp has the whole), each queued.
#pragma once
#include "core/view.h"
#include "cuda/cuda_state.h"

namespace dc4j {
namespace cuda {

/** The support picked for a row from one label: its row, and d loss / d (x_i.s_j). */
struct SupportPick {
  int64_t row;
  double logit, weight;
};

/** A call on the device, and the rows first .. first + rows that are at work. */
struct PreservingCall {
  ConstMatrix x, supports;
  double temperature, count;    // n'
  const int64_t* own;           // [n] group of the row's label, -1: the row is left out
  int64_t groups;               // distinct labels of supports
  const int64_t* starts;        // [groups + 1] into members
  const int64_t* members;       // [supports with a label] by group, rows increasing
  const int64_t* member_group;  // [supports with a label]
  int64_t first, rows;
  SupportPick* picks;  // [rows x groups]
  double* terms;       // [n]
  double* sums;        // [m x d] of the supports' gradient, or NULL
};

/** Logit and row of every pick. */
void pickSupports(CudaState& state, const PreservingCall& call);
/** Their weights, and the terms of the loss. */
void weighPicks(CudaState& state, const PreservingCall& call);
/** Rows of the gradient; gradient [n x d]. */
void writeRowGradients(CudaState& state, const PreservingCall& call, Matrix gradient);
/** Adds to sums, rows of x in order; `labelled` supports have a label. */
void addSupportGradients(CudaState& state, const PreservingCall& call, int64_t labelled);
/** Rounds sums [m x d]. */
void roundSums(CudaState& state, const double* sums, Matrix to);

}  // namespace cuda
}  // namespace dc4j
