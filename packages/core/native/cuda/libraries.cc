#include "libraries.h"

#include <dlfcn.h>
#include <glob.h>
#include <link.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <vector>

namespace tt::cuda {
namespace {

// --- Where libraries are ---------------------------------------------------------------------------------------------

#if TT_EMULATED
constexpr int kCudaVersion = 13;
#else
// The libraries' version must be that of the runtime that is built in: two runtimes in one process do not share
// streams.
constexpr int kCudaVersion = CUDART_VERSION / 1000;
#endif

enum Name { kCublasLt, kCublas, kCudnn, kCusolver, kNameCount };

struct Description {
  const char* name;
  int version;
};
constexpr Description kDescriptions[kNameCount] = {
    {"cublasLt", kCudaVersion},
    {"cublas", kCudaVersion},
    {"cudnn", 9},
    {"cusolver", kCudaVersion - 1},
};

std::string soname(Name name) {
  return std::string("lib") + kDescriptions[name].name + ".so." + std::to_string(kDescriptions[name].version);
}

std::vector<std::string> split(const char* text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text ? text : "");
  for (std::string part; std::getline(stream, part, separator);)
    if (!part.empty()) parts.push_back(part);
  return parts;
}

std::vector<std::string> matches(const std::string& pattern) {
  glob_t found;
  std::vector<std::string> paths;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  return paths;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// Python's packages of NVIDIA's libraries, for those who say so: a program should not depend on them by accident.
std::vector<std::string> python_folders() {
  const std::string wanted = environment("TS_TORCH_CUDA_PYTHON_LIBRARIES");
  if (wanted.empty() || wanted == "0") return {};
  std::vector<std::string> folders;
  for (const std::string& root : {environment("VIRTUAL_ENV"), environment("CONDA_PREFIX"),
                                  environment("HOME") + "/.local", std::string("/usr/local"), std::string("/usr")})
    for (const char* packages :
         {"/lib/python3*/site-packages", "/lib/python3*/dist-packages", "/lib/python3/dist-packages"})
      for (const std::string& folder : matches(root + packages + "/nvidia/*/lib"))
        if (!root.empty()) folders.push_back(folder);
  return folders;
}

// The folder of this shared object.
std::string own_folder() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<const void*>(&own_folder), &info)) return ".";
  const std::string path = info.dli_fname;
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

// In order; a soname alone is looked for as the dynamic linker does.
std::vector<std::string> candidates(Name name) {
  const std::string file = soname(name);
  std::vector<std::string> paths;
  const auto add = [&](const std::vector<std::string>& folders) {
    for (const std::string& folder : folders) paths.push_back(folder + "/" + file);
  };
  add(split(std::getenv("TS_TORCH_CUDA_LIB_DIR"), ':'));
  if (TT_EMULATED) {
    add({own_folder() + "/emulated-libraries"});
    return paths;
  }
  paths.push_back(file);
  for (const char* variable : {"CUDA_PATH", "CUDA_HOME"})
    if (const std::string root = environment(variable); !root.empty()) add({root + "/lib64"});
  add({"/usr/local/cuda/lib64", "/usr/local/cuda-" + std::to_string(kCudaVersion) + "/lib64",
       "/usr/lib/x86_64-linux-gnu", "/usr/lib64"});
  add(python_folders());
  return paths;
}

// --- Opening ---------------------------------------------------------------------------------------------------------

struct Opened {
  std::once_flag once;
  void* handle = nullptr;
  std::string path;   // where it was found
  std::string error;  // why it cannot be used
};
// Never closed: worker threads may still use them while the process exits.
auto& opened = *new std::array<Opened, kNameCount>();

// TS_TORCH_CUDA_LIBRARIES names those that may be used, with commas; all where it is not set.
bool is_allowed(Name name) {
  const char* list = std::getenv("TS_TORCH_CUDA_LIBRARIES");
  if (!list) return true;
  const auto names = split(list, ',');
  const std::string wanted = name == kCublasLt ? "cublas" : kDescriptions[name].name;
  return std::find(names.begin(), names.end(), wanted) != names.end();
}

// The stand-ins of the emulator are for emulated devices, and theirs only.
bool is_of_this_kind(void* handle) { return (dlsym(handle, "tt_emulation_stand_in") != nullptr) == bool(TT_EMULATED); }

bool try_path(Opened& library, const std::string& path, int flags) {
  void* handle = dlopen(path.c_str(), flags);
  if (!handle) {
    const char* reason = dlerror();
    if (!(flags & RTLD_NOLOAD)) library.error += "\n  " + std::string(reason ? reason : path);
    return false;
  }
  if (!is_of_this_kind(handle)) {
    library.error += "\n  " + path + (TT_EMULATED ? ": not a stand-in for emulated devices" : ": only for emulation");
    dlclose(handle);
    return false;
  }
  link_map* map = nullptr;
  library.path = dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 ? map->l_name : path;
  library.handle = handle;
  library.error.clear();
  return true;
}

