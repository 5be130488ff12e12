// Errors that cross into JavaScript: each kind is a class of errors.ts, thrown by its name.
#pragma once
#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>

namespace tt {

enum class ErrorKind { Value, Shape, DType, Device, Index, OutOfMemory, Linalg, Disposed, Internal };

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind(kind) {}
  const ErrorKind kind;
};

// fail(ErrorKind::Shape, "expected ", 3, " dimensions, got ", n): the op's name is put in front by `launch`.
template <class... Parts>
[[noreturn]] void fail(ErrorKind kind, const Parts&... parts) {
  std::ostringstream message;
  (message << ... << parts);
  throw Error(kind, message.str());
}

}  // namespace tt

// require(count > 0, ErrorKind::Shape, "expected elements, got ", count). A macro, so that the message is made only
// when it is thrown.
#define require(condition, ...) (__builtin_expect(!!(condition), 1) ? static_cast<void>(0) : ::tt::fail(__VA_ARGS__))
