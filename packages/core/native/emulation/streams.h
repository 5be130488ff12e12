// Work in order within a stream, and between streams only as events say.
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "cuda_runtime.h"
#include "settings.h"

// One recording of an event: later recordings do not touch it.
struct Recording {
  bool done = false;
  std::chrono::steady_clock::time_point time;
  std::shared_ptr<CUstream_st> stream;
};

struct Operation {
  enum class Kind { run, call_host, record, wait };
  Kind kind;
  std::function<cudaError_t()> function;  // of run and call_host
  std::shared_ptr<Recording> recording;   // of record and wait
};

struct CUstream_st {
  int device;
  int priority;
  std::deque<Operation> pending;
  bool running = false;  // its first operation, without the lock
};

struct CUevent_st {
  int device;
  bool timed;
  std::shared_ptr<Recording> last;  // nullptr: never recorded
};

namespace tt::emulation {

using Lock = std::unique_lock<std::mutex>;
using StreamPointer = std::shared_ptr<CUstream_st>;

// All under the runtime's lock.
class Streams {
 public:
  explicit Streams(int devices);

  cudaStream_t create(int device, int priority);
  // What was submitted is still done.
  bool destroy(cudaStream_t stream);
  // nullptr: no such stream. A null handle is the default stream of `device`.
  StreamPointer find(cudaStream_t stream, int device) const;

  // Runs it now or later, as the settings say.
  void submit(const StreamPointer& stream, Operation operation, Lock& lock);
  bool idle(const StreamPointer& stream) const { return stream->pending.empty() && !stream->running; }
  // Runs what must be done before the stream, the recording or the device (-1: all devices) is done.
  void finish(const StreamPointer& stream, Lock& lock);
  void finish(const std::shared_ptr<Recording>& recording, Lock& lock);
  void finish_device(int device, Lock& lock);
  // One step towards it, for who asks whether it is done: a loop of questions ends.
  void advance(const StreamPointer& stream, Lock& lock);

  void drop_pending();
  // The first error of an operation; nothing is run from then on.
  cudaError_t error = cudaSuccess;

 private:
  void finish_until(const StreamPointer& stream, const std::function<bool()>& done, Lock& lock);
  bool blocked(const CUstream_st& stream) const;
  StreamPointer choose(const StreamPointer& wanted);
  void run_first(const StreamPointer& stream, Lock& lock);

  std::vector<StreamPointer> defaults_;
  std::unordered_map<cudaStream_t, StreamPointer> handles_;
  std::vector<StreamPointer> busy_;  // with pending operations, in order of their first
  std::condition_variable changed_;
  Shuffler shuffler_{settings().seed};
};

// Whether the calling thread runs an operation: then it may not call the runtime.
bool inside_operation();

}  // namespace tt::emulation
