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

template <class... Parts>
inline void require(bool condition, ErrorKind kind, const Parts&... parts) {
  if (!condition) [[unlikely]]
    fail(kind, parts...);
}

}  // namespace tt
