#include "streams.h"

#include <algorithm>

namespace tt::emulation {
namespace {

thread_local bool inside = false;

struct Inside {
  Inside() { inside = true; }
  ~Inside() { inside = false; }
};

}  // namespace

bool inside_operation() { return inside; }

Streams::Streams(int devices) {
  for (int device = 0; device < devices; ++device) defaults_.push_back(std::make_shared<CUstream_st>(device, 0));
}

cudaStream_t Streams::create(int device, int priority) {
  const auto stream = std::make_shared<CUstream_st>(device, priority);
  handles_[stream.get()] = stream;
  return stream.get();
}

bool Streams::destroy(cudaStream_t stream) { return handles_.erase(stream) > 0; }

StreamPointer Streams::find(cudaStream_t stream, int device) const {
  if (!stream) return defaults_[static_cast<size_t>(device)];
  const auto found = handles_.find(stream);
  return found == handles_.end() ? nullptr : found->second;
}

void Streams::submit(const StreamPointer& stream, Operation operation, Lock& lock) {
  if (idle(stream)) busy_.push_back(stream);
  stream->pending.push_back(std::move(operation));
  if (settings().streams == StreamMode::immediate) finish(stream, lock);
}

void Streams::finish(const StreamPointer& stream, Lock& lock) {
  finish_until(
      stream, [&] { return idle(stream); }, lock);
}

void Streams::finish(const std::shared_ptr<Recording>& recording, Lock& lock) {
  finish_until(
      recording->stream, [&] { return recording->done; }, lock);
}

void Streams::finish_device(int device, Lock& lock) {
  for (;;) {
    const auto found = std::find_if(busy_.begin(), busy_.end(), [&](const StreamPointer& stream) {
      return device < 0 || stream->device == device;
    });
    if (found == busy_.end()) return;
    const StreamPointer stream = *found;
    finish(stream, lock);
  }
}

void Streams::finish_until(const StreamPointer& stream, const std::function<bool()>& done, Lock& lock) {
  while (!done()) {
    if (const StreamPointer chosen = choose(stream))
      run_first(chosen, lock);
    else
      changed_.wait(lock);  // another thread runs the operation that all others wait for
  }
}

void Streams::advance(const StreamPointer& stream, Lock& lock) {
  if (const StreamPointer chosen = choose(stream)) run_first(chosen, lock);
}

bool Streams::blocked(const CUstream_st& stream) const {
  const Operation& first = stream.pending.front();
  return first.kind == Operation::Kind::wait && !first.recording->done;
}

// Whose first operation is run next so that `wanted` gets on; nullptr: none can be.
StreamPointer Streams::choose(const StreamPointer& wanted) {
  if (settings().streams != StreamMode::shuffled) {
    StreamPointer stream = wanted;
    while (!stream->pending.empty() && blocked(*stream)) stream = stream->pending.front().recording->stream;
    return stream->running || stream->pending.empty() ? nullptr : stream;
  }
  std::vector<StreamPointer> ready;
  for (const StreamPointer& stream : busy_)
    if (!stream->running && !stream->pending.empty() && !blocked(*stream)) ready.push_back(stream);
  return ready.empty() ? nullptr : ready[shuffler_.below(ready.size())];
}

void Streams::run_first(const StreamPointer& stream, Lock& lock) {
  const Operation operation = std::move(stream->pending.front());
  stream->pending.pop_front();
  switch (operation.kind) {
    case Operation::Kind::run:
      if (error == cudaSuccess) {
        const Inside here;
        error = operation.function();
      }
      break;
    case Operation::Kind::call_host:
      // A host function may wait for a lock whose holder calls the runtime.
      stream->running = true;
      lock.unlock();
      {
        const Inside here;
        operation.function();
      }
      lock.lock();
      stream->running = false;
      break;
    case Operation::Kind::record:
      operation.recording->time = std::chrono::steady_clock::now();
      operation.recording->done = true;
      break;
    case Operation::Kind::wait:
      break;
  }
  if (idle(stream)) std::erase(busy_, stream);
  changed_.notify_all();
}

void Streams::drop_pending() {
  for (const StreamPointer& stream : busy_) {
    for (const Operation& operation : stream->pending)
      if (operation.kind == Operation::Kind::record) operation.recording->done = true;
    stream->pending.clear();
  }
  std::erase_if(busy_, [&](const StreamPointer& stream) { return idle(stream); });
  changed_.notify_all();
}

}  // namespace tt::emulation
