#include "device.h"

#include <array>
#include <atomic>
#include <mutex>
#include <vector>

#include "../checks/linalg.h"
#include "error_record.h"

namespace tt::cuda {
namespace {

constexpr int kMaxDevices = 16;
// As in PyTorch: programs that make more share them, in turn.
constexpr int kMostStreams = 32;

struct Device {
  std::mutex mutex;
  std::array<cudaStream_t, 1 + kMostStreams> streams{};
  int made = 0;        // streams that exist, the default one included
  int handed_out = 0;  // calls of create_stream
  ErrorRecord* record = nullptr;
  int multiprocessors = 1;
  std::atomic<bool> ready{false};
};

// Never destroyed: worker threads may still run kernels while the process exits.
auto& devices = *new std::array<Device, kMaxDevices>();

thread_local int runtime_device = -1;
thread_local std::array<int, kMaxDevices> current_streams{};
thread_local int op_running = -1;

cudaStream_t make_stream(int priority) {
  cudaStream_t stream;
  check(cudaStreamCreateWithPriority(&stream, cudaStreamNonBlocking, priority), "creating a stream");
  return stream;
}

// The first use of a device makes its default stream and its record of errors.
Device& prepared(int index) {
  Device& device = devices[index];
  if (device.ready.load(std::memory_order_acquire)) return device;
  std::lock_guard lock(device.mutex);
  if (device.ready.load()) return device;
  device.streams[0] = make_stream(0);
  device.made = 1;
  void* record;
  check(cudaHostAlloc(&record, sizeof(ErrorRecord), cudaHostAllocMapped | cudaHostAllocPortable),
        "allocating the record of errors");
  device.record = new (record) ErrorRecord{};
  check(cudaDeviceGetAttribute(&device.multiprocessors, cudaDevAttrMultiProcessorCount, index), "reading a property");
  device.ready.store(true, std::memory_order_release);
  return device;
}

std::string describe(const ErrorRecord& record) {
  const auto& v = record.values;
  std::ostringstream text;
  switch (record.error) {
    case KernelError::IndexOutOfRange:
      text << "index " << v[0] << " is out of bounds for dimension " << v[1] << " with size " << v[2];
      break;
    case KernelError::DivisionByZero:
      text << "integers cannot be divided by 0";
      break;
    case KernelError::OutsideOfPlane:
      text << "index " << v[0] << " is outside of a plane of " << v[1] << " elements";
      break;
    case KernelError::TargetOutOfRange:
      text << "target " << v[0] << " is out of bounds for " << v[1] << " classes";
      break;
    case KernelError::SelectedCount:
      text << v[0] << " elements are selected for an output of " << v[1];
      break;
    case KernelError::SourceTooShort:
      text << "the mask has more true elements than the source's " << v[1];
      break;
    case KernelError::NonzeroCount:
      text << v[0] << " elements are nonzero, for an output of " << v[1];
      break;
    case KernelError::BadProbability:
      text << "expected probabilities of at least 0, got " << bit_cast<double>(v[0]);
      break;
    case KernelError::NoProbability:
      text << "the probabilities add up to 0";
      break;
    case KernelError::FewProbabilities:
      text << "cannot draw " << v[0] << " categories without replacement: only " << v[1]
           << " have a probability above 0";
      break;
    case KernelError::NotFinite:
      text << linalg::kNotFinite;
      break;
    case KernelError::PivotOutOfRange:
      text << linalg::pivot_text(v[0], v[1]);
      break;
    case KernelError::BadLdlPivot:
      text << linalg::ldl_pivot_text(v[0], v[1], v[2]);
      break;
    case KernelError::NoResult:
      text << linalg::failure_text(static_cast<linalg::Algorithm>(v[0]), v[1]);
      break;
    default:
      text << "a kernel met the invalid value " << v[0];
  }
  return text.str();
}

ErrorKind kind_of(KernelError error) {
  switch (error) {
    case KernelError::IndexOutOfRange:
    case KernelError::OutsideOfPlane:
    case KernelError::TargetOutOfRange:
    case KernelError::PivotOutOfRange:
      return ErrorKind::Index;
    case KernelError::SelectedCount:
    case KernelError::SourceTooShort:
    case KernelError::NonzeroCount:
      return ErrorKind::Shape;
    case KernelError::NotFinite:
    case KernelError::NoResult:
      return ErrorKind::Linalg;
    default:
      return ErrorKind::Value;
  }
}

}  // namespace

void check(cudaError_t status, const char* what) {
  if (__builtin_expect(status == cudaSuccess, 1)) return;
  cudaGetLastError();  // what is not sticky is taken as reported
  fail(status == cudaErrorMemoryAllocation ? ErrorKind::OutOfMemory : ErrorKind::Device, what, ": ",
       cudaGetErrorString(status), " (", cudaGetErrorName(status), ")");
}

void require_driver() {
  int found = 0;
  const cudaError_t status = cudaGetDeviceCount(&found);
  cudaGetLastError();
  require(status == cudaSuccess, ErrorKind::Device, "no CUDA device can be used: ", cudaGetErrorString(status));
  require(found > 0, ErrorKind::Device, "no CUDA device was found");
}

int device_count() {
  static const int count = [] {
    int found = 0;
    const cudaError_t status = cudaGetDeviceCount(&found);
    cudaGetLastError();
    return status == cudaSuccess ? std::min(found, kMaxDevices) : 0;
  }();
  return count;
}

std::string describe_device(int device) {
#if TT_EMULATED
  return "emulated device " + std::to_string(device);
#else
  cudaDeviceProp properties;
  check(cudaGetDeviceProperties(&properties, device), "reading the device's properties");
  return properties.name;
#endif
}

void use_device(int device) {
  require(device >= 0 && device < device_count(), ErrorKind::Device, "there is no cuda:", device, "; ", device_count(),
          " devices were found");
  if (runtime_device != device) {
    check(cudaSetDevice(device), "choosing a device");
    runtime_device = device;
  }
  prepared(device);
}

int current_device() { return runtime_device; }

int create_stream(int index, int priority) {
  use_device(index);
  Device& device = devices[index];
  std::lock_guard lock(device.mutex);
  const int number = 1 + device.handed_out % kMostStreams;
  if (number == device.made) device.streams[device.made++] = make_stream(priority);
  ++device.handed_out;
  return number;
}

cudaStream_t stream_of(int index, int stream) {
  use_device(index);
  Device& device = devices[index];
  std::lock_guard lock(device.mutex);
  require(stream >= 0 && stream < device.made, ErrorKind::Value, "cuda:", index, " has no stream ", stream);
  return device.streams[stream];
}

int current_stream_number(int device) { return current_streams[device]; }

void set_current_stream(int device, int stream) {
  stream_of(device, stream);
  current_streams[device] = stream;
}

cudaStream_t current_stream() { return devices[runtime_device].streams[current_streams[runtime_device]]; }

void synchronize(int device) {
  use_device(device);
  check(cudaDeviceSynchronize(), "waiting for the device");
  throw_reported(device, -1);
}

unsigned resident_blocks(unsigned threads) {
  constexpr unsigned kThreadsOfMultiprocessor = 2048;
  return static_cast<unsigned>(devices[runtime_device].multiprocessors) * (kThreadsOfMultiprocessor / threads);
}

// --- The record of errors --------------------------------------------------------------------------------------------

Reporter reporter() { return {devices[runtime_device].record, op_running}; }

void throw_reported(int index, int op) {
  Device& device = devices[index];
  if (!device.ready.load(std::memory_order_acquire)) return;
  volatile ErrorRecord* shared = device.record;
  if (shared->ready == 0) [[likely]]
    return;
  std::lock_guard lock(device.mutex);
  if (shared->ready == 0) return;
  const ErrorRecord record = *device.record;
  shared->ready = 0;
  shared->claimed = 0;
  const ErrorKind kind = kind_of(record.error);
  if (record.op == op) fail(kind, describe(record));
  fail(kind, "an earlier ", name_of_op(record.op), " on cuda:", index, " failed: ", describe(record));
}

void throw_reported_so_far() {
  check(cudaStreamSynchronize(current_stream()), "running a kernel");
  throw_reported(runtime_device, op_running);
}

void set_running_op(int op) { op_running = op; }
int running_op() { return op_running; }

}  // namespace tt::cuda
