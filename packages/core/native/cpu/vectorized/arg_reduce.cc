// Reductions along one dimension that also tell where: argmax, argmin, max and min with indices. The first of equals
// wins, and NaN before everything, as in PyTorch.
#include "../../functors/reduce.h"
#include "reduce.h"

namespace tt::TT_INSTRUCTION_SET {
namespace {

constexpr int64_t kBlock = 4096;

struct Greater {
  template <class V>
  static bool better(V a, V b) {
    return a > b || (a != a && b == b);
  }
};
struct Less {
  template <class V>
  static bool better(V a, V b) {
    return a < b || (a != a && b == b);
  }
};

template <class T, class Order>
class ArgLoops {
  using Value = functors::order_lane_t<T>;
  struct Best {
    Value value;
    int64_t index;  // -1 before the first element
  };

 public:
  static constexpr size_t kStateSize = sizeof(Best);

  static void start(const void*, char* states, int64_t columns) {
    Best* best = reinterpret_cast<Best*>(states);
    for (int64_t j = 0; j < columns; ++j) best[j] = {Value(0), -1};
  }

  static void merge(const void*, char* states, const char* later, int64_t columns) {
    Best* best = reinterpret_cast<Best*>(states);
    const Best* others = reinterpret_cast<const Best*>(later);
    for (int64_t j = 0; j < columns; ++j) take(best[j], others[j].value, others[j].index);
  }

  static void finish(const void*, const char* states, int64_t columns, char* const* outs, const int64_t* out_strides,
                     int64_t) {
    const Best* best = reinterpret_cast<const Best*>(states);
    T* values = reinterpret_cast<T*>(outs[0]);
    int64_t* indices = reinterpret_cast<int64_t*>(outs[1]);
    for (int64_t j = 0; j < columns; ++j) {
      if (values) values[j * out_strides[0]] = static_cast<T>(best[j].value);
      if (indices) indices[j * out_strides[1]] = best[j].index;
    }
  }

  static void run(const void*, const Run& run, char* states) {
    Best* best = reinterpret_cast<Best*>(states);
    const T* data = reinterpret_cast<const T*>(run.data);
    if (run.columns > 1) return columns(data, run, best);
    for (int64_t i = 0; i < run.length; i += kBlock)
      row(data + i * run.stride, run.stride, std::min(kBlock, run.length - i), run.first + i, *best);
  }

 private:
  static void take(Best& best, Value value, int64_t index) {
    if (index < 0 || (best.index >= 0 && !Order::better(value, best.value))) return;
    best = {value, index};
  }

  // The extreme of a block is found without its place, which vectorizes; the place is looked for only in a block that
  // beats those before.
  static void row(const T* p, int64_t stride, int64_t n, int64_t first, Best& best) {
    const Value extreme = stride == 1 ? block_extreme(p, n) : strided_extreme(p, stride, n);
    if (best.index >= 0 && !Order::better(extreme, best.value)) return;
    int64_t i = stride == 1 ? chunk_with(p, n, extreme) : 0;
    while (!equal(static_cast<Value>(p[i * stride]), extreme)) ++i;
    best = {extreme, first + i};
  }

  static bool equal(Value value, Value extreme) {
    return (value == extreme) | ((value != value) & (extreme != extreme));
  }

  // Where the first chunk begins that has an element equal to the extreme. A whole chunk is compared at a time.
  static int64_t chunk_with(const T* p, int64_t n, Value extreme) {
    constexpr int64_t kChunk = 64;
    int64_t i = 0;
    for (; i + kChunk <= n; i += kChunk) {
      int found = 0;
#pragma omp simd reduction(| : found)
      for (int64_t j = 0; j < kChunk; ++j) found |= equal(static_cast<Value>(p[i + j]), extreme);
      if (found) break;
    }
    return i;
  }

  static Value strided_extreme(const T* p, int64_t stride, int64_t n) {
    Value extreme = static_cast<Value>(p[0]);
    for (int64_t i = 1; i < n; ++i) {
      const Value value = static_cast<Value>(p[i * stride]);
      if (Order::better(value, extreme)) extreme = value;
    }
    return extreme;
  }

