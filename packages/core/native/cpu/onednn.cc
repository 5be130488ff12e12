#include "onednn.h"

#include "../runtime/serial.h"
#include "../runtime/signals.h"

namespace tt::onednn {
namespace {

// Inputs whose contents stay as they are, weights outside of training, in the order that a primitive wants. What is
// seen for the first time is only noted: in training each weight is seen once.
class KeptInputs {
 public:
  // Argument, contents' serial number, place.
  using Key = std::tuple<int64_t, int64_t, void*>;

  // Nothing at the first time.
  template <class Fill>
  std::shared_ptr<const Scratch<char>> get(const Key& key, int64_t version, int64_t bytes, Fill&& fill) {
    {
      const std::lock_guard lock(mutex_);
      const auto found = entries_.find(key);
      if (found == entries_.end() || found->second.version != version) {
        if (entries_.size() >= kMostEntries) entries_.clear();
        entries_[key] = {version, 0, nullptr};
        return nullptr;
      }
      if (found->second.memory) return found->second.memory;
    }
    auto memory = std::make_shared<Scratch<char>>(bytes);
    fill(memory->data());
    const std::lock_guard lock(mutex_);
    if (kept_bytes() + bytes > kMostBytes) entries_.clear();
    entries_[key] = {version, bytes, memory};
    return memory;
  }

 private:
  struct Entry {
    int64_t version, bytes;
    std::shared_ptr<const Scratch<char>> memory;
  };

  int64_t kept_bytes() const {
    int64_t sum = 0;
    for (const auto& [key, entry] : entries_) sum += entry.bytes;
    return sum;
  }

  static constexpr size_t kMostEntries = 1024;
  static constexpr int64_t kMostBytes = int64_t{64} << 20;
  std::mutex mutex_;
  std::map<Key, Entry> entries_;
};
// Never destroyed: other threads may run while the process exits.
auto& kept_inputs = *new KeptInputs();

}  // namespace

const dnnl::engine& engine() {
  static const auto& engine = *new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::stream& stream() {
  thread_local dnnl::stream stream(engine());
  return stream;
}

dnnl::memory::desc row_major(const dnnl::memory::dims& sizes) {
  dnnl::memory::dims strides(sizes.size());
  int64_t stride = 1;
  for (size_t d = sizes.size(); d-- > 0;) {
    strides[d] = stride;
    stride *= std::max<int64_t>(sizes[d], 1);
  }
  return {sizes, dnnl::memory::data_type::f32, strides};
}

Argument::Argument(int name, const dnnl::memory::desc& given, const dnnl::memory::desc& wanted, bool is_output)
    : serial_(next_serial()), name_(name), given_(given), wanted_(wanted), is_output_(is_output) {
  if (given_ == wanted_) return;
  const auto& [from, to] = is_output_ ? std::pair(wanted_, given_) : std::pair(given_, wanted_);
  reorder_ = dnnl::reorder(dnnl::reorder::primitive_desc(engine(), from, engine(), to));
}

void Argument::prepare(const Given& given, std::unordered_map<int, dnnl::memory>& arguments, Room& room) const {
  const auto use = [&](char* at) { arguments.emplace(name_, dnnl::memory(wanted_, engine(), at)); };
  if (!reorder_) return use(static_cast<char*>(given.data));
  const auto bytes = static_cast<int64_t>(wanted_.get_size());
  if (!is_output_ && given.contents.serial != 0) {
    const KeptInputs::Key key{serial_, given.contents.serial, given.data};
    room.kept = kept_inputs.get(key, given.contents.version, bytes, [&](char* to) { reorder_to(to, given.data); });
    if (room.kept) return use(room.kept->data());
  }
  room.own.allocate(bytes);
  if (!is_output_) reorder_to(room.own.data(), given.data);
  use(room.own.data());
}

void Argument::reorder_to(char* to, void* data) const {
  dnnl::memory given(given_, engine(), data), wanted(wanted_, engine(), to);
  reorder_->execute(stream(), given, wanted);
}

void Argument::finish(void* data, const std::unordered_map<int, dnnl::memory>& arguments) const {
  if (!reorder_ || !is_output_) return;
  dnnl::memory wanted = arguments.at(name_), given(given_, engine(), data);
  reorder_->execute(stream(), wanted, given);
}

void Plan::run(const std::vector<Given>& given) const {
  const SignalsBlocked blocked;
  std::unordered_map<int, dnnl::memory> values;
  std::vector<Room> rooms(arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i) arguments[i].prepare(given[i], values, rooms[i]);
  const Scratch<char> scratch(static_cast<int64_t>(scratchpad.get_size()));
  values.emplace(DNNL_ARG_SCRATCHPAD, dnnl::memory(scratchpad, engine(), scratch.data()));
  primitive.execute(stream(), values);
  for (size_t i = 0; i < arguments.size(); ++i) arguments[i].finish(given[i].data, values);
  stream().wait();
}

}  // namespace tt::onednn
