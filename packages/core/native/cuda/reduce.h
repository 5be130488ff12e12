// The reduction skeleton of the GPU. A reducer says what is loaded and how values are put together:
//
//   struct Reducer {
//     using Element, Accumulator, State;   // what load gives, what a thread adds up in, what threads exchange
//     static constexpr int kWays;          // accumulators of a thread, so that no addition waits for the one before
//     Accumulator start() const;
//     Element load(int64_t offset) const;
//     void add(Accumulator&, Element, int64_t index) const;
//     State state(Accumulator) const;
//     State operator()(State, State) const;      // in any order
//     void finish(State, int64_t count, const int64_t* places) const;   // of the input, the first and last output
//     const Element* data;                 // only where elements may be loaded in packs
//   };
//
// Threads of a block are shared out between outputs: neighbouring threads read neighbouring elements, of one output
// where the reduced dimensions lie closest (rows), else of different ones (columns). Where there are too few outputs to
// keep the device busy, each is reduced in pieces, whose states a second launch puts together.
#pragma once
#include "../checks/reduction.h"
#include "allocator.h"
#include "block.h"
#include "elementwise.h"
#include "offsets.h"

namespace tt::cuda {

// Where elements of any number of dimensions are: by 32-bit arithmetic wherever that suffices.
template <int N>
struct WideOffsets {
  Offsets<N> offsets;
  bool wide;
  int64_t sizes[kMaxLoopDims];

  TT_D void find(int64_t i, int64_t* places) const {
    if (!wide) return offsets.find(static_cast<uint32_t>(i), places);
    TT_UNROLL
    for (int k = 0; k < N; ++k) places[k] = 0;
    for (int d = offsets.ndim - 1; d >= 0; --d) {
      const int64_t index = d > 0 ? i % sizes[d] : i;
      TT_UNROLL
      for (int k = 0; k < N; ++k) places[k] += index * offsets.strides[k][d];
      i /= sizes[d];
    }
  }
  TT_D int64_t find_one(int64_t i) const {
    if (offsets.ndim == 1) return i * offsets.strides[0][0];
    int64_t places[N];
    find(i, places);
    return places[0];
  }
};

template <int N>
WideOffsets<N> wide_offsets(const DimList<N>& dims) {
  require(dims.ndim <= kMaxLoopDims, ErrorKind::Shape, "expected at most ", kMaxLoopDims,
          " dimensions that lie apart in memory, got ", dims.ndim);
  WideOffsets<N> wide{};
  wide.offsets.ndim = dims.ndim;
  wide.wide = dims.count() > kMostElements;
  for (int d = 0; d < dims.ndim; ++d) {
    wide.sizes[d] = dims.sizes[d];
    if (!wide.wide && dims.sizes[d] > 0) wide.offsets.sizes[d] = Divider(static_cast<uint32_t>(dims.sizes[d]));
    for (int k = 0; k < N; ++k) wide.offsets.strides[k][d] = dims.strides[k][d];
  }
  return wide;
}

// --- Who works on what -----------------------------------------------------------------------------------------------

struct Schedule {
  int64_t outputs, count;  // elements of the output, and elements that each is made of
  unsigned across, along;  // threads of a block for different outputs, and threads that share one
  bool rows;
  int64_t pieces, piece_length;

  unsigned threads() const { return across * along; }
  unsigned blocks() const;
  TT_D unsigned output_of_thread() const { return rows ? threadIdx.x / along : threadIdx.x % across; }
  TT_D unsigned lane_of_thread() const { return rows ? threadIdx.x % along : threadIdx.x / across; }
};

// `inner_kept`: elements of the kept dimension that lies closest, 0 where a reduced one does.
Schedule schedule_of(int64_t outputs, int64_t count, int64_t inner_kept);
// In pieces where that keeps more of the device busy.
void cut(Schedule& schedule);

// What the threads of one output have found, for all of them.
template <class State, class Combine>
TT_D State join(State state, const Combine& combine, const Schedule& schedule) {
  if (schedule.rows)
    return schedule.along > kWarp ? block_reduce(state, combine) : warp_reduce(state, combine, schedule.along);
  TT_SHARED(State, states, [kMostThreads]);
  states[threadIdx.x] = state;
  for (unsigned half = schedule.along / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half * schedule.across)
      states[threadIdx.x] = combine(states[threadIdx.x], states[threadIdx.x + half * schedule.across]);
  }
  __syncthreads();
  state = states[threadIdx.x % schedule.across];
  __syncthreads();
  return state;
}

// --- The kernel ------------------------------------------------------------------------------------------------------

template <class R>
concept LoadsPacks = requires(const R r) {
  r.data;
};
template <class R>
constexpr int kPackOf = static_cast<int>(16 / sizeof(typename R::Element));

