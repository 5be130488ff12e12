#include "onednn.h"

#include "../runtime/signals.h"

namespace tt::onednn {

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
    : name_(name), given_(given), wanted_(wanted), is_output_(is_output) {
  if (given_ == wanted_) return;
  const auto& [from, to] = is_output_ ? std::pair(wanted_, given_) : std::pair(given_, wanted_);
  reorder_ = dnnl::reorder(dnnl::reorder::primitive_desc(engine(), from, engine(), to));
}

void Argument::prepare(void* data, std::unordered_map<int, dnnl::memory>& arguments, Scratch<char>& scratch) const {
  if (!reorder_) {
    arguments.emplace(name_, dnnl::memory(wanted_, engine(), data));
    return;
  }
  scratch.allocate(static_cast<int64_t>(wanted_.get_size()));
  dnnl::memory wanted(wanted_, engine(), scratch.data());
  if (!is_output_) {
    dnnl::memory given(given_, engine(), data);
    reorder_->execute(stream(), given, wanted);
  }
  arguments.emplace(name_, std::move(wanted));
}

void Argument::finish(void* data, const std::unordered_map<int, dnnl::memory>& arguments) const {
  if (!reorder_ || !is_output_) return;
  dnnl::memory wanted = arguments.at(name_), given(given_, engine(), data);
  reorder_->execute(stream(), wanted, given);
}

void Plan::run(const std::vector<void*>& data) const {
  const SignalsBlocked blocked;
  std::unordered_map<int, dnnl::memory> values;
  std::vector<Scratch<char>> scratch(arguments.size() + 1);
  for (size_t i = 0; i < arguments.size(); ++i) arguments[i].prepare(data[i], values, scratch[i]);
  scratch.back().allocate(static_cast<int64_t>(scratchpad.get_size()));
  values.emplace(DNNL_ARG_SCRATCHPAD, dnnl::memory(scratchpad, engine(), scratch.back().data()));
  primitive.execute(stream(), values);
  for (size_t i = 0; i < arguments.size(); ++i) arguments[i].finish(data[i], values);
  stream().wait();
}

}  // namespace tt::onednn
