// What the environment says about the emulated devices, read once.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace tt::emulation {

enum class Order { forward, reverse, shuffle };
enum class StreamMode { immediate, deferred, shuffled };

struct Settings {
  int devices = 2;
  size_t memory = size_t{2} << 30;  // bytes of each device
  Order order = Order::forward;     // of a block's threads, and of a grid's blocks
  StreamMode streams = StreamMode::immediate;
  bool guard = false;
  uint64_t seed = 1;    // of everything that is shuffled
  int64_t fail = 0;     // which runtime call fails, counted from 1; 0: none
  std::string mistake;  // what is wrong with the environment, if anything
};

const Settings& settings();

// xorshift64*: order only, no statistics.
class Shuffler {
 public:
  explicit Shuffler(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u | 1) {}
  uint64_t below(uint64_t bound) {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return (state_ * 0x2545F4914F6CDD1Du >> 11) % bound;
  }

 private:
  uint64_t state_;
};

}  // namespace tt::emulation
