#include "scheduler.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <deque>
#include <numeric>
#include <vector>

#include "device_memory.h"
#include "fault.h"
#include "fiber.h"
#include "race_check.h"
#include "settings.h"
#include "shared_memory.h"

namespace tt::emulation {
namespace {

// A stack, and the thread that it runs or that waits on it.
struct Worker {
  explicit Worker(void (*entry)()) : fiber(entry) {}
  Fiber fiber;
  Thread thread{};
  void* context = nullptr;  // for race_check
};

struct Lane {
  Worker* worker;
  unsigned mask;
  WarpCall call;
  unsigned source;
  uint64_t value;
  uint64_t result;
};

struct Warp {
  unsigned arrived = 0;
  unsigned round = 0;  // how many collectives it has completed
  char rounds[2];      // what race_check orders even and odd ones by
  Lane lanes[32];
};

class Scheduler {
 public:
  cudaError_t run(const Grid& grid, const void* parameters);
  Votes barrier(bool vote);
  uint64_t collective(WarpCall call, unsigned mask, uint64_t value, unsigned source_lane);
  [[noreturn]] void abandon(cudaError_t error, const std::string& text);
  std::string place() const;
  bool runs_on_this_thread() const { return running_ && pthread_equal(host_, pthread_self()); }
  bool overflowed_at(const void* address) const { return current_ && current_->fiber.overflowed_at(address); }
  Worker* current() { return current_; }
  const Grid& grid() const { return *grid_; }

 private:
  static void work();
  Worker* end_work();
  void prepare(const Grid& grid, const void* parameters);
  void start_block(uint64_t number);
  void start_contexts();
  Worker* idle_worker();
  Worker* next_ready();
  Worker* next();
  Worker* next_unwatched();
  void go_to(Worker* to);
  void wait(Worker* to);
  Worker* arrive(bool vote);
  void open_barrier();
  void complete(Warp& warp, unsigned mask);
  uint64_t result_of(const Warp& warp, const Lane& lane) const;
  void report_deadlock();
  unsigned lanes_waiting() const;
  void forget();

  const Grid* grid_ = nullptr;
  const void* parameters_ = nullptr;
  std::atomic<bool> running_{false};
  pthread_t host_{};
  cudaError_t error_ = cudaSuccess;

  Fiber host_fiber_;
  std::deque<Worker> workers_;
  Worker* current_ = nullptr;  // nullptr: the host
  std::vector<Worker*> idle_;
  std::vector<Worker*> spent_;  // done with this block
  std::vector<void*> contexts_;
  size_t next_context_ = 0;
  void* host_context_ = nullptr;
  std::vector<Worker*> ready_;
  size_t ready_begin_ = 0;
  std::vector<Worker*> at_barrier_;
  unsigned in_favour_ = 0;
  Votes votes_{};
  unsigned round_ = 0;  // how many barriers have opened
  char rounds_[2]{};    // what race_check orders even and odd ones by
  std::vector<Warp> warps_;
  bool warps_used_ = false;

