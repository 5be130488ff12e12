// Right kernels give right results, in every order of threads, blocks and streams.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "support.h"

namespace tt::test {
namespace {

template <class T>
TT_D T warp_sum(T value) {
  TT_UNROLL
  for (int offset = 16; offset > 0; offset /= 2) value += __shfl_xor_sync(~0u, value, offset);
  return value;
}

template <class T>
TT_D T block_sum(T value) {
  TT_SHARED(T, sums, [32]);
  value = warp_sum(value);
  __syncthreads();  // the sums of the call before have been read
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = value;
  __syncthreads();
  value = threadIdx.x % 32 < blockDim.x / 32 ? sums[threadIdx.x % 32] : T(0);
  return warp_sum(value);
}

template <class T>
__global__ void __launch_bounds__(1024) softmax(T* out, const T* self, int columns) {
  const size_t row = static_cast<size_t>(blockIdx.x) * columns;
  T sum = 0;
  for (int i = threadIdx.x; i < columns; i += blockDim.x) sum += std::exp(self[row + i]);
  sum = block_sum(sum);
  for (int i = threadIdx.x; i < columns; i += blockDim.x) out[row + i] = std::exp(self[row + i]) / sum;
  // Once more, to see that the shared sums can be used again.
  T total = 0;
  for (int i = threadIdx.x; i < columns; i += blockDim.x) total += out[row + i];
  total = block_sum(total);
  for (int i = threadIdx.x; i < columns; i += blockDim.x) out[row + i] /= total;
}

template <class T>
void test_softmax() {
  const int rows = 5;
  for (const int columns : {1, 31, 64, 500}) {
    for (const int block : {32, 128, 1024}) {
      std::vector<T> self(static_cast<size_t>(rows * columns));
      for (size_t i = 0; i < self.size(); ++i) self[i] = T(i % 13) / 4;
      const DeviceArray<T> in(self);
      const DeviceArray<T> out(self.size());
      SUCCEED(TT_LAUNCH(TT_KERNEL(softmax<T>), rows, block, 0, nullptr, out.data(), in.data(), columns));
      const std::vector<T> found = out.values();
      for (int row = 0; row < rows; ++row) {
        double sum = 0;
        for (int i = 0; i < columns; ++i) sum += std::exp(double(self[row * columns + i]));
        for (int i = 0; i < columns; ++i)
          REQUIRE(std::fabs(found[row * columns + i] - std::exp(double(self[row * columns + i])) / sum) < 1e-5);
      }
    }
  }
}

void reductions() {
  test_softmax<float>();
  test_softmax<double>();
}

// Inclusive sums over a block, by Hillis and Steele, in dynamic shared memory.
__global__ void scan(float* out, const float* self) {
  TT_DYNAMIC_SHARED(float, sums);
  const unsigned i = threadIdx.x;
  sums[i] = self[blockIdx.x * blockDim.x + i];
  __syncthreads();
  for (unsigned offset = 1; offset < blockDim.x; offset *= 2) {
    const float before = i >= offset ? sums[i - offset] : 0.0f;
    __syncthreads();
    sums[i] += before;
    __syncthreads();
  }
  out[blockIdx.x * blockDim.x + i] = sums[i];
}

void scans() {
  const unsigned blocks = 3;
  for (const unsigned block : {1u, 50u, 256u}) {
    const std::vector<float> self = counting(blocks * block);
    const DeviceArray<float> in(self);
    const DeviceArray<float> out(self.size());
    SUCCEED(TT_LAUNCH(scan, blocks, block, block * sizeof(float), nullptr, out.data(), in.data()));
    const std::vector<float> found = out.values();
    for (unsigned b = 0; b < blocks; ++b) {
      float sum = 0;
      for (unsigned i = 0; i < block; ++i) REQUIRE(found[b * block + i] == (sum += self[b * block + i]));
    }
  }
}

template <class T, int kTile>
__global__ void matmul(T* out, const T* a, const T* b, int m, int n, int k) {
  TT_SHARED(T, tile_a, [kTile][kTile]);
  TT_SHARED(T, tile_b, [kTile][kTile + 1]);
  const int row = blockIdx.y * kTile + threadIdx.y;
  const int column = blockIdx.x * kTile + threadIdx.x;
  T sum = 0;
  for (int begin = 0; begin < k; begin += kTile) {
    const int inner_a = begin + threadIdx.x;
    const int inner_b = begin + threadIdx.y;
    tile_a[threadIdx.y][threadIdx.x] = row < m && inner_a < k ? a[row * k + inner_a] : T(0);
    tile_b[threadIdx.y][threadIdx.x] = inner_b < k && column < n ? b[inner_b * n + column] : T(0);
    __syncthreads();
    for (int i = 0; i < kTile; ++i) sum += tile_a[threadIdx.y][i] * tile_b[i][threadIdx.x];
    __syncthreads();
  }
  if (row < m && column < n) out[row * n + column] = sum;
}

void tiles() {
  const int m = 20, n = 37, k = 29;
  const std::vector<float> a = counting(m * k);
  const std::vector<float> b = counting(k * n, 5);
  const DeviceArray<float> a_on_device(a);
  const DeviceArray<float> b_on_device(b);
  const DeviceArray<float> out(m * n);
  SUCCEED(TT_LAUNCH(TT_KERNEL(matmul<float, 8>), dim3((n + 7) / 8, (m + 7) / 8), dim3(8, 8), 0, nullptr, out.data(),
                    a_on_device.data(), b_on_device.data(), m, n, k));
  const std::vector<float> found = out.values();
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      float sum = 0;
      for (int l = 0; l < k; ++l) sum += a[i * k + l] * b[l * n + j];
      REQUIRE(found[i * n + j] == sum);
    }
}

__global__ void warp_calls(unsigned* out) {
  const unsigned lane = threadIdx.x % 32;
  unsigned* row = out + threadIdx.x;
  const unsigned stride = blockDim.x;
  row[0 * stride] = __shfl_sync(~0u, lane, 5);
  row[1 * stride] = __shfl_sync(~0u, lane, 9, 8);
  row[2 * stride] = __shfl_up_sync(~0u, lane, 3);
  row[3 * stride] = __shfl_up_sync(~0u, lane, 1, 4);
  row[4 * stride] = __shfl_down_sync(~0u, lane, 3);
  row[5 * stride] = __shfl_down_sync(~0u, lane, 1, 4);
  row[6 * stride] = __shfl_xor_sync(~0u, lane, 1);
  row[7 * stride] = __ballot_sync(~0u, lane % 3 == 0);
  row[8 * stride] = __any_sync(~0u, lane == 31) * 2 + __all_sync(~0u, lane < 32);
  row[9 * stride] = __match_any_sync(~0u, lane % 4);
  // Halves of a warp that go different ways.
  const unsigned half = lane < 16 ? 0x0000FFFFu : 0xFFFF0000u;
  row[10 * stride] = lane < 16 ? __shfl_xor_sync(half, lane, 1) : __shfl_sync(half, lane, 20);
  __syncwarp();
  row[11 * stride] = static_cast<unsigned>(__shfl_sync(~0u, 1.5 * lane, 2) * 2);
  row[12 * stride] = __activemask() >> lane & 1;
}

void warps() {
  const unsigned block = 64;
  const DeviceArray<unsigned> out(13 * block);
  SUCCEED(TT_LAUNCH(warp_calls, 1, block, 0, nullptr, out.data()));
  const std::vector<unsigned> found = out.values();
  for (unsigned thread = 0; thread < block; ++thread) {
    const unsigned lane = thread % 32;
    const unsigned expected[] = {5,
                                 lane / 8 * 8 + 1,
                                 lane < 3 ? lane : lane - 3,
                                 lane % 4 < 1 ? lane : lane - 1,
                                 lane > 28 ? lane : lane + 3,
                                 lane % 4 > 2 ? lane : lane + 1,
                                 lane ^ 1,
                                 0x49249249u,
                                 3,
                                 0x11111111u << lane % 4,
                                 lane < 16 ? lane ^ 1 : 20,
                                 6,
                                 1};
    for (unsigned call = 0; call < 13; ++call) REQUIRE(found[call * block + thread] == expected[call]);
  }
}

__global__ void block_votes(int* out) {
  const int i = threadIdx.x;
  const int count = __syncthreads_count(i % 3 == 0);
  const int any = __syncthreads_or(i == 40);
  const int none = __syncthreads_or(i == 400);
  const int all = __syncthreads_and(i < 96);
  const int some = __syncthreads_and(i < 95);
  out[i] = count + 100 * any + 200 * none + 1000 * all + 2000 * some;
}

// Threads that have returned take no part in barriers.
__global__ void early_return(int* out) {
  TT_SHARED(int, values, [64]);
  if (threadIdx.x >= 40) return;
  values[threadIdx.x] = threadIdx.x;
  __syncthreads();
  out[threadIdx.x] = values[39 - threadIdx.x];
}

void barriers() {
  const DeviceArray<int> votes(96);
  SUCCEED(TT_LAUNCH(block_votes, 1, 96, 0, nullptr, votes.data()));
  for (const int found : votes.values()) REQUIRE(found == 32 + 100 + 1000);
  const DeviceArray<int> out(40);
  SUCCEED(TT_LAUNCH(early_return, 1, 64, 0, nullptr, out.data()));
  const std::vector<int> found = out.values();
  for (int i = 0; i < 40; ++i) REQUIRE(found[i] == 39 - i);
}

struct Counters {
  float* floats;
  double* doubles;
  int* ints;
  unsigned* words;
  unsigned long long* longs;
};

// Addresses in a struct that is passed by value.
__global__ void count(Counters to, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    atomicAdd(to.floats, 1.0f);
    atomicAdd(to.doubles, 0.5);
    atomicAdd(to.ints, -1);
    atomicMin(to.ints + 1, 50 - i);
    atomicMax(to.ints + 2, i);
    atomicAdd(to.words, 2u);
    atomicOr(to.words + 1, 1u << i % 32);
    atomicAdd(to.longs, 1ull << 33);
    // An addition made of compare-and-swap.
    unsigned long long before = to.longs[1], seen;
    do {
      seen = before;
      before = atomicCAS(to.longs + 1, seen, seen + 3);
    } while (before != seen);
  }
}

