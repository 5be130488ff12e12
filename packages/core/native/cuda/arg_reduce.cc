// Reductions along one dimension that also tell where. The first of equals wins, and NaN before everything.
#include "../functors/reduce.h"
#include "reduce.h"

namespace tt::cuda {
namespace {

template <class T>
struct ArgReducer {
  using Value = functors::order_lane_t<T>;
  struct State {
    Value value;
    int64_t index;  // -1 before the first element
  };
  using Element = T;
  using Accumulator = State;
  static constexpr int kWays = 2;

  const T* data;
  T* values;  // or nothing
  int64_t* indices;
  bool greatest;

  TT_D State start() const { return {Value(0), -1}; }
  TT_D T load(int64_t offset) const { return data[offset]; }
  TT_D bool beats(Value a, Value b) const { return (greatest ? a > b : a < b) || (a != a && b == b); }
  // The indices of a thread's elements grow.
  TT_D void add(State& best, T x, int64_t index) const {
    const Value value = static_cast<Value>(x);
    if (best.index < 0 || beats(value, best.value)) best = {value, index};
  }
  TT_D State state(State best) const { return best; }
  TT_D State operator()(State a, State b) const {
    if (a.index < 0 || b.index < 0) return a.index < 0 ? b : a;
    return beats(b.value, a.value) || (!beats(a.value, b.value) && b.index < a.index) ? b : a;
  }
  TT_D void finish(State best, int64_t, const int64_t* places) const {
    if (values) values[places[1]] = static_cast<T>(best.value);
    indices[places[2]] = best.index;
  }
};

template <class T>
void arg_reduce(const Operand* outs, const Operand& self, bool greatest) {
  T* values = outs[0].present ? outs[0].as<T>() : nullptr;
  int64_t* indices = outs[1].as<int64_t>();
  const T* data = self.as<T>();
  require_one_dimension(outs[1], self);
  require_elements(outs[1], self);
  run_reduction(ArgReducer<T>{data, values, indices, greatest}, ReductionDims(outs, 2, self));
}

// max(values, indices, self)
template <class T, bool greatest>
void extreme(Operand* operands, int count, Params&) {
  require(count == 3 && operands[1].present, ErrorKind::Internal, "expected two outputs and an input");
  arg_reduce<T>(operands, operands[2], greatest);
}

// argmax(indices, self)
template <class T, bool greatest>
void arg_extreme(Operand* operands, int count, Params&) {
  require(count == 2, ErrorKind::Internal, "expected an output and an input");
  Operand outs[2] = {operands[0], operands[0]};
  outs[0].present = false;
  arg_reduce<T>(outs, operands[1], greatest);
}

}  // namespace

void register_arg_reduce() {
  register_for<RealAndBool>("max", 2, []<class T>() -> Kernel { return extreme<T, true>; });
  register_for<RealAndBool>("min", 2, []<class T>() -> Kernel { return extreme<T, false>; });
  register_for<RealAndBool>("argmax", 1, []<class T>() -> Kernel { return arg_extreme<T, true>; });
  register_for<RealAndBool>("argmin", 1, []<class T>() -> Kernel { return arg_extreme<T, false>; });
}

}  // namespace tt::cuda