// Other versions that lie where one was looked for: the usual reason why a library is "missing".
std::string other_versions(Name name) {
  std::string text;
  for (const std::string& path : candidates(name)) {
    const size_t slash = path.rfind('/');
    if (slash == std::string::npos) continue;
    for (const std::string& found : matches(path.substr(0, slash) + "/lib" + kDescriptions[name].name + ".so.[0-9]*"))
      text += "\n  " + found + " is of another version: this build needs " + soname(name);
  }
  return text;
}

// Stand-ins call the emulator back: its symbols become visible to what is opened from now on.
void share_own_symbols() {
  Dl_info info;
  if (TT_EMULATED && dladdr(reinterpret_cast<const void*>(&share_own_symbols), &info))
    dlopen(info.dli_fname, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD);
}

void open_library(Name name) {
  Opened& library = opened[name];
  if (!is_allowed(name)) {
    library.error = "\n  switched off by TS_TORCH_CUDA_LIBRARIES";
    return;
  }
  share_own_symbols();
  if (!TT_EMULATED && environment("TS_TORCH_CUDA_LIB_DIR").empty() &&
      try_path(library, soname(name), RTLD_NOW | RTLD_NOLOAD))
    return;
  for (const std::string& path : candidates(name))
    if (try_path(library, path, RTLD_NOW | RTLD_GLOBAL)) return;
  library.error += other_versions(name);
}

Opened& open_once(Name name) {
  Opened& library = opened[name];
  std::call_once(library.once, [&] {
    // cuBLAS asks for it by name: the one that lies beside it is to be found, wherever that is.
    if (name == kCublas) open_once(kCublasLt);
    if (name == kCusolver) open_once(kCublas);
    open_library(name);
  });
  return library;
}

// Whether the library can be used without them.
enum class Functions { Needed, OfLaterVersions };

// Fills a table of pointers in the order of their names.
bool bind(Name name, const char* const* names, size_t count, Functions functions, void* table) {
  Opened& library = open_once(name);
  if (!library.handle) return false;
  for (size_t i = 0; i < count; ++i) {
    void* symbol = dlsym(library.handle, names[i]);
    if (!symbol && functions == Functions::Needed) {
      library.error = "\n  " + library.path + " has no function " + names[i];
      library.handle = nullptr;
    }
    if (!symbol) return false;
    static_cast<void**>(table)[i] = symbol;
  }
  return true;
}

// Of a library, once: nullptr where it cannot be used.
template <class Table, size_t count>
const Table* table_of(Name name, const char* const (&names)[count], Functions functions = Functions::Needed) {
  static_assert(sizeof(Table) == count * sizeof(void*));
  static Table table;
  static const bool found = bind(name, names, count, functions, &table);
  return found ? &table : nullptr;
}

constexpr const char* kCublasNames[] = {TT_CUBLAS_FUNCTIONS(TT_LIBRARY_NAME)};
constexpr const char* kCudnnNames[] = {TT_CUDNN_FUNCTIONS(TT_LIBRARY_NAME)};
constexpr const char* kCusolverNames[] = {TT_CUSOLVER_FUNCTIONS(TT_LIBRARY_NAME)};
constexpr const char* kCusolverGeevNames[] = {TT_CUSOLVER_GEEV_FUNCTIONS(TT_LIBRARY_NAME)};

std::atomic<bool> options[kOptionCount] = {true, true, true, false, true, false, false};

[[noreturn]] void fail_missing(Name name) {
  open_once(name);
  const char* text = kDescriptions[name].name;
  fail(ErrorKind::Device, "this op needs ", soname(name), ", which cannot be used; TS_TORCH_CUDA_LIB_DIR may name its ",
       "folder. What was tried for ", text, ":", opened[name].error.empty() ? "\n  switched off" : opened[name].error);
}

// --- Handles ---------------------------------------------------------------------------------------------------------

constexpr int kMaxDevices = 16;

template <class Handle>
struct Handles {
  std::mutex mutex[kMaxDevices];
  Handle handles[kMaxDevices] = {};
};
auto& cublas_handles = *new Handles<CublasHandle>();
auto& cudnn_handles = *new Handles<CudnnHandle>();
auto& cusolver_handles = *new Handles<CusolverHandle>();
auto& cusolver_params = *new Handles<CusolverParams>();

// What NVIDIA advises: Hopper's kernels ask for more.
size_t cublas_workspace_bytes() {
  if (TT_EMULATED) return size_t{64} << 10;
  static const int major = [] {
    int value = 0;
    check(cudaDeviceGetAttribute(&value, cudaDevAttrComputeCapabilityMajor, current_device()), "reading a property");
    return value;
  }();
  return size_t{major >= 9 ? 32u : 8u} << 20;
}

}  // namespace

bool option(Option which) { return options[static_cast<int>(which)].load(std::memory_order_relaxed); }
void set_option(Option which, bool value) { options[static_cast<int>(which)].store(value); }

