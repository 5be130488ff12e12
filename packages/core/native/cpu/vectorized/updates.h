// Changes the tensors of many parameters at once. Operands come in groups: the parameters, then their gradients, then
// each kind of state, `n` of each; all of a parameter's tensors have its shape and dtype. Or other operands, of one
// shape, several of which are results.
#pragma once
#include <array>
#include <vector>

#include "../walk.h"
#include "loops.h"

namespace tt::TT_INSTRUCTION_SET {

// Elements of one task: tasks of all parameters share the threads.
constexpr int64_t kChunk = 1 << 15;

// Of a parameter's tensors: the gradient is number 1.
constexpr unsigned kAllButGradient = ~2u;

struct Chunk {
  int64_t param, begin, end;
};

inline std::vector<Chunk> chunks_of(const Operand* params, int64_t n) {
  std::vector<Chunk> chunks;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t begin = 0; begin < params[i].numel; begin += kChunk)
      chunks.push_back({i, begin, std::min(begin + kChunk, params[i].numel)});
  return chunks;
}

// Checks `groups` groups of n operands and calls f(param, pointers, steps, length) for runs of elements. Elements need
// no order: only the elements of a parameter's tensors must belong together.
template <class T, int groups, class F>
void each_run(const Operand* operands, int64_t n, F&& f) {
  for (int64_t i = 0; i < n; ++i)
    for (int g = 0; g < groups; ++g) {
      const Operand& operand = operands[g * n + i];
      require(operand.present, ErrorKind::Internal, "operand ", g * n + i, " is missing");
      operand.as<T>();
      require_same_shape(operands[i], operand);
    }
  const auto chunks = chunks_of(operands, n);
  parallel_for(static_cast<int64_t>(chunks.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) {
      const Chunk& chunk = chunks[c];
      Operand group[groups];
      for (int g = 0; g < groups; ++g) group[g] = operands[g * n + chunk.param];
      const Loop<groups> loop(group);
      struct Call {
        F& f;
        int64_t param;
      } call{f, chunk.param};
      size_t sizes[groups];
      std::fill_n(sizes, groups, sizeof(T));
      loop.each_row(
          chunk.begin, chunk.end, sizes,
          [](const void* call, char* const* pointers, const int64_t* steps, int64_t length) {
            const Call& to = *static_cast<const Call*>(call);
            to.f(to.param, pointers, steps, length);
          },
          &call);
    }
  });
}

// update(values) for each element, with the group's values in the computing type. Those in `written`, a bit for each,
// are written back.
template <class T, int groups, unsigned written, class Update>
void update_run(char* const* pointers, const int64_t* steps, int64_t length, Update&& update) {
  using C = compute_t<T>;
  T* p[groups];
  bool contiguous = true;
  for (int g = 0; g < groups; ++g) {
    p[g] = reinterpret_cast<T*>(pointers[g]);
    contiguous &= steps[g] == 1;
  }
  const auto element = [&](const auto& place) {
    C values[groups];
#pragma GCC unroll 16
    for (int g = 0; g < groups; ++g) values[g] = static_cast<C>(p[g][place(g)]);
    update(values);
#pragma GCC unroll 16
    for (int g = 0; g < groups; ++g)
      if (written >> g & 1) p[g][place(g)] = static_cast<T>(values[g]);
  };
  if (contiguous) {
#pragma omp simd
    for (int64_t i = 0; i < length; ++i) element([i](int) { return i; });
  } else {
    for (int64_t i = 0; i < length; ++i) element([i, steps](int g) { return i * steps[g]; });
  }
}

// update(values, own) for each element; `own`: `numbers` of each parameter.
template <class T, int groups, int numbers, unsigned written = kAllButGradient, class Update>
void update_all(const Operand* operands, int64_t n, const std::vector<compute_t<T>>& own, const Update& update) {
  using C = compute_t<T>;
  each_run<T, groups>(operands, n, [&](int64_t i, char* const* p, const int64_t* steps, int64_t length) {
    std::array<C, numbers> mine;
    std::copy_n(own.data() + i * numbers, numbers, mine.begin());
    update_run<T, groups, written>(p, steps, length, [=](C* values) { update(values, mine.data()); });
  });
}

}  // namespace tt::TT_INSTRUCTION_SET