  dim3 ordered_for_{0, 0, 0};
  std::vector<Thread> threads_;
  Shuffler shuffler_{settings().seed};
};

// Never destroyed: threads of the process may still be inside a kernel when it ends.
Scheduler& scheduler() {
  static Scheduler* const found = new Scheduler;
  return *found;
}

void Scheduler::work() {
  Scheduler& self = scheduler();
  for (;;) {
    race_check::acquire(&self.host_context_);
    // To race_check every thread has a stack of its own.
    thread_queue.stop = race_check::enabled ? thread_queue.next + 1 : thread_queue.count;
    self.grid_->run(self.parameters_);
    self.go_to(self.end_work());
  }
}

Worker* Scheduler::end_work() {
  race_check::release(&thread_queue);
  const race_check::Unwatched here;
  (race_check::enabled ? spent_ : idle_).push_back(current_);
  return next();
}

void Scheduler::prepare(const Grid& grid, const void* parameters) {
  grid_ = &grid;
  parameters_ = parameters;
  error_ = cudaSuccess;
  blockDim = grid.block;
  gridDim = grid.grid;
  const dim3 block = grid.block;
  if (block.x == ordered_for_.x && block.y == ordered_for_.y && block.z == ordered_for_.z) return;
  ordered_for_ = block;
  threads_.clear();
  for (unsigned z = 0; z < block.z; ++z)
    for (unsigned y = 0; y < block.y; ++y)
      for (unsigned x = 0; x < block.x; ++x) threads_.push_back({{x, y, z}, static_cast<unsigned>(threads_.size())});
  if (settings().order == Order::reverse) std::reverse(threads_.begin(), threads_.end());
}

void Scheduler::start_block(uint64_t number) {
  blockIdx = {static_cast<unsigned>(number % gridDim.x), static_cast<unsigned>(number / gridDim.x % gridDim.y),
              static_cast<unsigned>(number / gridDim.x / gridDim.y)};
  if (settings().order == Order::shuffle)
    for (size_t left = threads_.size(); left > 1; --left)
      std::swap(threads_[left - 1], threads_[shuffler_.below(left)]);
  start_shared_memory(grid_->shared_bytes);
  thread_queue = {threads_.data(), static_cast<unsigned>(threads_.size()), 0, 0, 0, 0};
  if (warps_used_) {
    warps_.clear();
    warps_used_ = false;
  }
  if constexpr (race_check::enabled) start_contexts();
}

// Makes the contexts that the block's threads need: another one for every thread of a grid, as far as there are enough.
void Scheduler::start_contexts() {
  constexpr size_t kEnough = 1024;  // they are dear
  const race_check::Unwatched here;
  for (Worker* worker : spent_) {
    worker->fiber.renew();
    idle_.push_back(worker);
  }
  spent_.clear();
  const size_t wanted = std::max(threads_.size(), std::min(next_context_ + threads_.size(), kEnough));
  while (contexts_.size() < wanted) contexts_.push_back(race_check::make_context());
}

// Visits 0 ... count - 1, in the order that the settings ask for.
class BlockOrder {
 public:
  BlockOrder(uint64_t count, Shuffler& shuffler) : count_(count) {
    if (settings().order != Order::shuffle || count < 2) return;
    first_ = shuffler.below(count);
    do step_ = 1 + shuffler.below(count - 1);
    while (std::gcd(step_, count) != 1);
  }
  uint64_t at(uint64_t position) const {
    switch (settings().order) {
      case Order::forward:
        return position;
      case Order::reverse:
        return count_ - 1 - position;
      default:
        return static_cast<uint64_t>((first_ + static_cast<unsigned __int128>(step_) * position) % count_);
    }
  }

