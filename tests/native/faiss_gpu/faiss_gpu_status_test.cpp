// Why FAISS cannot use a GPU: the first argument is part of what is expected, "" that it can.
// Without an argument any answer will do, if the functions agree about it.
#include <dc4j/faiss.h>

#include <vector>

#include "check.h"

int main(int count, char** arguments) {
  const std::string reason = dc4j_faiss_gpu_status(0);
  std::printf("FAISS-GPU: %s\n", reason.empty() ? "usable" : reason.c_str());
  if (count > 1) {
    const std::string expected = arguments[1];
    CHECK(reason.empty() == expected.empty() && reason.find(expected) != std::string::npos,
          << reason << ", not " << expected);
  }
  CHECK(std::string(dc4j_faiss_gpu_status(-1)).find("device is -1") != std::string::npos);
  const dc4j_status expected = reason.empty() ? DC4J_OK : DC4J_UNSUPPORTED;
  const auto same = [&](dc4j_status status) {
    CHECK(status == expected, << status);
    if (status == DC4J_OK) return;
    CHECK(dc4j_faiss_last_error() == "FAISS on CUDA device 0: " + reason,
          << dc4j_faiss_last_error());
  };
  for (const char* kind : {"Flat", "IVF3,Flat"}) {
    dc4j_faiss_index* index = nullptr;
    const dc4j_status made = dc4j_faiss_index_create(4, kind, DC4J_FAISS_L2, 0, &index);
    if (std::string(dc4j_faiss_last_error()).find("flat indexes alone") != std::string::npos) {
      CHECK(made == DC4J_UNSUPPORTED && kind[0] == 'I');  // DC4J_FAISS_GPU_IVF=OFF
      continue;
    }
    same(made);
    CHECK((index != nullptr) == reason.empty());
    CHECK(dc4j_faiss_index_device(index) == (reason.empty() ? 0 : DC4J_FAISS_CPU));
    dc4j_faiss_index_close(index);
  }
  const std::vector<float> x = {0, 0, 1, 1, 5, 5, 6, 6};
  std::vector<float> centroids(4), distances(4);
  std::vector<int32_t> labels(4);
  std::vector<double> objectives(3);
  double objective = 0;
  int32_t iterations = 0;
  const dc4j_faiss_kmeans_options options = {3, 1, 0, 0, 256, 0};
  same(dc4j_faiss_kmeans(x.data(), 4, 2, 2, &options, 1, centroids.data(), labels.data(),
                         distances.data(), &objective, objectives.data(), &iterations));
  return finish();
}
