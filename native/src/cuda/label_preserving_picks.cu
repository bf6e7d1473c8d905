// The kernels of label_preserving_loss (label_preserving_loss.h): fp64 in the reference's order but
// for the sum over labels, which is over lanes.
#include <cmath>

#include "cuda/exact_score.h"
#include "cuda/label_preserving_loss.h"

namespace dc4j {
namespace cuda {

constexpr int kBlock = 256;
constexpr double kEpsilon = 1e-6;

/** A warp a row and a group. Ties stay with the lowest support: members increase. */
__global__ void pickSupportsKernel(PreservingCall call) {
  const int64_t pairs = call.rows * call.groups;
  for (int64_t p = warpOfGrid(); p < pairs; p += warpsOfGrid()) {
    const int64_t i = call.first + p / call.groups, g = p % call.groups, own = call.own[i];
    if (own < 0) continue;
    SupportPick best = {-1, 0, 0};
    for (int64_t s = call.starts[g]; s < call.starts[g + 1]; s++) {
      const int64_t j = call.members[s];
      const double dot = exactDot(rowAt(call.x, i), rowAt(call.supports, j), call.x.cols);
      const double logit = dot / call.temperature;
      const bool better = g == own ? logit < best.logit : logit > best.logit;
      if (best.row < 0 || better) best = {j, logit, 0};
    }
    if (laneOf() == 0) call.picks[p] = best;
  }
}

void pickSupports(CudaState& state, const PreservingCall& call) {
  DC4J_LAUNCH(pickSupportsKernel, blocksForLoop(call.rows * call.groups, kBlock / kWarp), kBlock, 0,
              state.stream(), call);
}

/** A warp a row. */
__global__ void weighPicksKernel(PreservingCall call) {
  for (int64_t r = warpOfGrid(); r < call.rows; r += warpsOfGrid()) {
    const int64_t i = call.first + r, own = call.own[i];
    if (own < 0) {
      if (laneOf() == 0) call.terms[i] = 0;
      continue;
    }
    SupportPick* picks = call.picks + r * call.groups;
    double shift = 0;
    for (int64_t g = laneOf(); g < call.groups; g += kWarp) shift = fmax(shift, picks[g].logit);
    shift = largestOfWarp(shift);
    double others = 0;
    for (int64_t g = laneOf(); g < call.groups; g += kWarp) {
      if (g != own) others += exp(picks[g].logit - shift);
    }
    others = foldLanes(others) + kEpsilon * exp(-shift);
    const double mine = exp(picks[own].logit - shift), sum = others + mine, ratio = mine / sum;
    const double share = ratio / (ratio + kEpsilon) / (call.temperature * call.count * sum);
    for (int64_t g = laneOf(); g < call.groups; g += kWarp) {
      picks[g].weight = share * (g == own ? -others : exp(picks[g].logit - shift));
    }
    if (laneOf() == 0) call.terms[i] = -log(ratio + kEpsilon);
  }
}

void weighPicks(CudaState& state, const PreservingCall& call) {
  DC4J_LAUNCH(weighPicksKernel, blocksForLoop(call.rows, kBlock / kWarp), kBlock, 0, state.stream(),
              call);
}

/** A warp a row. */
__global__ void writeRowGradientsKernel(PreservingCall call, Matrix gradient) {
  for (int64_t r = warpOfGrid(); r < call.rows; r += warpsOfGrid()) {
    const int64_t i = call.first + r, groups = call.own[i] < 0 ? 0 : call.groups;
    const SupportPick* picks = call.picks + r * call.groups;
    for (int64_t t = laneOf(); t < gradient.cols; t += kWarp) {
      double sum = 0;
      for (int64_t g = 0; g < groups; g++) {
        sum += picks[g].weight * static_cast<double>(rowAt(call.supports, picks[g].row)[t]);
      }
      rowAt(gradient, i)[t] = static_cast<float>(sum);
    }
  }
}

void writeRowGradients(CudaState& state, const PreservingCall& call, Matrix gradient) {
  DC4J_LAUNCH(writeRowGradientsKernel, blocksForLoop(call.rows, kBlock / kWarp), kBlock, 0,
              state.stream(), call, gradient);
}

/** A warp a support: it alone adds to its sums, and a lane to its columns alone. */
__global__ void addSupportGradientsKernel(PreservingCall call, int64_t labelled) {
  for (int64_t s = warpOfGrid(); s < labelled; s += warpsOfGrid()) {
    const int64_t j = call.members[s], d = call.x.cols;
    double* sums = call.sums + j * d;
    for (int64_t r = 0; r < call.rows; r++) {
      if (call.own[call.first + r] < 0) continue;
      const SupportPick& pick = call.picks[r * call.groups + call.member_group[s]];
      if (pick.row != j) continue;
      const float* x = rowAt(call.x, call.first + r);
      for (int64_t t = laneOf(); t < d; t += kWarp) {
        sums[t] += pick.weight * static_cast<double>(x[t]);
      }
    }
  }
}

void addSupportGradients(CudaState& state, const PreservingCall& call, int64_t labelled) {
  DC4J_LAUNCH(addSupportGradientsKernel, blocksForLoop(labelled, kBlock / kWarp), kBlock, 0,
              state.stream(), call, labelled);
}

__global__ void roundSumsKernel(const double* sums, Matrix to) {
  for (int64_t j = warpOfGrid(); j < to.rows; j += warpsOfGrid()) {
    for (int64_t t = laneOf(); t < to.cols; t += kWarp) {
      rowAt(to, j)[t] = static_cast<float>(sums[j * to.cols + t]);
    }
  }
}

void roundSums(CudaState& state, const double* sums, Matrix to) {
  DC4J_LAUNCH(roundSumsKernel, blocksForLoop(to.rows, kBlock / kWarp), kBlock, 0, state.stream(),
              sums, to);
}

}  // namespace cuda
}  // namespace dc4j
