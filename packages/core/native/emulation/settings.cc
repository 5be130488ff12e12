#include "settings.h"

#include <cerrno>
#include <cstdlib>
#include <initializer_list>
#include <string_view>

namespace tt::emulation {
namespace {

struct Choice {
  const char* name;
  int value;
};

class Reader {
 public:
  explicit Reader(Settings& settings) : settings_(settings) {}

  template <class Number>
  void number(const char* name, Number& value, unsigned long long least, unsigned long long most) {
    const char* text = std::getenv(name);
    if (!text) return;
    char* end;
    errno = 0;
    const unsigned long long parsed = std::strtoull(text, &end, 10);
    if (end == text || *end || errno || *text == '-' || parsed < least || parsed > most)
      return wrong(name, text, "a number from " + std::to_string(least) + " to " + std::to_string(most));
    value = static_cast<Number>(parsed);
  }

  template <class Enum>
  void choice(const char* name, Enum& value, std::initializer_list<Choice> choices) {
    const char* text = std::getenv(name);
    if (!text) return;
    std::string names;
    for (const Choice& choice : choices) {
      if (std::string_view(text) == choice.name) {
        value = static_cast<Enum>(choice.value);
        return;
      }
      names += (names.empty() ? "" : ", ") + std::string(choice.name);
    }
    wrong(name, text, "one of " + names);
  }

 private:
  void wrong(const char* name, const char* text, const std::string& expected) {
    if (settings_.mistake.empty())
      settings_.mistake = std::string(name) + ": expected " + expected + ", got '" + text + "'";
  }

  Settings& settings_;
};

Settings read() {
  Settings found;
  Reader reader(found);
  reader.number("TS_TORCH_EMULATED_DEVICES", found.devices, 0, 16);
  reader.number("TS_TORCH_EMULATED_MEMORY", found.memory, 1, 1ull << 40);
  reader.choice("TS_TORCH_EMULATED_ORDER", found.order,
                {{"forward", int(Order::forward)}, {"reverse", int(Order::reverse)}, {"shuffle", int(Order::shuffle)}});
  reader.choice("TS_TORCH_EMULATED_STREAMS", found.streams,
                {{"immediate", int(StreamMode::immediate)},
                 {"deferred", int(StreamMode::deferred)},
                 {"shuffled", int(StreamMode::shuffled)}});
  reader.choice("TS_TORCH_EMULATED_GUARD", found.guard, {{"0", 0}, {"1", 1}});
  reader.number("TS_TORCH_EMULATED_SEED", found.seed, 0, ~0ull);
  reader.number("TS_TORCH_EMULATED_FAIL", found.fail, 0, 1ull << 62);
  return found;
}

}  // namespace

const Settings& settings() {
  static const Settings found = read();
  return found;
}

}  // namespace tt::emulation
