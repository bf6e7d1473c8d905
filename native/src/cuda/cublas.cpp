#include "cuda/cublas.h"

#include <dirent.h>
#include <dlfcn.h>

#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/error.h"

namespace dc4j {
namespace cuda {
namespace {

constexpr const char* kName = "libcublas.so.13";
constexpr int kDefaultAlgorithm = -1;  // CUBLAS_GEMM_DEFAULT

// As in cublas_api.h, with handles and enumerations as what they are passed as.
struct Functions {
  int (*create)(void** handle);
  int (*destroy)(void* handle);
  int (*set_stream)(void* handle, cudaStream_t stream);
  int (*gemm)(void* handle, int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k,
              const void* alpha, const void* a, int type_a, int64_t lda, const void* b, int type_b,
              int64_t ldb, const void* beta, void* c, int type_c, int64_t ldc, int compute,
              int algorithm);
  void* library;
  std::string path, reason;
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/** lib folders of pip's packages below `root`: root/python3.x/site-packages/nvidia/.../lib. */
void addPython(const std::string& root, std::vector<std::string>& folders) {
  DIR* directory = opendir(root.c_str());
  if (directory == nullptr) return;
  while (const dirent* entry = readdir(directory)) {
    const std::string name = entry->d_name;
    if (name.rfind("python3", 0) != 0) continue;
    for (const char* packages : {"/site-packages", "/dist-packages"}) {
      for (const char* place : {"/nvidia/cu13/lib", "/nvidia/cublas/lib"}) {
        folders.push_back(root + "/" + name + packages + place);
      }
    }
  }
  closedir(directory);
}

/** Where cuBLAS is looked for; "" is the loader's own path. */
std::vector<std::string> folders() {
  std::vector<std::string> all;
  const std::string named = environment("DC4J_CUBLAS_DIR");
  if (!named.empty()) return {named};
  all.push_back("");
  for (const char* name : {"CUDA_HOME", "CUDA_PATH"}) {
    const std::string home = environment(name);
    if (home.empty()) continue;
    all.push_back(home + "/lib64");
    all.push_back(home + "/targets/x86_64-linux/lib");
  }
  all.push_back("/usr/local/cuda/lib64");
  all.push_back("/usr/local/cuda/targets/x86_64-linux/lib");
  const std::string virtual_environment = environment("VIRTUAL_ENV"),
                    conda = environment("CONDA_PREFIX");
  if (!virtual_environment.empty()) addPython(virtual_environment + "/lib", all);
  if (!conda.empty()) {
    all.push_back(conda + "/lib");
    addPython(conda + "/lib", all);
  }
  const std::string home = environment("HOME");
  if (!home.empty()) addPython(home + "/.local/lib", all);
  addPython("/usr/local/lib", all);
  addPython("/usr/lib", all);
  return all;
}

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

Functions loadFunctions() {
  Functions found{};
  std::string places;
  for (const std::string& folder : folders()) {
    const std::string file = folder.empty() ? kName : folder + "/" + kName;
    // libcublasLt lies beside it and is found by its run path.
    void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      places += (places.empty() ? "" : ", ") + (folder.empty() ? "the loader's path" : folder);
      continue;
    }
    if (find(library, "cublasCreate_v2", found.create) &&
        find(library, "cublasDestroy_v2", found.destroy) &&
        find(library, "cublasSetStream_v2", found.set_stream) &&
        find(library, "cublasGemmEx_64", found.gemm)) {
      found.library = library;
      found.path = file;
      return found;
    }
    found.reason = text("cuBLAS in ", file, " lacks functions that this build needs");
    return found;
  }
  found.reason = text(kName, " was not found (looked in ", places,
                      "); install CUDA 13's cuBLAS or name its folder in DC4J_CUBLAS_DIR");
  return found;
}

const Functions& functions() {
  static const Functions loaded = loadFunctions();
  return loaded;
}

void checkCublas(int status, const char* what) {
  if (status == 0) return;
  if (status == 3) throw Error(DC4J_OUT_OF_MEMORY, text("cuBLAS: out of memory in ", what));
  throw Error(DC4J_INTERNAL, text("cuBLAS: ", what, " failed with status ", status));
}

}  // namespace

const char* Cublas::whyNot() { return functions().reason.c_str(); }
const char* Cublas::path() { return functions().path.c_str(); }

void* Cublas::symbol(const char* name) {
  if (*whyNot() != 0) throw Error(DC4J_UNSUPPORTED, whyNot());
  void* function = dlsym(functions().library, name);
  if (function != nullptr) return function;
  throw Error(DC4J_UNSUPPORTED, text("cuBLAS in ", path(), " has no ", name));
}

Cublas::Cublas(cudaStream_t stream) {
  if (*whyNot() != 0) throw Error(DC4J_UNSUPPORTED, whyNot());
  checkCublas(functions().create(&handle_), "making a handle");
  useStream(stream);
}

Cublas::~Cublas() { functions().destroy(handle_); }

void Cublas::useStream(cudaStream_t stream) {
  checkCublas(functions().set_stream(handle_, stream), "choosing a stream");
}

void Cublas::multiply(const Product& p) {
  if (p.m == 0 || p.n == 0) return;
  const int32_t whole[2] = {static_cast<int32_t>(std::lround(p.alpha)),
                            static_cast<int32_t>(std::lround(p.beta))};
  const double wide[2] = {static_cast<double>(p.alpha), static_cast<double>(p.beta)};
  const void *alpha = &p.alpha, *beta = &p.beta;  // of the type that is computed in
  if (p.compute == Compute::int32) {
    alpha = &whole[0];
    beta = &whole[1];
  } else if (p.compute == Compute::fp64) {
    alpha = &wide[0];
    beta = &wide[1];
  }
  checkCublas(functions().gemm(handle_, p.transpose_a, p.transpose_b, p.m, p.n, p.k, alpha, p.a,
                               static_cast<int>(p.type_a), p.lda, p.b, static_cast<int>(p.type_b),
                               p.ldb, beta, p.c, static_cast<int>(p.type_c), p.ldc,
                               static_cast<int>(p.compute), kDefaultAlgorithm),
              "a product");
}

}  // namespace cuda
}  // namespace dc4j