 private:
  uint64_t count_;
  uint64_t first_ = 0;
  uint64_t step_ = 1;
};

cudaError_t Scheduler::run(const Grid& grid, const void* parameters) {
  install_fault_handler();
  prepare(grid, parameters);
  host_ = pthread_self();
  running_ = true;
  host_context_ = race_check::current_context();
  next_context_ = 0;
  race_check::release(&host_context_);
  const uint64_t blocks = static_cast<uint64_t>(grid.grid.x) * grid.grid.y * grid.grid.z;
  const BlockOrder order(blocks, shuffler_);
  for (uint64_t position = 0; position < blocks && error_ == cudaSuccess; ++position) {
    start_block(order.at(position));
    go_to(idle_worker());
  }
  running_ = false;
  race_check::acquire(&thread_queue);
  if (error_ != cudaSuccess) forget();
  return error_;
}

Worker* Scheduler::idle_worker() {
  if (idle_.empty()) idle_.push_back(&workers_.emplace_back(&Scheduler::work));
  Worker* worker = idle_.back();
  idle_.pop_back();
  if constexpr (race_check::enabled) {
    worker->context = contexts_[next_context_++ % contexts_.size()];
  }
  return worker;
}

Worker* Scheduler::next_ready() {
  const size_t count = ready_.size() - ready_begin_;
  if (count == 0) return nullptr;
  Worker* worker;
  if (settings().order == Order::reverse) {
    worker = ready_.back();
    ready_.pop_back();
  } else {
    if (settings().order == Order::shuffle)
      std::swap(ready_[ready_begin_], ready_[ready_begin_ + shuffler_.below(count)]);
    worker = ready_[ready_begin_++];
  }
  if (count == 1) {
    ready_.clear();
    ready_begin_ = 0;
  }
  return worker;
}

// Who goes on when the running thread cannot: a thread that has not begun, else one that may go on, else the host.
Worker* Scheduler::next() {
  const ThreadQueue& queue = thread_queue;
  if (queue.next < queue.count) return idle_worker();
  if (Worker* worker = next_ready()) return worker;
  if (queue.finished == queue.count) return nullptr;
  // Threads that have returned take no part in barriers.
  if (at_barrier_.size() == queue.count - queue.finished) {
    open_barrier();
    return next_ready();
  }
  report_deadlock();
  return nullptr;
}

void Scheduler::go_to(Worker* to) {
  Worker* from = current_;
  if (from == to) return;
  current_ = to;
  race_check::go_to(to ? to->context : host_context_);
  Fiber::switch_to(from ? from->fiber : host_fiber_, to ? to->fiber : host_fiber_);
}

void Scheduler::wait(Worker* to) {
  Worker* self = current_;
  self->thread = {threadIdx, thread_queue.current};
  go_to(to);
  threadIdx = self->thread.index;
  thread_queue.current = self->thread.linear;
}

void Scheduler::open_barrier() {
  votes_ = {static_cast<unsigned>(at_barrier_.size()), in_favour_};
  in_favour_ = 0;
  ++round_;
  ready_.insert(ready_.end(), at_barrier_.begin(), at_barrier_.end());
  at_barrier_.clear();
}

Votes Scheduler::barrier(bool vote) {
  if (grid_->independent)
    fail_kernel(cudaErrorLaunchFailure, "__syncthreads in a kernel that was launched as independent");
  const char* const round = &rounds_[round_ % 2];
  race_check::release(round);
  wait(arrive(vote));
  race_check::acquire(round);
  return votes_;
}

Worker* Scheduler::arrive(bool vote) {
  const race_check::Unwatched here;
  in_favour_ += vote;
  at_barrier_.push_back(current_);
  return next();
}

uint64_t Scheduler::collective(WarpCall call, unsigned mask, uint64_t value, unsigned source_lane) {
  const ThreadQueue& queue = thread_queue;
  const unsigned number = queue.current / 32;
  const unsigned lane = queue.current % 32;
  if (grid_->independent)
    fail_kernel(cudaErrorLaunchFailure, "a warp collective in a kernel that was launched as independent");
  if (!(mask >> lane & 1))
    fail_kernel(cudaErrorLaunchFailure, "lane %u calls a warp collective with mask %08x, which leaves it out", lane,
                mask);
  const unsigned lanes = std::min(32u, queue.count - number * 32);
  if (lanes < 32 && mask >> lanes)
    fail_kernel(cudaErrorLaunchFailure, "mask %08x names lanes that the block lacks: its last warp has %u threads",
                mask, lanes);
  if (!warps_used_) {
    const race_check::Unwatched here;
    warps_.resize((queue.count + 31) / 32);
    warps_used_ = true;
  }
  Warp& warp = warps_[number];
  const char* const round = &warp.rounds[warp.round % 2];
  if (call == WarpCall::synchronize) race_check::release(round);
  warp.lanes[lane] = {current_, mask, call, source_lane, value, 0};
  warp.arrived |= 1u << lane;
  if ((warp.arrived & mask) == mask)
    complete(warp, mask);
  else
    wait(next_unwatched());
  if (call == WarpCall::synchronize) race_check::acquire(round);
  return warp.lanes[lane].result;
}

Worker* Scheduler::next_unwatched() {
  const race_check::Unwatched here;
  return next();
}

void Scheduler::complete(Warp& warp, unsigned mask) {
  const race_check::Unwatched here;
  const WarpCall call = warp.lanes[thread_queue.current % 32].call;
  for (unsigned left = mask; left; left &= left - 1) {
    Lane& lane = warp.lanes[__builtin_ctz(left)];
    if (lane.mask != mask)
      fail_kernel(cudaErrorLaunchFailure, "lanes of one warp collective name different masks: %08x and %08x", mask,
                  lane.mask);
    if (lane.call != call) fail_kernel(cudaErrorLaunchFailure, "lanes of one warp call different collectives");
    lane.result = result_of(warp, lane);
    if (lane.worker != current_) ready_.push_back(lane.worker);
  }
  warp.arrived &= ~mask;
  ++warp.round;
}

uint64_t Scheduler::result_of(const Warp& warp, const Lane& lane) const {
  // What a lane outside the mask holds is undefined: NaN shows.
  if (lane.call == WarpCall::shuffle)
    return lane.mask >> lane.source & 1 ? warp.lanes[lane.source].value : ~uint64_t{0};
  uint64_t result = 0;
  for (unsigned left = lane.mask; left; left &= left - 1) {
    const unsigned other = __builtin_ctz(left);
    const uint64_t value = warp.lanes[other].value;
    const bool counts = lane.call == WarpCall::match ? value == lane.value : value != 0;
    result |= static_cast<uint64_t>(counts) << other;
  }
  return result;
}

unsigned Scheduler::lanes_waiting() const {
  unsigned count = 0;
  if (warps_used_)
    for (const Warp& warp : warps_) count += __builtin_popcount(warp.arrived);
  return count;
}

void Scheduler::report_deadlock() {
  char text[256];
  std::snprintf(
      text, sizeof text,
      "deadlock: of %u threads %u have finished, %zu wait in __syncthreads and %u in a warp collective (a barrier "
      "that not all threads reach, or a mask with absent lanes)",
      thread_queue.count, thread_queue.finished, at_barrier_.size(), lanes_waiting());
  error_ = cudaErrorLaunchFailure;
  report_fault(kernel_name(*grid_) + ", block " + place_of(blockIdx) + ": " + text);
}

std::string Scheduler::place() const {
  return kernel_name(*grid_) + ", block " + place_of(blockIdx) + ", thread " + place_of(threadIdx);
}

void Scheduler::abandon(cudaError_t error, const std::string& text) {
  error_ = error;
  report_fault(place() + ": " + text);
  go_to(nullptr);
  __builtin_unreachable();
}

// After a failed kernel: nobody waits for anything any more.
void Scheduler::forget() {
  idle_.clear();
  ready_.clear();
  ready_begin_ = 0;
  at_barrier_.clear();
  in_favour_ = 0;
  warps_.clear();
  warps_used_ = false;
  spent_.clear();
  contexts_.clear();
  for (Worker& worker : workers_) {
    worker.fiber.restart();
    idle_.push_back(&worker);
  }
}

}  // namespace

cudaError_t run_grid(const Grid& grid, const void* parameters) { return scheduler().run(grid, parameters); }

// "... [with auto Kernel = tt::softmax<float>; P = {...}]": the compiler's words, GCC's or Clang's.
std::string kernel_name(const Grid& grid) {
  std::string name = grid.signature;
  const std::string before = "Kernel = ";
  if (const size_t begin = name.find(before); begin != std::string::npos) name.erase(0, begin + before.size());
  for (const char* after : {"; P = ", ", P = "})
    if (const size_t end = name.rfind(after); end != std::string::npos) name.erase(end);
  return name;
}

Votes block_barrier(bool vote) { return scheduler().barrier(vote); }

uint64_t warp_collective(WarpCall call, unsigned mask, uint64_t value, unsigned source_lane) {
  return scheduler().collective(call, mask, value, source_lane);
}

void fail_kernel(cudaError_t error, const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  scheduler().abandon(error, text);
}

bool running_kernel() { return scheduler().runs_on_this_thread(); }

void fail_kernel_at(const void* address, int signal) {
  Scheduler& self = scheduler();
  if (signal == SIGFPE)
    self.abandon(cudaErrorLaunchFailure, "an integer is divided by zero (a GPU goes on with an undefined value)");
  if (self.overflowed_at(address)) self.abandon(cudaErrorLaunchFailure, "the stack overflows");
  if (overran_shared_memory(address)) self.abandon(cudaErrorIllegalAddress, "an access beyond a shared array");
  self.abandon(cudaErrorIllegalAddress, "an illegal access to " + describe_address(address, self.grid().device));
}

}  // namespace tt::emulation
