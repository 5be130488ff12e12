// Running results along one dimension. A thread has a line for itself where lines are short, or many and side by side;
// else a block has one, or, where lines are few and long, a chunk of one: then a first launch finds the chunks' totals.
#include "../functors/scan.h"

#include "lines.h"

namespace tt::cuda {
namespace {

constexpr int kItems = 4;  // elements of a thread at a time
constexpr int64_t kShortLine = 32, kManyLines = 512, kMostChunks = 1024;

// What a kernel does of the work.
enum class Stage : int { Everything, Totals, Rest };

struct ScanPlan {
  int64_t lines, length, chunks, chunk_length;
  bool by_thread;
  Stage stage;
  Steps steps;
};

template <class S>
TT_D void scan_line(const S& op, const ScanPlan& plan, const int64_t* places) {
  typename S::State running = op.start();
  for (int64_t i = 0; i < plan.length; ++i) {
    running = op(running, op.load(places[0] + i * plan.steps.self, i));
    op.store(running, places[1] + i * plan.steps.first, places[2] + i * plan.steps.last);
  }
}

// What comes before a chunk.
template <class S>
TT_D typename S::State before_chunk(const S& op, const typename S::State* totals, int64_t chunk) {
  typename S::State before = op.start();
  for (int64_t first = 0; first < chunk; first += blockDim.x) {
    const int64_t i = first + threadIdx.x;
    typename S::State total;
    block_scan(i < chunk ? totals[i] : op.start(), op, total);
    before = op(before, total);
  }
  return before;
}

template <class S>
TT_D typename S::State scan_chunk(const S& op, const ScanPlan& plan, const int64_t* places, int64_t chunk,
                                  typename S::State running) {
  const int64_t begin = chunk * plan.chunk_length;
  const int64_t end = begin + plan.chunk_length < plan.length ? begin + plan.chunk_length : plan.length;
  for (int64_t tile = begin; tile < end; tile += static_cast<int64_t>(blockDim.x) * kItems) {
    const int64_t first = tile + static_cast<int64_t>(threadIdx.x) * kItems;
    typename S::State items[kItems];
    for (int k = 0; k < kItems; ++k) {
      const int64_t i = first + k;
      items[k] = i < end ? op.load(places[0] + i * plan.steps.self, i) : op.start();
      if (k > 0) items[k] = op(items[k - 1], items[k]);
    }
    typename S::State total;
    const typename S::State before = op(running, block_scan_before(items[kItems - 1], op, op.start(), total));
    for (int k = 0; k < kItems && plan.stage != Stage::Totals; ++k) {
      const int64_t i = first + k;
      if (i < end) op.store(op(before, items[k]), places[1] + i * plan.steps.first, places[2] + i * plan.steps.last);
    }
    running = op(running, total);
  }
  return running;
}

template <class S>
__global__ void scan(S op, ScanPlan plan, WideOffsets<3> lines, typename S::State* totals) {
  int64_t places[3];
  if (plan.by_thread) {
    for (int64_t line = first_element(); line < plan.lines; line += grid_stride()) {
      lines.find(line, places);
      scan_line(op, plan, places);
    }
    return;
  }
  const int64_t chunk = blockIdx.y;
  for (int64_t line = blockIdx.x; line < plan.lines; line += gridDim.x) {
    lines.find(line, places);
    typename S::State running = op.start();
    if (plan.stage == Stage::Rest) running = before_chunk(op, totals + line * plan.chunks, chunk);
    running = scan_chunk(op, plan, places, chunk, running);
    if (plan.stage == Stage::Totals && threadIdx.x == 0) totals[line * plan.chunks + chunk] = running;
  }
}

template <class S>
void launch_scan(const S& op, const ScanPlan& plan, const WideOffsets<3>& lines, unsigned threads,
                 typename S::State* totals) {
  constexpr auto kernel = scan<S>;
  const unsigned blocks = plan.by_thread
                              ? blocks_for(plan.lines, threads)
                              : static_cast<unsigned>(std::min<int64_t>(plan.lines, 4 * resident_blocks(threads)));
  check(TT_LAUNCH(kernel, dim3(blocks, static_cast<unsigned>(plan.chunks)), dim3(threads), 0, current_stream(), op,
                  plan, lines, totals),
        "launching a scan");
}

template <class S>
void run_scan(const S& op, const Lines& lines) {
  const int64_t count = lines.dims.outputs, length = lines.length;
  if (count == 0 || length == 0) return;
  const WideOffsets<3> offsets = wide_offsets(lines.dims.kept);
  ScanPlan plan{count, length, 1, length, false, Stage::Everything, steps_of(lines)};
  plan.by_thread = length <= kShortLine || (lines.dims.inner_is_kept && count >= kManyLines);
  if (plan.by_thread) return launch_scan(op, plan, offsets, threads_for(count), nullptr);
  const unsigned threads = threads_for((length + kItems - 1) / kItems);
  const int64_t tile = static_cast<int64_t>(threads) * kItems;
  const int64_t chunks = std::min({resident_blocks(threads) / count, length / (2 * tile), kMostChunks});
  if (chunks < 2) return launch_scan(op, plan, offsets, threads, nullptr);
  plan.chunk_length = (length / tile + chunks) / chunks * tile;
  plan.chunks = (length + plan.chunk_length - 1) / plan.chunk_length;
  const Workspace totals(static_cast<size_t>(count * plan.chunks) * sizeof(typename S::State));
  for (const Stage stage : {Stage::Totals, Stage::Rest}) {
    plan.stage = stage;
    launch_scan(op, plan, offsets, threads, totals.as<typename S::State>());
  }
}

// --- The scans -------------------------------------------------------------------------------------------------------

template <class T, class Op>
struct Cumulative {
  using State = functors::running_t<T>;
  const T* self;
  T* out;