const Cublas* find_cublas() { return option(Option::Cublas) ? table_of<Cublas>(kCublas, kCublasNames) : nullptr; }
const Cudnn* find_cudnn() { return option(Option::Cudnn) ? table_of<Cudnn>(kCudnn, kCudnnNames) : nullptr; }
const Cusolver* find_cusolver() {
  return option(Option::Cusolver) ? table_of<Cusolver>(kCusolver, kCusolverNames) : nullptr;
}

const Cublas& require_cublas() {
  const Cublas* cublas = find_cublas();
  if (!cublas) fail_missing(kCublas);
  return *cublas;
}

const Cusolver& require_cusolver() {
  const Cusolver* cusolver = find_cusolver();
  if (!cusolver) fail_missing(kCusolver);
  return *cusolver;
}

const CusolverGeev& require_cusolver_geev() {
  const Cusolver& cusolver = require_cusolver();
  const CusolverGeev* geev = table_of<CusolverGeev>(kCusolver, kCusolverGeevNames, Functions::OfLaterVersions);
  if (geev) return *geev;
  int version = 0;
  cusolver.cusolverGetVersion(&version);
  fail(ErrorKind::Device, "this op needs cuSOLVER of CUDA 12.8 or later; ", opened[kCusolver].path, " is version ",
       version / 1000, ".", version % 1000 / 100);
}

std::string describe_libraries() {
  find_cublas();
  find_cudnn();
  find_cusolver();
  std::ostringstream text;
  for (int i = 0; i < kNameCount; ++i) {
    const Opened& library = open_once(static_cast<Name>(i));
    text << (i > 0 ? "\n" : "") << kDescriptions[i].name << ": ";
    if (library.handle) {
      text << library.path;
    } else {
      text << "not found (" << soname(static_cast<Name>(i)) << ")" << library.error;
    }
  }
  return text.str();
}

void check_cublas(int status, const char* function) {
  if (__builtin_expect(status == 0, 1)) return;
  const Cublas* cublas = table_of<Cublas>(kCublas, kCublasNames);
  fail(ErrorKind::Device, function, " failed: ", cublas ? cublas->cublasGetStatusString(status) : "", " (", status,
       ")");
}

void check_cudnn(int status, const char* function) {
  if (__builtin_expect(status == 0, 1)) return;
  const Cudnn* cudnn = table_of<Cudnn>(kCudnn, kCudnnNames);
  fail(ErrorKind::Device, function, " failed: ", cudnn ? cudnn->cudnnGetErrorString(status) : "", " (", status, ")");
}

void check_cusolver(int status, const char* function) {
  constexpr const char* reasons[] = {
      "success",       "not initialized",  "allocation failed", "invalid value",      "GPU not supported",
      "mapping error", "execution failed", "internal error",    "type not supported", "not supported"};
  const bool known = status >= 0 && status < static_cast<int>(std::size(reasons));
  require(status == 0, ErrorKind::Device, function, " failed: ", known ? reasons[status] : "", " (", status, ")");
}

CublasCall::CublasCall() : lock_(cublas_handles.mutex[current_device()]), workspace_(cublas_workspace_bytes()) {
  const Cublas& cublas = require_cublas();
  CublasHandle& handle = cublas_handles.handles[current_device()];
  if (!handle) check_cublas(cublas.cublasCreate_v2(&handle), "cublasCreate");
  handle_ = handle;
  check_cublas(cublas.cublasSetStream_v2(handle, current_stream()), "cublasSetStream");
  // Choosing the stream has taken it back.
  check_cublas(cublas.cublasSetWorkspace_v2(handle, workspace_.as<void>(), cublas_workspace_bytes()),
               "cublasSetWorkspace");
}

CudnnCall::CudnnCall() : lock_(cudnn_handles.mutex[current_device()]) {
  const Cudnn* cudnn = find_cudnn();
  if (!cudnn) fail_missing(kCudnn);
  CudnnHandle& handle = cudnn_handles.handles[current_device()];
  if (!handle) check_cudnn(cudnn->cudnnCreate(&handle), "cudnnCreate");
  handle_ = handle;
  check_cudnn(cudnn->cudnnSetStream(handle, current_stream()), "cudnnSetStream");
}

CusolverCall::CusolverCall() : lock_(cusolver_handles.mutex[current_device()]) {
  const Cusolver& cusolver = require_cusolver();
  CusolverHandle& handle = cusolver_handles.handles[current_device()];
  CusolverParams& params = cusolver_params.handles[current_device()];
  if (!handle) check_cusolver(cusolver.cusolverDnCreate(&handle), "cusolverDnCreate");
  if (!params) check_cusolver(cusolver.cusolverDnCreateParams(&params), "cusolverDnCreateParams");
  handle_ = handle;
  params_ = params;
  check_cusolver(cusolver.cusolverDnSetStream(handle, current_stream()), "cusolverDnSetStream");
}

}  // namespace tt::cuda
