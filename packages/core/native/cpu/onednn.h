// What oneDNN needs around it: the engine, a stream for each thread, and a cache of prepared primitives.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <vector>

#include "../checks/convolution.h"
#include "contiguous.h"

namespace tt::onednn {

const dnnl::engine& engine();
dnnl::stream& stream();

// Row-major float32.
dnnl::memory::desc row_major(const dnnl::memory::dims& sizes);

// Prepared primitives by all that they depend on. Preparing one takes up to a millisecond (oneDNN writes machine code),
// finding it 0.2 us. Never destroyed: other threads may run while the process exits.
template <class Plan>
class PlanCache {
 public:
  using Key = std::vector<int64_t>;
  // `make` may return nothing: then oneDNN cannot do it, which is remembered too. The plan lives on while it is used.
  template <class Make>
  std::shared_ptr<const Plan> get(const Key& key, Make&& make) {
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = plans_.find(key); found != plans_.end()) return found->second;
    }
    std::shared_ptr<const Plan> plan = make();
    const std::lock_guard lock(mutex_);
    if (plans_.size() >= kMost) plans_.clear();
    return plans_[key] = plan;
  }

 private:
  static constexpr size_t kMost = 1024;
  std::mutex mutex_;
  std::map<Key, std::shared_ptr<const Plan>> plans_;
};

// What a caller has: where it is and, if that may serve again, what it is called.
struct Given {
  void* data;
  Contents contents{};
};

// Memory for what the caller has otherwise: for the time of a call, or kept.
struct Room {
  Scratch<char> own;
  std::shared_ptr<const Scratch<char>> kept;
};

// One argument of a primitive: how the caller has it, and how the primitive wants it.
class Argument {
 public:
  Argument(int name, const dnnl::memory::desc& given, const dnnl::memory::desc& wanted, bool is_output);

  // Brings what the caller has to where the primitive wants it (or makes room for its output).
  void prepare(const Given& given, std::unordered_map<int, dnnl::memory>& arguments, Room& room) const;
  // Brings the output back.
  void finish(void* data, const std::unordered_map<int, dnnl::memory>& arguments) const;

 private:
  void reorder_to(char* to, void* data) const;

  const int64_t serial_;
  int name_;
  dnnl::memory::desc given_, wanted_;
  bool is_output_;
  std::optional<dnnl::reorder> reorder_;  // absent where both are the same
};

// A primitive with its arguments, ready to run on any thread.
struct Plan {
  dnnl::primitive primitive;
  std::vector<Argument> arguments;
  dnnl::memory::desc scratchpad;

  // One for each argument.
  void run(const std::vector<Given>& given) const;
};

}  // namespace tt::onednn
