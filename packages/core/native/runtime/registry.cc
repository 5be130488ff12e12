#include "registry.h"

#include <deque>
#include <unordered_map>

namespace tt {
namespace {
// Never destroyed: worker threads may still run kernels while the process exits.
auto& ops = *new std::deque<Op>();
auto& ids = *new std::unordered_map<std::string, int>();
}  // namespace

void register_kernel(const char* name, int outputs, DeviceType device, DType dtype, Kernel kernel) {
  auto [entry, inserted] = ids.try_emplace(name, static_cast<int>(ops.size()));
  if (inserted) ops.push_back(Op{name, outputs, {}});
  ops[entry->second].kernels[static_cast<int>(device)][static_cast<int>(dtype)] = kernel;
}

int op_id(const std::string& name) {
  const auto entry = ids.find(name);
  return entry == ids.end() ? -1 : entry->second;
}

const Op& op(int id) {
  require(id >= 0 && id < static_cast<int>(ops.size()), ErrorKind::Internal, "no kernel has the number ", id);
  return ops[id];
}

int op_count() { return static_cast<int>(ops.size()); }

}  // namespace tt