// The elements [begin, end) of an output whose first is at `first`.
template <class R>
TT_D typename R::State reduce_elements(const R& r, const Schedule& schedule, const WideOffsets<1>& reduced, bool packed,
                                       int64_t first, int64_t begin, int64_t end) {
  constexpr int kWays = R::kWays;
  typename R::Accumulator sums[kWays];
  TT_UNROLL
  for (int way = 0; way < kWays; ++way) sums[way] = r.start();
  const int64_t step = schedule.along;
  int64_t i = begin + schedule.lane_of_thread();
  if constexpr (LoadsPacks<R>) {
    constexpr int width = kPackOf<R>;
    if (packed) {
      const auto* packs = reinterpret_cast<const Pack<typename R::Element, width>*>(r.data + first);
      const int64_t whole = end / width;
      for (int64_t p = begin / width + schedule.lane_of_thread(); p < whole; p += step) {
        const auto pack = packs[p];
        TT_UNROLL
        for (int k = 0; k < width; ++k) r.add(sums[k % kWays], pack.values[k], p * width + k);
      }
      i = whole * width + schedule.lane_of_thread();
    }
  }
  for (; i + (kWays - 1) * step < end; i += kWays * step) {
    TT_UNROLL
    for (int way = 0; way < kWays; ++way)
      r.add(sums[way], r.load(first + reduced.find_one(i + way * step)), i + way * step);
  }
  for (; i < end; i += step) r.add(sums[0], r.load(first + reduced.find_one(i)), i);
  typename R::State state = r.state(sums[0]);
  TT_UNROLL
  for (int way = 1; way < kWays; ++way) state = r(state, r.state(sums[way]));
  return state;
}

// `states`: of pieces, output by output; the first launch writes them and the second, `joins`, reads them.
template <class R>
__global__ void reduce(R r, Schedule schedule, WideOffsets<3> kept, WideOffsets<1> reduced, bool packed, bool joins,
                       typename R::State* states) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * schedule.across, piece = blockIdx.y;
  for (int64_t base = static_cast<int64_t>(blockIdx.x) * schedule.across; base < schedule.outputs; base += step) {
    const int64_t output = base + schedule.output_of_thread();
    typename R::State state = r.state(r.start());
    int64_t places[3] = {0, 0, 0};
    if (output < schedule.outputs) {
      kept.find(output, places);
      if (joins) {
        for (int64_t i = schedule.lane_of_thread(); i < schedule.pieces; i += schedule.along)
          state = r(state, states[output * schedule.pieces + i]);
      } else {
        const int64_t begin = piece * schedule.piece_length, end = begin + schedule.piece_length;
        state = reduce_elements(r, schedule, reduced, packed, places[0], begin,
                                end < schedule.count ? end : schedule.count);
      }
    }
    state = join(state, r, schedule);
    if (output >= schedule.outputs || schedule.lane_of_thread() != 0) continue;
    if (schedule.pieces > 1 && !joins)
      states[output * schedule.pieces + piece] = state;
    else
      r.finish(state, schedule.count, places);
  }
}

// --- The host's side -------------------------------------------------------------------------------------------------

// Whether every output's elements are one run that begins at a whole pack.
bool lies_in_packs(const ReductionDims& dims, const void* data, size_t item_size);

template <class R>
struct ReductionLaunch {
  R r;
  WideOffsets<3> kept;
  WideOffsets<1> reduced;
  bool packed;

  void operator()(const Schedule& schedule, int64_t pieces, bool joins, typename R::State* states) const {
    constexpr auto kernel = reduce<R>;
    check(TT_LAUNCH(kernel, dim3(schedule.blocks(), static_cast<unsigned>(pieces)), dim3(schedule.threads()), 0,
                    current_stream(), r, schedule, kept, reduced, packed, joins, states),
          "launching a reduction");
  }
};

template <class R>
void run_reduction(const R& r, const ReductionDims& dims) {
  if (dims.outputs == 0) return;
  Schedule schedule = schedule_of(dims.outputs, dims.count, dims.inner_is_kept ? dims.kept.inner() : 0);
  cut(schedule);
  bool packed = false;
  if constexpr (LoadsPacks<R>) packed = schedule.rows && lies_in_packs(dims, r.data, sizeof(typename R::Element));
  const ReductionLaunch<R> launch{r, wide_offsets(dims.kept), wide_offsets(dims.reduced), packed};
  if (schedule.pieces == 1) return launch(schedule, 1, false, nullptr);
  const Workspace states(static_cast<size_t>(schedule.outputs * schedule.pieces) * sizeof(typename R::State));
  launch(schedule, schedule.pieces, false, states.as<typename R::State>());
  Schedule second = schedule_of(schedule.outputs, schedule.pieces, 0);
  second.pieces = schedule.pieces;
  second.count = schedule.count;
  launch(second, 1, true, states.as<typename R::State>());
}

}  // namespace tt::cuda
