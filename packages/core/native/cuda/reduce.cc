// Reductions by a functor of functors/reduce.h.
#include "reduce.h"

#include <bit>

#include "../functors/reduce.h"

namespace tt::cuda {

// --- Schedules -------------------------------------------------------------------------------------------------------

namespace {

// Elements that a thread should have to add up before more threads share its output.
constexpr int64_t kLeastElements = 8;
// Outputs of more elements than this have a block for themselves.
constexpr int64_t kMostOfWarp = 512;
constexpr int64_t kMostPieces = 1024;

unsigned power_of_two(int64_t n, unsigned most) {
  return static_cast<unsigned>(std::min<uint64_t>(std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(n, 1))), most));
}

int64_t ratio(int64_t n, int64_t by) { return (n + by - 1) / by; }

}  // namespace

unsigned Schedule::blocks() const {
  return static_cast<unsigned>(std::min<int64_t>(ratio(outputs, across), 4 * resident_blocks(threads())));
}

Schedule schedule_of(int64_t outputs, int64_t count, int64_t inner_kept) {
  Schedule schedule{outputs, count, 1, 1, inner_kept == 0, 1, count};
  if (schedule.rows && count > kMostOfWarp) {
    schedule.along = threads_for(ratio(count, kLeastElements));
    // More than a warp: that is what a block reduces together.
    schedule.along = std::max(schedule.along, 2 * kWarp);
    return schedule;
  }
  if (schedule.rows) {
    schedule.along = power_of_two(ratio(count, kLeastElements), kWarp);
  } else {
    schedule.across = power_of_two(inner_kept, kWarp);
    schedule.along = power_of_two(ratio(count, kLeastElements), kMostThreads / schedule.across);
  }
  schedule.across = std::max(schedule.across, power_of_two(outputs, kMostThreads / schedule.along));
  schedule.across = std::max(schedule.across, kWarp / std::min(schedule.along, kWarp));
  return schedule;
}

void cut(Schedule& schedule) {
  const int64_t blocks = ratio(schedule.outputs, schedule.across), wanted = resident_blocks(schedule.threads());
  const int64_t least = 2 * kLeastElements * schedule.along;
  const int64_t pieces = std::min({wanted / blocks, schedule.count / least, kMostPieces});
  if (pieces < 2) return;
  // Whole packs.
  schedule.piece_length = ratio(ratio(schedule.count, pieces), 16) * 16;
  schedule.pieces = ratio(schedule.count, schedule.piece_length);
}

bool lies_in_packs(const ReductionDims& dims, const void* data, size_t item_size) {
  if (dims.reduced.ndim != 1 || dims.reduced.strides[0][0] != 1) return false;
  bool aligned = reinterpret_cast<uintptr_t>(data) % 16 == 0;
  for (int d = 0; d < dims.kept.ndim; ++d)
    aligned &= dims.kept.strides[0][d] * static_cast<int64_t>(item_size) % 16 == 0;
  return aligned;
}

// --- The kernels -----------------------------------------------------------------------------------------------------

namespace {

template <class F>
struct FunctorReducer {
  using Element = typename F::Element;
  using Accumulator = typename F::Lane;
  using State = typename F::Total;
  static constexpr int kWays = 4;

  F f;
  const Element* data;
  typename F::Out* out;

  TT_D Accumulator start() const { return f.identity(); }
  TT_D Element load(int64_t offset) const { return data[offset]; }
  TT_D void add(Accumulator& sum, Element x, int64_t) const { sum = f.combine(sum, f.load(x)); }
  TT_D State state(Accumulator sum) const { return State(sum); }
  TT_D State operator()(State a, State b) const { return f.combine(a, b); }
  TT_D void finish(State state, int64_t count, const int64_t* places) const { out[places[1]] = f.finish(state, count); }
};

template <class F>
void reduce(Operand* operands, int count, const F& f) {
  require(count == 2 && operands[0].present && operands[1].present, ErrorKind::Internal,
          "expected an output and an input");
  auto* out = operands[0].as<typename F::Out>();
  const auto* self = operands[1].as<typename F::Element>();
  run_reduction(FunctorReducer<F>{f, self, out}, ReductionDims(operands, 1, operands[1]));
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

}  // namespace tt::cuda