void atomics() {
  const DeviceArray<float> floats(std::vector<float>(1, 0));
  const DeviceArray<double> doubles(std::vector<double>(1, 0));
  const DeviceArray<int> ints(std::vector<int>(3, 0));
  const DeviceArray<unsigned> words(std::vector<unsigned>(2, 0));
  const DeviceArray<unsigned long long> longs(std::vector<unsigned long long>(2, 0));
  const Counters counters{floats.data(), doubles.data(), ints.data(), words.data(), longs.data()};
  SUCCEED(TT_LAUNCH_INDEPENDENT(count, 3, 64, 0, nullptr, counters, 1000));
  REQUIRE(floats.values()[0] == 1000);
  REQUIRE(doubles.values()[0] == 500);
  REQUIRE(ints.values() == std::vector<int>{-1000, -949, 999});
  REQUIRE(words.values() == std::vector<unsigned>{2000, ~0u});
  REQUIRE(longs.values() == std::vector<unsigned long long>{1000ull << 33, 3000});
}

__global__ void where(int* out) {
  const dim3 block = blockDim;
  const dim3 grid = gridDim;
  const unsigned thread = (threadIdx.z * block.y + threadIdx.y) * block.x + threadIdx.x;
  const unsigned in_grid = (blockIdx.z * grid.y + blockIdx.y) * grid.x + blockIdx.x;
  atomicAdd(out + in_grid * block.x * block.y * block.z + thread, 1);
}

