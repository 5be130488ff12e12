// The reduction skeleton. The output has the input's dimensions, with size 1 where they are reduced (keepdim).
//
// It walks runs of elements along one reduced dimension, for one output or for up to kColumns neighbouring outputs at
// once, and knows a reduction as functions over bytes, so that this walk is compiled once. Long reductions to few
// outputs are cut into pieces by their size alone: the result does not depend on the number of threads.
#pragma once
#include <cstring>
#include <memory>

#include "../../checks/reduction.h"
#include "loops.h"

namespace tt::TT_INSTRUCTION_SET {

constexpr int64_t kColumns = 256;
// So many short contiguous rows are taken at once, where the loops know how.
constexpr int64_t kShortRows = 16;
constexpr int64_t kMaxStateSize = 32;

// `length` steps along a reduced dimension, for `columns` outputs. `first` counts the reduced elements before it.
struct Run {
  const char* data;
  int64_t stride, length, column_stride, columns, first;
};

struct Reduction {
  const void* f;
  size_t element_size, state_size;
  size_t out_sizes[2];
  void (*start)(const void* f, char* states, int64_t columns);
  void (*run)(const void* f, const Run& run, char* states);
  // Adds the states of later elements to those of earlier ones.
  void (*merge)(const void* f, char* states, const char* later, int64_t columns);
  void (*finish)(const void* f, const char* states, int64_t columns, char* const* outs, const int64_t* out_strides,
                 int64_t count);
  // Contiguous rows below this length are given to `run` several at once: each is a column of it, with stride 1 along
  // it.
  int64_t short_row = 0;
};

class ReduceLoop {
 public:
  ReduceLoop(const Operand* outs, int out_count, const Operand& self, const Reduction& reduction)
      : reduction_(reduction), self_(self), out_count_(out_count), dims_(outs, out_count, self) {
    for (int k = 0; k < out_count; ++k) out_data_[k] = outs[k].present ? outs[k].data : nullptr;
    if (dims_.outputs == 0) return;
    const bool by_columns =
        dims_.inner_is_kept ? kept_.inner() >= 4 : reduced_.inner() < 32 && kept_.inner() >= 16 && dims_.count > 0;
    const bool by_short_rows = !dims_.inner_is_kept && reduced_.inner() < reduction.short_row &&
                               reduced_.strides[0][reduced_.ndim - 1] == 1 && dims_.count > 0;
    columns_ = std::min(kept_.inner(), by_columns ? kColumns : by_short_rows ? kShortRows : 1);
    blocks_ = (kept_.inner() + columns_ - 1) / columns_;
  }

  void run() const {
    if (dims_.outputs == 0) return;
    const int64_t units = dims_.outputs / kept_.inner() * blocks_;
    const int64_t unit_work = std::max<int64_t>(dims_.count * columns_, 1);
    if (units >= 8 || units * unit_work < 2 * kGrain) {
      parallel_for(units, (kGrain + unit_work - 1) / unit_work, [&](int64_t begin, int64_t end) {
        alignas(64) char states[kColumns * kMaxStateSize];
        for (int64_t unit = begin; unit < end; ++unit) {
          reduce(unit, 0, dims_.count, states);
          write(unit, states);
        }
      });
      return;
    }
    run_in_pieces(units, std::min({dims_.count, unit_work / kGrain + 1, int64_t{32}}));
  }

 private:
  void run_in_pieces(int64_t units, int64_t pieces) const {
    const size_t unit_bytes = (columns_ * reduction_.state_size + 63) / 64 * 64;
    const std::unique_ptr<char[]> partial(new char[units * pieces * unit_bytes + 64]);
    char* states = partial.get() + (64 - reinterpret_cast<uintptr_t>(partial.get()) % 64);
    parallel_for(units * pieces, 1, [&](int64_t begin, int64_t end) {
      for (int64_t task = begin; task < end; ++task) {
        const int64_t piece = task % pieces;
        reduce(task / pieces, dims_.count * piece / pieces, dims_.count * (piece + 1) / pieces,
               states + task * unit_bytes);
      }
    });
    for (int64_t unit = 0; unit < units; ++unit) {
      char* first = states + unit * pieces * unit_bytes;
      for (int64_t piece = 1; piece < pieces; ++piece)
        reduction_.merge(reduction_.f, first, first + piece * unit_bytes, columns_of(unit));
      write(unit, first);
    }
  }

  int64_t columns_of(int64_t unit) const { return std::min(columns_, kept_.inner() - unit % blocks_ * columns_); }

  // The position of a unit's first element in operand k of the kept dimensions, in elements.
  int64_t kept_offset(int64_t unit, int k) const {
    const int last = kept_.ndim - 1;
    int64_t offset = unit % blocks_ * columns_ * kept_.strides[k][last];
    int64_t rest = unit / blocks_;
    for (int d = last - 1; d >= 0; --d) {
      offset += rest % kept_.sizes[d] * kept_.strides[k][d];
      rest /= kept_.sizes[d];
    }
    return offset;
  }

  // The elements [begin, end) of the reduced dimensions, into the unit's states.
  void reduce(int64_t unit, int64_t begin, int64_t end, char* states) const {
    const int64_t columns = columns_of(unit), item = static_cast<int64_t>(reduction_.element_size);
    reduction_.start(reduction_.f, states, columns);
    if (begin >= end) return;
    const int last = reduced_.ndim - 1;
    int64_t index[kMaxDims + 1], rest = begin, offset = kept_offset(unit, 0);
    for (int d = last; d >= 0; --d) {
      index[d] = rest % reduced_.sizes[d];
      rest /= reduced_.sizes[d];
      offset += index[d] * reduced_.strides[0][d];
    }
    Run run{nullptr, reduced_.strides[0][last], 0, kept_.strides[0][kept_.ndim - 1], columns, 0};
    while (begin < end) {
      run.data = self_.data + offset * item;
      run.length = std::min(end - begin, reduced_.inner() - index[last]);
      run.first = begin;
      reduction_.run(reduction_.f, run, states);
      begin += run.length;
      int64_t step = run.length;
      for (int d = last; d >= 0; --d, step = 1) {
        index[d] += step;
        offset += step * reduced_.strides[0][d];
        if (index[d] < reduced_.sizes[d]) break;
        offset -= index[d] * reduced_.strides[0][d];
        index[d] = 0;
      }
    }
  }

  void write(int64_t unit, const char* states) const {
    char* outs[2];
    int64_t strides[2];
    for (int k = 0; k < out_count_; ++k) {
      const int64_t offset = kept_offset(unit, k + 1);
      outs[k] = out_data_[k] ? out_data_[k] + offset * static_cast<int64_t>(reduction_.out_sizes[k]) : nullptr;
      strides[k] = kept_.strides[k + 1][kept_.ndim - 1];
    }
    reduction_.finish(reduction_.f, states, columns_of(unit), outs, strides, dims_.count);
  }

  const Reduction& reduction_;
  const Operand& self_;
  int out_count_;
  char* out_data_[2];
  ReductionDims dims_;
  const DimList<3>& kept_ = dims_.kept;
  const DimList<1>& reduced_ = dims_.reduced;
  int64_t columns_ = 1, blocks_ = 1;
};

__attribute__((noinline)) inline void run_reduction(const Operand* outs, int out_count, const Operand& self,
                                                    const Reduction& reduction) {
  ReduceLoop(outs, out_count, self, reduction).run();
}

}  // namespace tt::TT_INSTRUCTION_SET
