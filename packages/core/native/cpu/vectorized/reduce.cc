// Reductions by a functor of functors/reduce.h, which have one state: a running value.
#include "reduce.h"

#include "../../functors/reduce.h"

#pragma GCC diagnostic ignored "-Wpsabi"  // vectors are passed between inlined functions only

namespace tt::TT_INSTRUCTION_SET {
namespace {

// Elements whose lanes are added in the element's own precision, before the block's result goes to the wider total.
constexpr int64_t kBlock = 2048;
constexpr int64_t kRowsOfBlock = 128;
constexpr int64_t kShortRow = 512;
constexpr int kVectorBytes = 64;

template <class R>
struct RunningOf {
  using type = R;
};
template <class R>
requires requires { typename R::Running; }
struct RunningOf<R> {
  using type = typename R::Running;
};

template <class R>
class Loops {
  using T = typename R::Element;
  using Lane = typename R::Lane;
  using Total = typename R::Total;
  static_assert(sizeof(Total) <= kMaxStateSize);
  static const R& functor(const void* f) { return *static_cast<const R*>(f); }
  static constexpr int kLanes = kVectorBytes / sizeof(Lane);

 public:
  static void start(const void* f, char* states, int64_t columns) {
    Total* totals = reinterpret_cast<Total*>(states);
    for (int64_t j = 0; j < columns; ++j) totals[j] = Total(functor(f).identity());
  }

  static void merge(const void* f, char* states, const char* later, int64_t columns) {
    Total* totals = reinterpret_cast<Total*>(states);
    const Total* others = reinterpret_cast<const Total*>(later);
    for (int64_t j = 0; j < columns; ++j) totals[j] = functor(f).combine(totals[j], others[j]);
  }

  static void run(const void* f, const Run& run, char* states) {
    const R& r = functor(f);
    Total* totals = reinterpret_cast<Total*>(states);
    const T* data = reinterpret_cast<const T*>(run.data);
    if (run.columns == 1) {
      for (int64_t i = 0; i < run.length; i += kBlock) {
        const int64_t n = std::min(kBlock, run.length - i);
        const Lane value =
            run.stride == 1 ? block(r, data + i, n) : strided_block(r, data + i * run.stride, run.stride, n);
        totals[0] = r.combine(totals[0], Total(value));
      }
      return;
    }
    if (run.stride == 1 && run.length >= kLanes && run.length < kShortRow) {
      for (int64_t j = 0; j < run.columns; ++j)
        totals[j] = r.combine(totals[j], Total(block(r, data + j * run.column_stride, run.length)));
      return;
    }
    for (int64_t i = 0; i < run.length; i += kRowsOfBlock) {
      const int64_t n = std::min(kRowsOfBlock, run.length - i);
      rows(r, data + i * run.stride, n, run, totals);
    }
  }

 private:
  static Lane strided_block(const R& r, const T* p, int64_t stride, int64_t n) {
    Lane lanes[4] = {r.identity(), r.identity(), r.identity(), r.identity()};
    int64_t i = 0;
    for (; i + 4 <= n; i += 4)
      for (int k = 0; k < 4; ++k) lanes[k] = r.combine(lanes[k], r.load(p[(i + k) * stride]));
    for (; i < n; ++i) lanes[0] = r.combine(lanes[0], r.load(p[i * stride]));
    return r.combine(r.combine(lanes[0], lanes[1]), r.combine(lanes[2], lanes[3]));
  }

  static Lane block(const R& r, const T* p, int64_t n) {
    if constexpr (is_complex<Lane>) {
      return strided_block(r, p, 1, n);
    } else {
      return vector_block(r, p, n);
    }
  }

  typedef std::conditional_t<is_complex<Lane>, double, Lane> Vector __attribute__((vector_size(kVectorBytes)));
  // One lane of all: half of them are combined with the other half, again and again.
  template <int half = kLanes / 2>
  static inline __attribute__((always_inline)) Lane fold(const R& r, Vector lanes) {
    if constexpr (half == 0) {
      return lanes[0];
    } else {
      const Vector others = [&]<size_t... l>(std::index_sequence<l...>) {
        return __builtin_shufflevector(lanes, lanes, ((l + half) % kLanes)...);
      }
      (std::make_index_sequence<kLanes>{});
      return fold<half / 2>(r, r.combine(lanes, others));
    }
  }

  static inline __attribute__((always_inline)) Vector load(const R& r, const T* p) {
    if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool> && requires { r.map(Vector{}); }) {
      typedef T Elements __attribute__((vector_size(kLanes * sizeof(T))));
      Elements elements;
      std::memcpy(&elements, p, sizeof(elements));
      return r.map(__builtin_convertvector(elements, Vector));
    } else {
      alignas(kVectorBytes) Lane lanes[kLanes];
#pragma omp simd
      for (int l = 0; l < kLanes; ++l) lanes[l] = r.load(p[l]);
      return *reinterpret_cast<const Vector*>(lanes);
    }
  }
  static inline __attribute__((always_inline)) Vector load_some(const R& r, const T* p, int64_t n) {
    alignas(kVectorBytes) Lane lanes[kLanes];
#pragma omp simd
    for (int l = 0; l < kLanes; ++l) lanes[l] = l < n ? r.load(p[l]) : r.identity();
    return *reinterpret_cast<const Vector*>(lanes);
  }

