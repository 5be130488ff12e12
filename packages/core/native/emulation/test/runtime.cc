// The runtime's calls do what CUDA says they do, however the streams are run.
#include <atomic>
#include <cstring>
#include <string>
#include <thread>

#include "support.h"

namespace tt::test {
namespace {

// The i-th element becomes factor * it + addend, so that the order of launches shows.
__global__ void scale(float* values, int count, float factor, float addend) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x)
    values[i] = factor * values[i] + addend;
}

cudaStream_t new_stream() {
  cudaStream_t stream;
  SUCCEED(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  return stream;
}
cudaEvent_t new_event(unsigned flags = cudaEventDisableTiming) {
  cudaEvent_t event;
  SUCCEED(cudaEventCreateWithFlags(&event, flags));
  return event;
}

void order_in_a_stream() {
  const int n = 100;
  const DeviceArray<float> values(std::vector<float>(n, 1));
  const cudaStream_t stream = new_stream();
  std::vector<float> found(n);
  for (int step = 1; step <= 5; ++step) SUCCEED(TT_LAUNCH(scale, 2, 32, 0, stream, values.data(), n, 2, float(step)));
  SUCCEED(cudaMemcpyAsync(found.data(), values.data(), n * sizeof(float), cudaMemcpyDeviceToHost, stream));
  SUCCEED(cudaStreamSynchronize(stream));
  REQUIRE(found == std::vector<float>(n, 89));
  SUCCEED(cudaStreamDestroy(stream));
  REQUIRE(cudaStreamSynchronize(stream) == cudaErrorInvalidResourceHandle);
}

// A chain over several streams that is held together by events alone; each event is used again.
void events_between_streams() {
  const int n = 10;
  const DeviceArray<float> values(std::vector<float>(n, 1));
  const cudaStream_t streams[] = {new_stream(), new_stream(), new_stream()};
  const cudaEvent_t event = new_event();
  float expected = 1;
  for (int step = 0; step < 9; ++step) {
    const cudaStream_t stream = streams[step % 3];
    if (step > 0) SUCCEED(cudaStreamWaitEvent(stream, event));
    SUCCEED(TT_LAUNCH(scale, 1, 32, 0, stream, values.data(), n, 2, float(step)));
    SUCCEED(cudaEventRecord(event, stream));
    expected = 2 * expected + float(step);
  }
  SUCCEED(cudaEventSynchronize(event));
  SUCCEED(cudaEventQuery(event));
  std::vector<float> found(n);
  SUCCEED(cudaMemcpy(found.data(), values.data(), n * sizeof(float), cudaMemcpyDeviceToHost));
  REQUIRE(found == std::vector<float>(n, expected));
}

// Who only asks gets an answer in the end.
void queries() {
  const DeviceArray<float> values(std::vector<float>(1, 1));
  const cudaStream_t stream = new_stream();
  const cudaEvent_t event = new_event();
  SUCCEED(cudaEventQuery(event));  // never recorded
  SUCCEED(cudaStreamQuery(stream));
  SUCCEED(TT_LAUNCH(scale, 1, 1, 0, stream, values.data(), 1, 2, 0));
  SUCCEED(cudaEventRecord(event, stream));
  SUCCEED(TT_LAUNCH(scale, 1, 1, 0, stream, values.data(), 1, 2, 0));
  while (cudaEventQuery(event) != cudaSuccess) REQUIRE(cudaGetLastError() == cudaErrorNotReady);
  while (cudaStreamQuery(stream) != cudaSuccess) REQUIRE(cudaGetLastError() == cudaErrorNotReady);
  REQUIRE(values.values()[0] == 4);
}

void event_times() {
  const cudaStream_t stream = new_stream();
  const cudaEvent_t start = new_event(cudaEventDefault);
  const cudaEvent_t end = new_event(cudaEventDefault);
  float milliseconds = -1;
  REQUIRE(cudaEventElapsedTime(&milliseconds, start, end) == cudaErrorInvalidResourceHandle);
  SUCCEED(cudaEventRecord(start, stream));
  SUCCEED(cudaLaunchHostFunc(
      stream, [](void*) { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }, nullptr));
  SUCCEED(cudaEventRecord(end, stream));
  SUCCEED(cudaStreamSynchronize(stream));
  SUCCEED(cudaEventElapsedTime(&milliseconds, start, end));
  REQUIRE(milliseconds >= 5 && milliseconds < 5000);
  const cudaEvent_t untimed = new_event();
  SUCCEED(cudaEventRecord(untimed, stream));
  SUCCEED(cudaStreamSynchronize(stream));
  REQUIRE(cudaEventElapsedTime(&milliseconds, start, untimed) == cudaErrorInvalidResourceHandle);
  SUCCEED(cudaEventDestroy(untimed));
  REQUIRE(cudaEventQuery(untimed) == cudaErrorInvalidResourceHandle);
}

void host_functions() {
  const cudaStream_t stream = new_stream();
  std::string said;
  SUCCEED(cudaLaunchHostFunc(
      stream, [](void* text) { *static_cast<std::string*>(text) += "a"; }, &said));
  SUCCEED(cudaLaunchHostFunc(
      stream, [](void* text) { *static_cast<std::string*>(text) += "b"; }, &said));
  const auto append_c = [](void* text) {
    *static_cast<std::string*>(text) += "c";
    return 0;
  };
  REQUIRE(tt_emulation_submit(stream, append_c, &said) == cudaSuccess);
  SUCCEED(cudaStreamSynchronize(stream));
  REQUIRE(said == "abc");
}

// A destroyed stream, and a destroyed event that others wait for, still do their work.
void destroyed_handles() {
  const DeviceArray<float> values(std::vector<float>(1, 1));
  const cudaStream_t producer = new_stream();
  const cudaStream_t consumer = new_stream();
  const cudaEvent_t event = new_event();
  SUCCEED(TT_LAUNCH(scale, 1, 1, 0, producer, values.data(), 1, 3, 0));
  SUCCEED(cudaEventRecord(event, producer));
  SUCCEED(cudaStreamWaitEvent(consumer, event));
  SUCCEED(cudaEventDestroy(event));
  SUCCEED(cudaStreamDestroy(producer));
  SUCCEED(TT_LAUNCH(scale, 1, 1, 0, consumer, values.data(), 1, 1, 1));
  SUCCEED(cudaStreamSynchronize(consumer));
  REQUIRE(values.values()[0] == 4);
}

void copies() {
  const std::vector<float> values = counting(60, 100);
  const DeviceArray<float> source(values);
  const DeviceArray<float> target(std::vector<float>(60, -1));
  const size_t width = 3 * sizeof(float);
  // Columns 2 to 4 of a matrix of 6 by 10.
  SUCCEED(cudaMemcpy2DAsync(target.data(), width, source.data() + 2, 10 * sizeof(float), width, 6,
                            cudaMemcpyDeviceToDevice));
  const std::vector<float> found = target.values();
  for (int row = 0; row < 6; ++row)
    for (int column = 0; column < 3; ++column) REQUIRE(found[row * 3 + column] == row * 10 + column + 2);
  REQUIRE(found[18] == -1);
  REQUIRE(cudaMemcpy2DAsync(target.data(), 4, source.data(), 40, width, 6, cudaMemcpyDefault) ==
          cudaErrorInvalidPitchValue);
  REQUIRE(cudaMemcpy2DAsync(target.data(), 40, source.data() + 2, 40, 40, 6, cudaMemcpyDefault) ==
          cudaErrorInvalidValue);
  SUCCEED(cudaMemset(target.data() + 1, 0, 8));
  REQUIRE(target.values()[0] == 2 && target.values()[1] == 0 && target.values()[2] == 0 && target.values()[3] == 12);
  // Ordinary host memory may be used again at once.
  std::vector<float> reused(60, 5);
  SUCCEED(cudaMemcpyAsync(target.data(), reused.data(), 240, cudaMemcpyHostToDevice));
  reused.assign(60, 6);
  REQUIRE(target.values() == std::vector<float>(60, 5));
}

void several_devices() {
  const DeviceArray<float> first(std::vector<float>(4, 1));
  int device, count, can;
  SUCCEED(cudaGetDeviceCount(&count));
  REQUIRE(count == 2);
  SUCCEED(cudaDeviceCanAccessPeer(&can, 0, 1));
  REQUIRE(can == 1);
  const cudaStream_t of_first = new_stream();
  SUCCEED(cudaSetDevice(1));
  SUCCEED(cudaGetDevice(&device));
  REQUIRE(device == 1);
  REQUIRE(cudaSetDevice(2) == cudaErrorInvalidDevice);
  REQUIRE(cudaGetLastError() == cudaErrorInvalidDevice);
  REQUIRE(cudaGetLastError() == cudaSuccess);
  const DeviceArray<float> second(std::vector<float>(4, 2));
  cudaPointerAttributes attributes;
  SUCCEED(cudaPointerGetAttributes(&attributes, second.data()));
  REQUIRE(attributes.type == cudaMemoryTypeDevice && attributes.device == 1);
  // A stream of another device takes copies, not kernels.
  REQUIRE(TT_LAUNCH(scale, 1, 1, 0, of_first, second.data(), 1, 1, 1) == cudaErrorInvalidResourceHandle);
  SUCCEED(cudaMemcpyPeerAsync(second.data(), 1, first.data(), 0, 8, of_first));
  SUCCEED(cudaStreamSynchronize(of_first));
  REQUIRE(second.values() == std::vector<float>{1, 1, 2, 2});
  REQUIRE(cudaMemcpyPeerAsync(second.data(), 0, first.data(), 1, 8) == cudaErrorInvalidValue);
  // With access to the peer, kernels reach its memory.
  SUCCEED(cudaDeviceEnablePeerAccess(0, 0));
  REQUIRE(cudaDeviceEnablePeerAccess(0, 0) == cudaErrorPeerAccessAlreadyEnabled);
  SUCCEED(TT_LAUNCH(scale, 1, 1, 0, nullptr, first.data(), 4, 10, 0));
  REQUIRE(first.values() == std::vector<float>(4, 10));
  SUCCEED(cudaSetDevice(0));
}

void pinned_memory() {
  float* pinned;
  SUCCEED(cudaHostAlloc(&pinned, 4 * sizeof(float), cudaHostAllocDefault));
  pinned[0] = 3;
  cudaPointerAttributes attributes;
  SUCCEED(cudaPointerGetAttributes(&attributes, pinned + 1));
  REQUIRE(attributes.type == cudaMemoryTypeHost);
  SUCCEED(cudaPointerGetAttributes(&attributes, &attributes));
  REQUIRE(attributes.type == cudaMemoryTypeUnregistered);
  SUCCEED(TT_LAUNCH(scale, 1, 1, 0, nullptr, pinned, 1, 2, 1));
  SUCCEED(cudaDeviceSynchronize());
  REQUIRE(pinned[0] == 7);
  SUCCEED(cudaFreeHost(pinned));
  REQUIRE(cudaFreeHost(pinned) == cudaErrorInvalidValue);
}

void memory_is_used_again() {
  size_t before, after, total;
  SUCCEED(cudaMemGetInfo(&before, &total));
  unsigned random = 1;
  std::vector<char*> live;
  for (int step = 0; step < 1000; ++step) {
    random = random * 1664525 + 1013904223;
    if (live.size() > 20 && random >> 31) {
      const size_t chosen = random / 7 % live.size();
      SUCCEED(cudaFree(live[chosen]));
      live.erase(live.begin() + static_cast<ptrdiff_t>(chosen));
      continue;
    }
    char* pointer;
    const size_t bytes = 1 + random / 3 % 100000;
    SUCCEED(cudaMalloc(&pointer, bytes));
    SUCCEED(cudaMemsetAsync(pointer, 1, bytes));
    live.push_back(pointer);
  }
  for (char* pointer : live) SUCCEED(cudaFree(pointer));
  SUCCEED(cudaMemGetInfo(&after, &total));
  REQUIRE(before == after);
}

// Kernels, copies and host functions from several threads of the process at once.
void threads() {
  std::atomic<int> host_calls{0};
  const auto work = [&](int number) {
    SUCCEED(cudaSetDevice(number % 2));
    const int n = 50;
    const cudaStream_t stream = new_stream();
    const DeviceArray<float> values(std::vector<float>(n, 1));
    for (int step = 0; step < 50; ++step) {
      SUCCEED(TT_LAUNCH(scale, 2, 32, 0, stream, values.data(), n, 1, float(number)));
      SUCCEED(cudaLaunchHostFunc(
          stream, [](void* count) { ++*static_cast<std::atomic<int>*>(count); }, &host_calls));
      if (step % 10 == 9) SUCCEED(cudaStreamSynchronize(stream));
    }
    std::vector<float> found(n);
    SUCCEED(cudaMemcpyAsync(found.data(), values.data(), n * sizeof(float), cudaMemcpyDeviceToHost, stream));
    SUCCEED(cudaStreamSynchronize(stream));
    REQUIRE(found == std::vector<float>(n, float(1 + 50 * number)));
  };
  std::vector<std::thread> workers;
  for (int number = 0; number < 4; ++number) workers.emplace_back(work, number);
  for (std::thread& worker : workers) worker.join();
  REQUIRE(host_calls == 200);
}

void attributes() {
  int value;
  SUCCEED(cudaDeviceGetAttribute(&value, cudaDevAttrMaxThreadsPerBlock, 1));
  REQUIRE(value == 1024);
  char bus[16];
  SUCCEED(cudaDeviceGetPCIBusId(bus, sizeof bus, 1));
  REQUIRE(std::strcmp(bus, "0000:02:00.0") == 0);
  SUCCEED(cudaRuntimeGetVersion(&value));
  REQUIRE(value >= 13000);
  SUCCEED(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&value, scale, 256, 0));
  REQUIRE(value == 8);
  cudaFuncAttributes function;
  SUCCEED(cudaFuncGetAttributes(&function, scale));
  REQUIRE(function.maxThreadsPerBlock == 1024);
  REQUIRE(std::string(cudaGetErrorName(cudaErrorIllegalAddress)) == "cudaErrorIllegalAddress");
  REQUIRE(std::string(cudaGetErrorString(cudaErrorMemoryAllocation)) == "out of memory");
}

}  // namespace
}  // namespace tt::test

int main(int argc, char** argv) {
  using namespace tt::test;
  const Case cases[] = {{"order in a stream", order_in_a_stream},
                        {"events between streams", events_between_streams},
                        {"queries", queries},
                        {"event times", event_times},
                        {"host functions", host_functions},
                        {"destroyed handles", destroyed_handles},
                        {"copies", copies},
                        {"several devices", several_devices},
                        {"pinned memory", pinned_memory},
                        {"memory is used again", memory_is_used_again},
                        {"threads", threads},
                        {"attributes", attributes}};
  if (argc > 1) return run_case(cases, argc, argv);
  for (const Case& one : cases) one.run();
  return 0;
}
