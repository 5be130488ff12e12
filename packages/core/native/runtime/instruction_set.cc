#include "instruction_set.h"

#include <cstdlib>
#include <cstring>

#include "../families.h"
#include "error.h"

namespace tt {

#define TT_DECLARE(family) void register_##family();
#define TT_CALL(family) register_##family();
#define TT_DECLARE_SET(set)           \
  namespace set {                     \
  TT_ELEMENTWISE_FAMILIES(TT_DECLARE) \
  TT_VECTORIZED_FAMILIES(TT_DECLARE)  \
  void register_all() {               \
    TT_ELEMENTWISE_FAMILIES(TT_CALL)  \
    TT_VECTORIZED_FAMILIES(TT_CALL)   \
  }                                   \
  }

// CMake defines TT_HAS_... for the sets that were compiled.
#if defined(TT_HAS_x86_64_v2)
TT_DECLARE_SET(x86_64_v2)
#endif
#if defined(TT_HAS_x86_64_v3)
TT_DECLARE_SET(x86_64_v3)
#endif
#if defined(TT_HAS_x86_64_v4)
TT_DECLARE_SET(x86_64_v4)
#endif
#if defined(TT_HAS_baseline)
TT_DECLARE_SET(baseline)
#endif
TT_LIBRARY_FAMILIES(TT_DECLARE)

namespace {

struct InstructionSet {
  const char* name;
  void (*register_all)();
  bool available;
};

// TS_TORCH_INSTRUCTION_SET=x86-64-v2 asks for a lesser one, for tests.
const InstructionSet& chosen() {
  static const InstructionSet set = [] {
    // The best first.
    const InstructionSet sets[] = {
#if defined(TT_HAS_x86_64_v4)
      {"x86-64-v4", x86_64_v4::register_all,
       __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq")},
#endif
#if defined(TT_HAS_x86_64_v3)
      {"x86-64-v3", x86_64_v3::register_all,
       __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")},
#endif
#if defined(TT_HAS_x86_64_v2)
      {"x86-64-v2", x86_64_v2::register_all, true},
#endif
#if defined(TT_HAS_baseline)
      {"baseline", baseline::register_all, true},
#endif
    };
    const char* wanted = std::getenv("TS_TORCH_INSTRUCTION_SET");
    const InstructionSet* best = nullptr;
    for (const auto& candidate : sets) {
      if (!candidate.available) continue;
      if (!best) best = &candidate;
      if (wanted && std::strcmp(wanted, candidate.name) == 0) best = &candidate;
    }
    require(best != nullptr, ErrorKind::Internal, "this build has no kernels for this processor");
    return *best;
  }();
  return set;
}

}  // namespace

void register_kernels() {
  chosen().register_all();
  TT_LIBRARY_FAMILIES(TT_CALL)
}

const char* instruction_set_name() { return chosen().name; }

}  // namespace tt
