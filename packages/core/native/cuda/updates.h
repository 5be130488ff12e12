// Changes the tensors of many parameters at once, as cpu/vectorized/updates.h. Those of many parameters go to one
// launch, in a struct of its arguments: no pointers lie in device memory.
#pragma once
#include <vector>

#include "../checks/operands.h"
#include "offsets.h"

namespace tt::cuda {

// Elements of a block.
constexpr int64_t kChunk = 8192;
// Of the 4096 bytes that a launch may pass.
constexpr size_t kBatchBytes = 3584;
// Of a parameter's tensors: the gradient is number 1.
constexpr unsigned kAllButGradient = ~2u;

// Tensors that lie evenly, `groups` of each of several parameters, and the numbers that each parameter has for itself.
template <class T, int groups, int numbers>
struct Batch {
  using C = compute_t<T>;
  static constexpr int kOwn = numbers > 0 ? numbers : 1;
  static constexpr int kMost =
      static_cast<int>(kBatchBytes / (groups * sizeof(T*) + sizeof(int64_t) + sizeof(unsigned) + kOwn * sizeof(C)));
  int count = 0;
  unsigned blocks = 0;
  unsigned first_blocks[kMost];
  int64_t sizes[kMost];
  T* data[kMost][groups];
  C own[kMost][kOwn];
};

// update(values, own): the values in `written`, a bit for each, are written back.
template <class T, int groups, unsigned written, class Update, class At>
TT_D void update_element(const Update& update, T* const* data, const compute_t<T>* own, const At& at) {
  using C = compute_t<T>;
  C values[groups];
  TT_UNROLL
  for (int g = 0; g < groups; ++g) values[g] = static_cast<C>(data[g][at(g)]);
  update(values, own);
  TT_UNROLL
  for (int g = 0; g < groups; ++g)
    if (written >> g & 1) data[g][at(g)] = static_cast<T>(values[g]);
}

struct Even {
  int64_t element;
  TT_D int64_t operator()(int) const { return element; }
};
struct Strided {
  const int64_t* offsets;
  TT_D int64_t operator()(int g) const { return offsets[g]; }
};

template <class T, int groups, int numbers, unsigned written, class Update>
__global__ void update_batch(Batch<T, groups, numbers> batch, Update update) {
  int i = 0;
  while (i + 1 < batch.count && batch.first_blocks[i + 1] <= blockIdx.x) ++i;
  const int64_t begin = static_cast<int64_t>(blockIdx.x - batch.first_blocks[i]) * kChunk;
  const int64_t rest = batch.sizes[i] - begin, end = begin + (rest < kChunk ? rest : kChunk);
  for (int64_t element = begin + threadIdx.x; element < end; element += blockDim.x)
    update_element<T, groups, written>(update, batch.data[i], batch.own[i], Even{element});
}

template <class T, int groups, int numbers>
struct One {
  T* data[groups];
  compute_t<T> own[numbers > 0 ? numbers : 1];
};

template <class T, int groups, int numbers, unsigned written, class Update>
__global__ void update_strided(uint32_t n, One<T, groups, numbers> one, Offsets<groups> places, Update update) {
  const auto stride = static_cast<uint32_t>(grid_stride());
  for (auto i = static_cast<uint32_t>(first_element()); i < n; i += stride) {
    int64_t offsets[groups];
    places.find(i, offsets);
    update_element<T, groups, written>(update, one.data, one.own, Strided{offsets});
  }
}

template <unsigned written, class T, int groups, int numbers, class Update>
void launch_batch(Batch<T, groups, numbers>& batch, const Update& update) {
  if (batch.count == 0) return;
  constexpr auto kernel = update_batch<T, groups, numbers, written, Update>;
  check(TT_LAUNCH_INDEPENDENT(kernel, dim3(batch.blocks), dim3(kMostThreads), 0, current_stream(), batch, update),
        "launching a kernel");
  batch.count = 0;
  batch.blocks = 0;
}

// `own`: `numbers` of each parameter.
template <class T, int groups, int numbers, unsigned written = kAllButGradient, class Update>
void update_all(const Operand* operands, int64_t n, const std::vector<compute_t<T>>& own, const Update& update) {
  // Zeroed: emulated devices take what looks like an address for one, also in what is left over.
  Batch<T, groups, numbers> batch{};
  for (int64_t i = 0; i < n; ++i) {
    Operand group[groups];
    for (int g = 0; g < groups; ++g) {
      group[g] = operands[g * n + i];
      require(group[g].present, ErrorKind::Internal, "operand ", g * n + i, " is missing");
      operands[g * n + i].as<T>();
      require_same_shape(group[0], group[g]);
    }
    if (group[0].numel == 0) continue;
    const Loop<groups> loop(group);
    bool even = loop.ndim == 1;
    for (int g = 0; g < groups; ++g) even &= loop.strides[g][0] == 1;
    if (!even) {
      size_t item_sizes[groups];
      std::fill_n(item_sizes, groups, sizeof(T));
      each_part(loop, item_sizes, [&](const Loop<groups>& part) {
        One<T, groups, numbers> one{};
        for (int g = 0; g < groups; ++g) one.data[g] = reinterpret_cast<T*>(part.data[g]);
        for (int k = 0; k < numbers; ++k) one.own[k] = own[i * numbers + k];
        constexpr auto kernel = update_strided<T, groups, numbers, written, Update>;
        TT_RUN_ELEMENTS(part.numel, kernel, static_cast<uint32_t>(part.numel), one, offsets_of(part), update);
      });
      continue;
    }
    for (int g = 0; g < groups; ++g) batch.data[batch.count][g] = reinterpret_cast<T*>(loop.data[g]);
    for (int k = 0; k < numbers; ++k) batch.own[batch.count][k] = own[i * numbers + k];
    batch.sizes[batch.count] = loop.numel;
    batch.first_blocks[batch.count] = batch.blocks;
    batch.blocks += static_cast<unsigned>((loop.numel + kChunk - 1) / kChunk);
    if (++batch.count == Batch<T, groups, numbers>::kMost) launch_batch<written>(batch, update);
  }
  launch_batch<written>(batch, update);
}

}  // namespace tt::cuda
