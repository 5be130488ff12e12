// Kernels and host code with a planted bug each. Each prints what the emulation makes of it: the error's number and
// what is known about it, or whether a result is right.
#include <atomic>
#include <thread>

#include "support.h"

namespace tt::test {
namespace {

// The error that the device keeps, in words, and whether work goes on after a reset.
__global__ void write_number(int* out, int number) { out[threadIdx.x] = number; }

void print_fault(cudaError_t error) {
  const cudaError_t kept = cudaDeviceSynchronize();
  std::printf("%d %d %s\n", error, kept, tt_emulation_last_fault());
  tt_emulation_reset();
  const DeviceArray<int> out(32);
  SUCCEED(TT_LAUNCH(write_number, 1, 32, 0, nullptr, out.data(), 5));
  REQUIRE(out.values() == std::vector<int>(32, 5));
}

void print_right(bool right) { std::puts(right ? "right" : "wrong"); }

template <bool kWithBarrier>
TT_D int block_sum(int value) {
  TT_SHARED(int, sums, [2]);
  for (int offset = 16; offset > 0; offset /= 2) value += __shfl_xor_sync(~0u, value, offset);
  // Without this barrier a warp that runs ahead overwrites what another has yet to read, in the sum before.
  if (kWithBarrier) __syncthreads();
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = value;
  __syncthreads();
  return sums[0] + sums[1];
}

template <bool kWithBarrier>
__global__ void two_sums(int* out) {
  const int first = block_sum<kWithBarrier>(1);
  const int second = block_sum<kWithBarrier>(threadIdx.x);
  out[threadIdx.x] = 10000 * first + second;
}

template <bool kWithBarrier>
void run_two_sums() {
  const DeviceArray<int> out(64);
  SUCCEED(TT_LAUNCH(TT_KERNEL(two_sums<kWithBarrier>), 1, 64, 0, nullptr, out.data()));
  print_right(out.values() == std::vector<int>(64, 640000 + 2016));
}

void barrier_in_place() { run_two_sums<true>(); }
void missing_barrier() { run_two_sums<false>(); }

// Blocks that rely on one another's order.
__global__ void count_blocks(int* out) {
  if (threadIdx.x == 0) out[1 + blockIdx.x] = atomicAdd(out, 1);
}

void block_order() {
  const DeviceArray<int> out(std::vector<int>(9, 0));
  SUCCEED(TT_LAUNCH(count_blocks, 8, 32, 0, nullptr, out.data()));
  const std::vector<int> found = out.values();
  bool right = true;
  for (int i = 0; i < 8; ++i) right &= found[1 + i] == i;
  print_right(right);
}

__global__ void barrier_for_one(int* out) {
  if (threadIdx.x == 40)
    __syncthreads();
  else
    __syncwarp();
  __syncthreads();
  out[threadIdx.x] = 1;
}

void divergent_barrier() {
  const DeviceArray<int> out(64);
  print_fault(TT_LAUNCH(barrier_for_one, 1, 64, 0, nullptr, out.data()));
}

__global__ void waits_for_absent_lane(int* out) {
  if (threadIdx.x == 7) return;
  out[threadIdx.x] = __shfl_sync(~0u, 1, 0);
}

void absent_lane() {
  const DeviceArray<int> out(32);
  print_fault(TT_LAUNCH(waits_for_absent_lane, 1, 32, 0, nullptr, out.data()));
}

__global__ void shuffle_with(int* out, unsigned mask) { out[threadIdx.x] = __shfl_sync(mask, 1, 0); }

void mask_without_oneself() {
  const DeviceArray<int> out(32);
  print_fault(TT_LAUNCH(shuffle_with, 1, 32, 0, nullptr, out.data(), 0x0000FFFFu));
}

void mask_beyond_block() {
  const DeviceArray<int> out(40);
  print_fault(TT_LAUNCH(shuffle_with, 1, 40, 0, nullptr, out.data(), ~0u));
}

__global__ void different_masks(int* out) { out[threadIdx.x] = __shfl_sync(threadIdx.x < 16 ? ~0u : ~1u, 1, 2); }

void masks_that_differ() {
  const DeviceArray<int> out(32);
  print_fault(TT_LAUNCH(different_masks, 1, 32, 0, nullptr, out.data()));
}

__global__ void broken_promise() { __syncthreads(); }

void barrier_in_independent_kernel() { print_fault(TT_LAUNCH_INDEPENDENT(broken_promise, 1, 32, 0, nullptr)); }

__global__ void write_at(int* out, int64_t index) {
  if (blockIdx.x == 1 && threadIdx.x == 3) out[index] = 1;
}

void beyond_allocation() {
  const DeviceArray<int> out(64);
  print_fault(TT_LAUNCH(write_at, 2, 32, 0, nullptr, out.data(), 64));
}

void freed_memory() {
  int* out;
  SUCCEED(cudaMalloc(&out, 256));
  SUCCEED(cudaFree(out));
  print_fault(TT_LAUNCH(write_at, 2, 32, 0, nullptr, out, 0));
}

void null_pointer() {
  const DeviceArray<int> first(1);
  print_fault(TT_LAUNCH(write_at, 2, 32, 0, nullptr, nullptr, 2));
}

void host_memory_in_kernel() {
  std::vector<int> host(64);
  print_fault(TT_LAUNCH(write_at, 2, 32, 0, nullptr, host.data(), 0));
}

void other_device() {
  const DeviceArray<int> out(64);
  SUCCEED(cudaSetDevice(1));
  print_fault(TT_LAUNCH(write_at, 2, 32, 0, nullptr, out.data(), 0));
}

__global__ void shared_at(int* out, int index) {
  TT_SHARED(int, before, [8]);
  TT_SHARED(int, values, [10]);
  before[0] = 0;
  values[0] = 0;
  values[index] = 1;
  out[0] = values[0] + before[0];
}

void beyond_shared_array() {
  const DeviceArray<int> out(1);
  print_fault(TT_LAUNCH(shared_at, 1, 1, 0, nullptr, out.data(), 10));
}

__global__ void dynamic_at(int* out, int index) {
  TT_DYNAMIC_SHARED(int, values);
  out[0] = values[index];
}

void beyond_dynamic_shared() {
  const DeviceArray<int> out(1);
  print_fault(TT_LAUNCH(dynamic_at, 1, 1, 64, nullptr, out.data(), 16));
}

void no_dynamic_shared() {
  const DeviceArray<int> out(1);
  print_fault(TT_LAUNCH(dynamic_at, 1, 1, 0, nullptr, out.data(), 0));
}

__global__ void too_much_shared(int* out) {
  TT_SHARED(int, values, [12289]);
  out[0] = values[0];
}

void static_shared_limit() {
  const DeviceArray<int> out(1);
  print_fault(TT_LAUNCH(too_much_shared, 1, 1, 0, nullptr, out.data()));
}

int consume(volatile char* stack, int depth);
int (*volatile consume_more)(volatile char*, int) = consume;
int consume(volatile char* stack, int depth) {
  volatile char more[1024];
  more[0] = stack[0];
  return depth == 0 ? more[0] : consume_more(more, depth - 1) + more[0];
}

__global__ void overflow_stack(int* out) {
  volatile char begin[1] = {1};
  out[0] = consume_more(begin, 1000);
}

void stack_overflow() {
  const DeviceArray<int> out(1);
  print_fault(TT_LAUNCH(overflow_stack, 1, 1, 0, nullptr, out.data()));
}

// A thread of the process other than the first has no alternate stack for signals from anybody else.
void stack_overflow_in_thread() { std::thread(stack_overflow).join(); }

__global__ void divide(int* out, int by) { out[0] /= by; }

void division_by_zero() {
  const DeviceArray<int> out(1);
  print_fault(TT_LAUNCH(divide, 1, 1, 0, nullptr, out.data(), 0));
}

void host_dereference() {
  int* out;
  SUCCEED(cudaMalloc(&out, 256));
  std::fflush(stdout);
  volatile int* volatile address = out;
  *address = 1;
  std::puts("nothing happened");
}

// A fault that is not ours ends the process as without us.
void foreign_fault() {
  const DeviceArray<int> out(1);
  SUCCEED(TT_LAUNCH(write_number, 1, 1, 0, nullptr, out.data(), 5));
  std::fflush(stdout);
  volatile int* volatile address = nullptr;
  *address = 1;
}

// A consumer on another stream, with or without the wait for the producer's event.
template <bool kWait>
void run_consumer() {
  cudaStream_t producer, consumer;
  SUCCEED(cudaStreamCreateWithFlags(&producer, cudaStreamNonBlocking));
  SUCCEED(cudaStreamCreateWithFlags(&consumer, cudaStreamNonBlocking));
  cudaEvent_t event;
  SUCCEED(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
  const DeviceArray<int> out(std::vector<int>(32, 1));
  SUCCEED(TT_LAUNCH(write_number, 1, 32, 0, producer, out.data(), 2));
  SUCCEED(cudaEventRecord(event, producer));
  if (kWait) SUCCEED(cudaStreamWaitEvent(consumer, event));
  std::vector<int> found(32);
  SUCCEED(cudaMemcpyAsync(found.data(), out.data(), sizeof(int) * 32, cudaMemcpyDeviceToHost, consumer));
  SUCCEED(cudaStreamSynchronize(consumer));
  print_right(found == std::vector<int>(32, 2));
}

void wait_in_place() { run_consumer<true>(); }
void missing_wait() { run_consumer<false>(); }

void missing_synchronization() {
  const DeviceArray<int> out(std::vector<int>(32, 1));
  cudaStream_t stream;
  SUCCEED(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  std::vector<int> found(32, 0);
  SUCCEED(cudaMemcpyAsync(found.data(), out.data(), sizeof(int) * 32, cudaMemcpyDeviceToHost, stream));
  const bool right = found[0] == 1;
  SUCCEED(cudaStreamSynchronize(stream));
  REQUIRE(found[0] == 1);
  print_right(right);
}

// Pinned memory that is used again before the copy from it has been made.
void early_reuse_of_pinned_memory() {
  int* pinned;
  SUCCEED(cudaHostAlloc(&pinned, sizeof(int), cudaHostAllocDefault));
  const DeviceArray<int> out(1);
  cudaStream_t stream;
  SUCCEED(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  *pinned = 1;
  SUCCEED(cudaMemcpyAsync(out.data(), pinned, sizeof(int), cudaMemcpyHostToDevice, stream));
  *pinned = 2;
  print_right(out.values()[0] == 1);
}

// What the call returns, and what is known about it. The device goes on.
void print_refusal(cudaError_t error) {
  std::printf("%d %s\n", error, error == cudaSuccess ? "" : tt_emulation_last_fault());
  SUCCEED(cudaDeviceSynchronize());
}

void memcpy_kind() {
  const DeviceArray<int> out(32);
  std::vector<int> host(32);
  print_refusal(cudaMemcpy(out.data(), host.data(), 128, cudaMemcpyDeviceToHost));
}

void memcpy_beyond() {
  const DeviceArray<int> out(32);
  std::vector<int> host(33);
  print_refusal(cudaMemcpy(host.data(), out.data(), 132, cudaMemcpyDeviceToHost));
}

void memset_beyond() {
  const DeviceArray<int> out(32);
  print_refusal(cudaMemset(out.data() + 1, 0, 128));
}

void double_free() {
  int* out;
  SUCCEED(cudaMalloc(&out, 256));
  SUCCEED(cudaFree(out));
  print_refusal(cudaFree(out));
}

void block_too_large() {
  const DeviceArray<int> out(1);
  print_refusal(TT_LAUNCH(write_number, 1, 1025, 0, nullptr, out.data(), 1));
}

void empty_grid() {
  const DeviceArray<int> out(1);
  print_refusal(TT_LAUNCH(write_number, 0, 32, 0, nullptr, out.data(), 1));
}

void grid_too_high() {
  const DeviceArray<int> out(1);
  print_refusal(TT_LAUNCH(write_number, dim3(1, 65536), 32, 0, nullptr, out.data(), 1));
}

void dynamic_shared_not_allowed() {
  const DeviceArray<int> out(1);
  print_refusal(TT_LAUNCH(dynamic_at, 1, 1, 50000, nullptr, out.data(), 0));
  SUCCEED(cudaFuncSetAttribute(dynamic_at, cudaFuncAttributeMaxDynamicSharedMemorySize, 50000));
  SUCCEED(TT_LAUNCH(dynamic_at, 1, 1, 50000, nullptr, out.data(), 12499));
}

void memory_limit() {
  size_t free, total;
  SUCCEED(cudaMemGetInfo(&free, &total));
  void *first, *second;
  REQUIRE(cudaMalloc(&first, free + 1) == cudaErrorMemoryAllocation);
  REQUIRE(cudaGetLastError() == cudaErrorMemoryAllocation);
  SUCCEED(cudaMalloc(&first, free - 1024));
  const cudaError_t error = cudaMalloc(&second, 2048);
  SUCCEED(cudaMalloc(&second, 1024));
  // The other device has its own.
  SUCCEED(cudaSetDevice(1));
  void* third;
  SUCCEED(cudaMalloc(&third, 2048));
  SUCCEED(cudaFree(first));
  SUCCEED(cudaSetDevice(0));
  SUCCEED(cudaMalloc(&first, 2048));
  std::printf("%zu %d\n", total, error);
}

// The host function runs inside a stream: it may not call the runtime.
std::atomic<int> seen_in_host_function{-1};
void call_from_host_function() {
  SUCCEED(cudaLaunchHostFunc(
      nullptr, [](void*) { seen_in_host_function = cudaDeviceSynchronize(); }, nullptr));
  SUCCEED(cudaDeviceSynchronize());
  std::printf("%d\n", seen_in_host_function.load());
}

void failing_call() {
  for (int call = 1; call <= 3; ++call) {
    void* pointer = nullptr;
    std::printf("%d ", cudaMalloc(&pointer, 64));
  }
  tt_emulation_fail(2, cudaErrorMemoryAllocation);
  for (int call = 1; call <= 3; ++call) {
    void* pointer = nullptr;
    std::printf("%d ", cudaMalloc(&pointer, 64));
  }
  std::puts("");
}

void devices() {
  int count = -1;
  const cudaError_t error = cudaGetDeviceCount(&count);
  std::printf("%d %d %s\n", error, count, tt_emulation_last_fault());
}

}  // namespace
}  // namespace tt::test

int main(int argc, char** argv) {
  using namespace tt::test;
  const Case cases[] = {
      {"barrier in place", barrier_in_place},
      {"missing barrier", missing_barrier},
      {"block order", block_order},
      {"divergent barrier", divergent_barrier},
      {"absent lane", absent_lane},
      {"mask without oneself", mask_without_oneself},
      {"mask beyond block", mask_beyond_block},
      {"masks that differ", masks_that_differ},
      {"barrier in independent kernel", barrier_in_independent_kernel},
      {"beyond allocation", beyond_allocation},
      {"freed memory", freed_memory},
      {"null pointer", null_pointer},
      {"host memory in kernel", host_memory_in_kernel},
      {"other device", other_device},
      {"beyond shared array", beyond_shared_array},
      {"beyond dynamic shared", beyond_dynamic_shared},
      {"no dynamic shared", no_dynamic_shared},
      {"static shared limit", static_shared_limit},
      {"stack overflow", stack_overflow},
      {"stack overflow in thread", stack_overflow_in_thread},
      {"division by zero", division_by_zero},
      {"host dereference", host_dereference},
      {"foreign fault", foreign_fault},
      {"wait in place", wait_in_place},
      {"missing wait", missing_wait},
      {"missing synchronization", missing_synchronization},
      {"early reuse of pinned memory", early_reuse_of_pinned_memory},
      {"memcpy kind", memcpy_kind},
      {"memcpy beyond", memcpy_beyond},
      {"memset beyond", memset_beyond},
      {"double free", double_free},
      {"block too large", block_too_large},
      {"empty grid", empty_grid},
      {"grid too high", grid_too_high},
      {"dynamic shared not allowed", dynamic_shared_not_allowed},
      {"memory limit", memory_limit},
      {"call from host function", call_from_host_function},
      {"failing call", failing_call},
      {"devices", devices},
  };
  return run_case(cases, argc, argv);
}
