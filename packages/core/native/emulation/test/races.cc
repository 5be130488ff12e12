// Kernels with and without races, for a build with ThreadSanitizer (../race_check.h).
#include "support.h"

namespace tt::test {
namespace {

template <bool kWithBarrier>
__global__ void reverse_in_block(float* out, const float* self) {
  TT_SHARED(float, values, [64]);
  values[threadIdx.x] = self[threadIdx.x];
  if (kWithBarrier) __syncthreads();
  out[blockIdx.x * 64 + threadIdx.x] = values[63 - threadIdx.x];
}

template <bool kWithBarrier>
__global__ void two_sums(float* out) {
  TT_SHARED(float, sums, [2]);
  float total = 0;
  for (int round = 0; round < 2; ++round) {
    float value = threadIdx.x;
    for (int offset = 16; offset > 0; offset /= 2) value += __shfl_xor_sync(~0u, value, offset);
    if (kWithBarrier) __syncthreads();
    if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = value;
    __syncthreads();
    total += sums[0] + sums[1];
  }
  out[blockIdx.x * 64 + threadIdx.x] = total;
}

template <bool kWithSync>
__global__ void neighbours_in_warp(float* out) {
  TT_SHARED(float, values, [64]);
  values[threadIdx.x] = threadIdx.x;
  if (kWithSync) __syncwarp();
  out[threadIdx.x] = values[threadIdx.x ^ 1];
}

__global__ void all_write_one(float* out) {
  if (threadIdx.x == 0) out[0] = blockIdx.x;
}

__global__ void all_add_to_one(float* out) { atomicAdd(out, 1.0f); }

// Blocks write sums of their own; the one that counts last adds them up.
__global__ void last_block_adds(float* out, float* sums, unsigned* counter) {
  if (threadIdx.x != 0) return;
  sums[blockIdx.x] = blockIdx.x;
  __threadfence();
  if (atomicAdd(counter, 1u) + 1 != gridDim.x) return;
  __threadfence();
  float total = 0;
  for (unsigned block = 0; block < gridDim.x; ++block) total += sums[block];
  out[0] = total;
}

// Local arrays live on stacks, which must not be taken for one another.
__global__ void local_arrays(float* out) {
  volatile float values[8];
  for (int i = 0; i < 8; ++i) values[i] = threadIdx.x + i;
  __syncthreads();
  out[blockIdx.x * 64 + threadIdx.x] = values[threadIdx.x % 8];
}

void good() {
  const DeviceArray<float> in(counting(64));
  const DeviceArray<float> out(128);
  const DeviceArray<unsigned> counter(std::vector<unsigned>(1, 0));
  const DeviceArray<float> sums(4);
  SUCCEED(TT_LAUNCH(TT_KERNEL(reverse_in_block<true>), 2, 64, 0, nullptr, out.data(), in.data()));
  SUCCEED(TT_LAUNCH(TT_KERNEL(two_sums<true>), 2, 64, 0, nullptr, out.data()));
  REQUIRE(out.values() == std::vector<float>(128, 4032));
  SUCCEED(TT_LAUNCH(TT_KERNEL(neighbours_in_warp<true>), 1, 64, 0, nullptr, out.data()));
  SUCCEED(TT_LAUNCH(all_write_one, 1, 64, 0, nullptr, out.data()));
  SUCCEED(TT_LAUNCH_INDEPENDENT(all_add_to_one, 2, 64, 0, nullptr, out.data()));
  REQUIRE(out.values()[0] == 128);
  SUCCEED(TT_LAUNCH(last_block_adds, 4, 32, 0, nullptr, out.data(), sums.data(), counter.data()));
  REQUIRE(out.values()[0] == 6);
  SUCCEED(TT_LAUNCH(local_arrays, 2, 64, 0, nullptr, out.data()));
  REQUIRE(out.values()[65] == 2);
}

void missing_barrier() {
  const DeviceArray<float> in(counting(64));
  const DeviceArray<float> out(64);
  SUCCEED(TT_LAUNCH(TT_KERNEL(reverse_in_block<false>), 1, 64, 0, nullptr, out.data(), in.data()));
}

void missing_barrier_between_sums() {
  const DeviceArray<float> out(64);
  SUCCEED(TT_LAUNCH(TT_KERNEL(two_sums<false>), 1, 64, 0, nullptr, out.data()));
}

void missing_syncwarp() {
  const DeviceArray<float> out(64);
  SUCCEED(TT_LAUNCH(TT_KERNEL(neighbours_in_warp<false>), 1, 64, 0, nullptr, out.data()));
}

void blocks_that_overlap() {
  const DeviceArray<float> out(1);
  SUCCEED(TT_LAUNCH(all_write_one, 2, 64, 0, nullptr, out.data()));
}

}  // namespace
}  // namespace tt::test

int main(int argc, char** argv) {
  using namespace tt::test;
  const Case cases[] = {{"good", good},
                        {"missing barrier", missing_barrier},
                        {"missing barrier between sums", missing_barrier_between_sums},
                        {"missing __syncwarp", missing_syncwarp},
                        {"blocks that overlap", blocks_that_overlap}};
  return run_case(cases, argc, argv);
}