  // Four vectors of lanes, so that one addition need not wait for the one before.
  static Lane vector_block(const R& r, const T* p, int64_t n) {
    const Vector identity = Vector{} + r.identity();
    Vector a = identity, b = identity, c = identity, d = identity;
    int64_t i = 0;
    for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
      a = r.combine(a, load(r, p + i));
      b = r.combine(b, load(r, p + i + kLanes));
      c = r.combine(c, load(r, p + i + 2 * kLanes));
      d = r.combine(d, load(r, p + i + 3 * kLanes));
    }
    for (; i + kLanes <= n; i += kLanes) a = r.combine(a, load(r, p + i));
    if (i < n) b = r.combine(b, load_some(r, p + i, n - i));
    a = r.combine(r.combine(a, b), r.combine(c, d));
    return fold(r, a);
  }

  static void rows(const R& r, const T* p, int64_t n, const Run& run, Total* totals) {
    alignas(kVectorBytes) Lane lanes[kColumns];
    for (int64_t j = 0; j < run.columns; ++j) lanes[j] = r.identity();
    int64_t vectorized = 0;
    if constexpr (!is_complex<Lane>) {
      if (run.column_stride == 1) vectorized = vector_rows(r, p, n, run, lanes);
    }
    for (int64_t i = 0; i < n && vectorized < run.columns; ++i)
#pragma omp simd
      for (int64_t j = vectorized; j < run.columns; ++j)
        lanes[j] = r.combine(lanes[j], r.load(p[i * run.stride + j * run.column_stride]));
    for (int64_t j = 0; j < run.columns; ++j) totals[j] = r.combine(totals[j], Total(lanes[j]));
  }

  // The columns that fill whole vectors; returns their number. Four rows at a time spare loads and stores of lanes.
  static int64_t vector_rows(const R& r, const T* p, int64_t n, const Run& run, Lane* lanes) {
    const int64_t stride = run.stride, columns = run.columns / kLanes * kLanes;
    Vector* sums = reinterpret_cast<Vector*>(lanes);
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
      const T* row = p + i * stride;
      for (int64_t j = 0; j < columns; j += kLanes, row += kLanes) {
        const Vector first = r.combine(load(r, row), load(r, row + stride));
        const Vector second = r.combine(load(r, row + 2 * stride), load(r, row + 3 * stride));
        sums[j / kLanes] = r.combine(sums[j / kLanes], r.combine(first, second));
      }
    }
    for (; i < n; ++i)
      for (int64_t j = 0; j < columns; j += kLanes)
        sums[j / kLanes] = r.combine(sums[j / kLanes], load(r, p + i * stride + j));
    return columns;
  }
};

template <class R>
void finish(const void* f, const char* states, int64_t columns, char* const* outs, const int64_t* out_strides,
            int64_t count) {
  const auto* totals = reinterpret_cast<const typename R::Total*>(states);
  auto* out = reinterpret_cast<typename R::Out*>(outs[0]);
  const R& r = *static_cast<const R*>(f);
  for (int64_t j = 0; j < columns; ++j) out[j * out_strides[0]] = r.finish(totals[j], count);
}

template <class R>
void reduce(Operand* operands, int count, const R& functor) {
  require(count == 2, ErrorKind::Internal, "expected an output and an input");
  operands[0].as<typename R::Out>();
  operands[1].as<typename R::Element>();
  using Running = Loops<typename RunningOf<R>::type>;
  const Reduction reduction{&functor,
                            sizeof(typename R::Element),
                            sizeof(typename R::Total),
                            {sizeof(typename R::Out), 0},
                            Running::start,
                            Running::run,
                            Running::merge,
                            finish<R>,
                            kShortRow};
  run_reduction(operands, 1, operands[1], reduction);
}

// sum(out, self): out has self's dimensions, size 1 where they are reduced
template <class R>
void plain(Operand* operands, int count, Params&) {
  require(count == 2, ErrorKind::Internal, "expected an output and an input");
  if constexpr (R::kNeedsElements) require_elements(operands[0], operands[1]);
  reduce(operands, count, R{});
}

// norm(out, self; p)
template <class T>
void norm(Operand* operands, int count, Params& params) {
  functors::with_norm<T>(params.number(), [&](const auto& functor) { reduce(operands, count, functor); });
}

}  // namespace

void register_reduce() {
#define TT_REGISTER(name, functor, types) \
  register_for<types>(#name, 1, []<class T>() -> Kernel { return plain<functors::functor<T>>; });
  TT_REDUCTIONS(TT_REGISTER)
#undef TT_REGISTER
  register_for<Floating>("norm", 1, []<class T>() -> Kernel { return norm<T>; });
}

}  // namespace tt::TT_INSTRUCTION_SET