  TT_D State start() const { return Op::template start<State>(); }
  TT_D State load(int64_t place, int64_t) const { return static_cast<State>(static_cast<compute_t<T>>(self[place])); }
  TT_D State operator()(State earlier, State later) const { return Op::step(earlier, later); }
  TT_D void store(State state, int64_t place, int64_t) const { out[place] = functors::narrow<T>(state); }
};

template <class T>
struct CumulativeExtreme {
  struct State {
    compute_t<T> value;
    int64_t index;  // -1 before the first element
  };
  const T* self;
  T* values;
  int64_t* indices;
  bool maximum;

  TT_D State start() const { return {compute_t<T>(0), -1}; }
  TT_D State load(int64_t place, int64_t i) const { return {static_cast<compute_t<T>>(self[place]), i}; }
  TT_D State operator()(State earlier, State later) const {
    if (earlier.index < 0 || later.index < 0) return earlier.index < 0 ? later : earlier;
    const bool replaced = maximum ? functors::follows<true>(later.value, earlier.value)
                                  : functors::follows<false>(later.value, earlier.value);
    return replaced ? later : earlier;
  }
  TT_D void store(State state, int64_t value, int64_t index) const {
    values[value] = static_cast<T>(state.value);
    indices[index] = state.index;
  }
};

// cumsum(out, self; dim)
template <class T, class Op>
void cumulate(Operand* operands, int count, Params& params) {
  require_operands(operands, count, 2);
  T* out = operands[0].as<T>();
  const T* self = operands[1].as<T>();
  run_scan(Cumulative<T, Op>{self, out}, lines_of<2>(operands, params.integer()));
}

// cummax(values, indices, self; dim)
template <class T, bool maximum>
void extreme(Operand* operands, int count, Params& params) {
  require_operands(operands, count, 3);
  T* values = operands[0].as<T>();
  int64_t* indices = operands[1].as<int64_t>();
  const T* self = operands[2].as<T>();
  run_scan(CumulativeExtreme<T>{self, values, indices, maximum}, lines_of<3>(operands, params.integer()));
}

}  // namespace

void register_scan() {
  using functors::Running;
  register_for<Running>("cumsum", 1, []<class T>() -> Kernel { return cumulate<T, functors::CumSum>; });
  register_for<Running>("cumprod", 1, []<class T>() -> Kernel { return cumulate<T, functors::CumProd>; });
  register_for<Floating>("logcumsumexp", 1, []<class T>() -> Kernel { return cumulate<T, functors::LogCumSumExp>; });
  register_for<RealAndBool>("cummax", 2, []<class T>() -> Kernel { return extreme<T, true>; });
  register_for<RealAndBool>("cummin", 2, []<class T>() -> Kernel { return extreme<T, false>; });
}

}  // namespace tt::cuda
