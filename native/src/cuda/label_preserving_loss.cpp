// E_ij = exp(x_i.s_j / temperature); P_i = min E_ij over supports j of row i's label, Q_ig = max
// E_ij over those of another label g; loss = -(1/n') sum_i log(R_i + 1e-6), R_i = P_i / (P_i +
// sum_g Q_ig + 1e-6). x, gradient [n x d], supports, support_gradient [m x d]. n m d multiply-adds
// in fp64: the picks are the reference's. Labels are grouped on the host; some rows at a time keep
// one pick per label. No sum's order depends on the device. Judge:
// reference/label_preserving_loss.cpp.
#include "cuda/label_preserving_loss.h"

#include <algorithm>
#include <vector>

#include "core/label_groups.h"
#include "cuda/arguments.h"
#include "cuda/checks.h"
#include "cuda/device_array.h"
#include "cuda/loss_terms.h"
#include "cuda/slots.h"

namespace dc4j {
namespace cuda {
namespace {

constexpr int64_t kPicksAtOnce = INT64_C(1) << 21;  // 48 MiB

/** Groups of the supports' labels, and the rows' own ones, as arrays. */
struct PreservingGroups {
  std::vector<int64_t> own, starts, members, member_group;
  int64_t count = 0;  // rows that are not left out

  PreservingGroups(const int32_t* labels, int64_t n, const int32_t* support_labels, int64_t m) {
    const LabelGroups groups(support_labels, m);
    for (int64_t i = 0; i < n; i++) {
      own.push_back(labels[i] < 0 ? -1 : groups.find(labels[i]));
      count += own.back() >= 0;
    }
    for (int64_t g = 0; g < groups.count(); g++) {
      starts.push_back(static_cast<int64_t>(members.size()));
      members.insert(members.end(), groups.rows(g), groups.rows(g) + groups.size(g));
      member_group.insert(member_group.end(), static_cast<size_t>(groups.size(g)), g);
    }
    starts.push_back(static_cast<int64_t>(members.size()));
  }
  int64_t groups() const { return static_cast<int64_t>(starts.size()) - 1; }
};

const int64_t* onDevice(Arguments& device, const std::vector<int64_t>& values) {
  return device.in(values.data(), static_cast<int64_t>(values.size()));
}

void requireFinite(CudaState& state, ConstMatrix matrix, const char* name) {
  FirstBadRow bad(state);
  findNotFinite(state, matrix, 0, bad);
  bad.check(name);
}

}  // namespace

void label_preserving_loss(Workers& workers, ConstMatrix x, const int32_t* labels,
                           ConstMatrix supports, const int32_t* support_labels, double temperature,
                           Matrix gradient, Matrix support_gradient, double* loss) {
  CudaState& state = CudaState::of(workers);
  Arguments host(state, Place::host);
  const int64_t n = x.rows, m = supports.rows, d = x.cols;
  const PreservingGroups groups(host.in(labels, n), n, host.in(support_labels, m), m);
  Arguments device(state, Place::device);
  PreservingCall call = {};
  call.x = device.in(x);
  call.supports = device.in(supports);
  requireFinite(state, call.x, "x");
  requireFinite(state, call.supports, "supports");
  const Matrix to_x = device.out(gradient), to_supports = device.out(support_gradient);
  call.temperature = temperature;
  call.count = static_cast<double>(groups.count);
  call.own = onDevice(device, groups.own);
  call.groups = groups.groups();
  call.starts = onDevice(device, groups.starts);
  call.members = onDevice(device, groups.members);
  call.member_group = onDevice(device, groups.member_group);
  const int64_t labelled = static_cast<int64_t>(groups.members.size());
  const int64_t at_once =
      std::max<int64_t>(1, std::min(n, kPicksAtOnce / std::max<int64_t>(1, call.groups)));
  const DeviceArray<SupportPick> picks(state, at_once * call.groups);
  const DeviceArray<double> terms(state, n), total(state, 1);
  DeviceArray<double> sums(state, to_supports.data == nullptr ? 0 : m * d);
  sums.fill(0);
  call.picks = picks.data();
  call.terms = terms.data();
  call.sums = sums.data();
  for (call.first = 0; call.first < n; call.first += at_once) {
    call.rows = std::min(at_once, n - call.first);
    pickSupports(state, call);
    weighPicks(state, call);
    if (to_x.data != nullptr) writeRowGradients(state, call, to_x);
    if (to_supports.data != nullptr) addSupportGradients(state, call, labelled);
  }
  if (to_supports.data != nullptr) roundSums(state, sums.data(), to_supports);
  sumInOrder(state, terms.data(), n, total.data());
  const double sum = total.read();
  device.finish();
  Arguments result(state, Place::host);
  *result.out(loss, 1) = groups.count > 0 ? sum / call.count : 0;
  result.finish();
}

}  // namespace cuda
}  // namespace dc4j