  // Lanes in memory: each keeps the extreme of every kLanes-th element.
  static Value block_extreme(const T* p, int64_t n) {
    constexpr int kLanes = 128 / sizeof(Value);
    if (n < 2 * kLanes) return strided_extreme(p, 1, n);
    Value lanes[kLanes];
    for (int l = 0; l < kLanes; ++l) lanes[l] = static_cast<Value>(p[l]);
    for (int64_t i = kLanes; i < n; i += kLanes) {
      const T* next = p + std::min(i, n - kLanes);  // the last step looks at some elements again
#pragma omp simd
      for (int l = 0; l < kLanes; ++l) {
        const Value value = static_cast<Value>(next[l]), old = lanes[l];
        const bool wins =
            std::is_same_v<Order, Greater> ? (value > old) | (value != value) : (value < old) | (value != value);
        lanes[l] = wins ? value : old;
      }
    }
    Value extreme = lanes[0];
    for (int l = 1; l < kLanes; ++l)
      if (Order::better(lanes[l], extreme)) extreme = lanes[l];
    return extreme;
  }

  static void columns(const T* data, const Run& run, Best* best) {
    Value values[kColumns];
    int32_t rows[kColumns];
    // Rows are counted in 32 bits, which vectorize well beside the values.
    constexpr int64_t kRows = 1 << 30;
    for (int64_t i = 0; i < run.length; i += kRows) {
      const T* first = data + i * run.stride;
      const int32_t n = static_cast<int32_t>(std::min(kRows, run.length - i));
      for (int64_t j = 0; j < run.columns; ++j)
        values[j] = static_cast<Value>(first[j * run.column_stride]), rows[j] = 0;
      for (int32_t k = 1; k < n; ++k) {
        const T* p = first + k * run.stride;
        if (run.column_stride == 1)
          compare<true>(p, 1, run.columns, k, values, rows);
        else
          compare<false>(p, run.column_stride, run.columns, k, values, rows);
      }
      for (int64_t j = 0; j < run.columns; ++j) take(best[j], values[j], run.first + i + rows[j]);
    }
  }

  template <bool contiguous>
  static void compare(const T* p, int64_t stride, int64_t columns, int32_t k, Value* values, int32_t* rows) {
#pragma omp simd
    for (int64_t j = 0; j < columns; ++j) {
      const Value value = static_cast<Value>(p[contiguous ? j : j * stride]), old = values[j];
      const bool beats = std::is_same_v<Order, Greater> ? value > old : value < old;
      const bool wins = beats | ((value != value) & (old == old));
      values[j] = wins ? value : old;
      rows[j] = wins ? k : rows[j];
    }
  }
};

template <class T, class Order>
void arg_reduce(Operand* outs, const Operand& self) {
  const Operand& out = outs[1];
  if (outs[0].present) outs[0].as<T>();
  out.as<int64_t>();
  self.as<T>();
  require_one_dimension(out, self);
  require_elements(out, self);
  using Loops = ArgLoops<T, Order>;
  const Reduction reduction{nullptr,      sizeof(T),  Loops::kStateSize, {sizeof(T), sizeof(int64_t)},
                            Loops::start, Loops::run, Loops::merge,      Loops::finish};
  run_reduction(outs, 2, self, reduction);
}

// max(values, indices, self): the outputs have self's dimensions, size 1 in the one that is reduced
template <class T, class Order>
void extreme(Operand* operands, int count, Params&) {
  require(count == 3 && operands[1].present, ErrorKind::Internal, "expected two outputs and an input");
  arg_reduce<T, Order>(operands, operands[2]);
}

// argmax(indices, self)
template <class T, class Order>
void arg_extreme(Operand* operands, int count, Params&) {
  require(count == 2, ErrorKind::Internal, "expected an output and an input");
  Operand outs[2] = {operands[0], operands[0]};
  outs[0].present = false;
  arg_reduce<T, Order>(outs, operands[1]);
}

}  // namespace

void register_arg_reduce() {
  register_for<RealAndBool>("max", 2, []<class T>() -> Kernel { return extreme<T, Greater>; });
  register_for<RealAndBool>("min", 2, []<class T>() -> Kernel { return extreme<T, Less>; });
  register_for<RealAndBool>("argmax", 1, []<class T>() -> Kernel { return arg_extreme<T, Greater>; });
  register_for<RealAndBool>("argmin", 1, []<class T>() -> Kernel { return arg_extreme<T, Less>; });
}

}  // namespace tt::TT_INSTRUCTION_SET