void indices() {
  const size_t count = 2 * 3 * 4 * 5 * 6 * 7;
  const DeviceArray<int> out(std::vector<int>(count, 0));
  SUCCEED(TT_LAUNCH(where, dim3(2, 3, 4), dim3(5, 6, 7), 0, nullptr, out.data()));
  REQUIRE(out.values() == std::vector<int>(count, 1));
}

// Arguments are converted to the kernel's types.
__global__ void convert(double* out, float a, int64_t b, bool c, const void* d) {
  out[0] = a;
  out[1] = double(b);
  out[2] = c;
  out[3] = d == nullptr;
}

void arguments() {
  const DeviceArray<double> out(4);
  SUCCEED(TT_LAUNCH(convert, 1, 1, 0, nullptr, out.data(), 0.5, 7, 2, nullptr));
  REQUIRE(out.values() == std::vector<double>{0.5, 7, 1, 1});
}

// A number, a flag, and a gap.
struct alignas(8) Padded {
  uint16_t number;
  bool flag;
};

__global__ void unpad(unsigned* out, Padded padded) {
  out[0] = padded.number;
  out[1] = padded.flag;
}

// What is left over in a gap of a parameter is not part of an address.
void gaps() {
  const DeviceArray<unsigned> out(2);
  const auto address = reinterpret_cast<uintptr_t>(out.data());
  alignas(Padded) unsigned char left_over[sizeof(Padded)];
  std::memcpy(left_over, &address, sizeof(left_over));
  auto* padded = reinterpret_cast<Padded*>(left_over);
  padded->number = 5;
  padded->flag = false;
  SUCCEED(TT_LAUNCH(unpad, 1, 1, 0, nullptr, out.data(), *padded));
  REQUIRE(out.values() == std::vector<unsigned>{5, 0});
}

__global__ void bits(unsigned long long* out) {
  unsigned long long expected[] = {3, 32, 31, 32, 0x80000000u, 64, 3, 6, 0, 1, 0x3F800000u};
  unsigned long long found[] = {static_cast<unsigned long long>(__popc(0x15)),
                                static_cast<unsigned long long>(__popcll(0xFFFF0000FFFFull)),
                                static_cast<unsigned long long>(__clz(1)),
                                static_cast<unsigned long long>(__clz(0)),
                                __brev(1),
                                static_cast<unsigned long long>(__clzll(0)),
                                static_cast<unsigned long long>(__ffs(4)),
                                static_cast<unsigned long long>(__ffsll(32)),
                                static_cast<unsigned long long>(__ffs(0)),
                                __umulhi(1u << 31, 2),
                                __float_as_uint(1.0f)};
  for (int i = 0; i < 11; ++i) out[i] = found[i] == expected[i];
  out[11] = min(1.0f, NAN) == 1 && max(-2, 3) == 3 && rsqrtf(4) == 0.5f;
}

void integers() {
  const DeviceArray<unsigned long long> out(12);
  SUCCEED(TT_LAUNCH(bits, 1, 1, 0, nullptr, out.data()));
  REQUIRE(out.values() == std::vector<unsigned long long>(12, 1));
}

// Memory that nobody wrote is NaN, the shared too, in every block.
__global__ void unwritten(float* out) {
  TT_SHARED(float, shared, [4]);
  out[blockIdx.x] = shared[1];
  shared[1] = 1;
}

void fresh_memory() {
  const DeviceArray<float> out(3);
  for (const float value : out.values()) REQUIRE(std::isnan(value));
  SUCCEED(TT_LAUNCH(unwritten, 3, 1, 0, nullptr, out.data()));
  for (const float value : out.values()) REQUIRE(std::isnan(value));
}

}  // namespace
}  // namespace tt::test

int main(int argc, char** argv) {
  using namespace tt::test;
  const Case cases[] = {{"reductions", reductions},
                        {"scans", scans},
                        {"tiles", tiles},
                        {"warps", warps},
                        {"barriers", barriers},
                        {"atomics", atomics},
                        {"indices", indices},
                        {"arguments", arguments},
                        {"gaps", gaps},
                        {"integers", integers},
                        {"fresh memory", fresh_memory}};
  if (argc > 1) return run_case(cases, argc, argv);
  for (const Case& one : cases) one.run();
  return 0;
}
