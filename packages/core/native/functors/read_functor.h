// A functor's members are doubles: the kernel's parameters, in order.
#pragma once
#include <type_traits>
#include <utility>

#include "../runtime/operand.h"

namespace tt {

template <class F>
F read_functor(Params& params) {
  constexpr size_t members = std::is_empty_v<F> ? 0 : sizeof(F) / sizeof(double);
  return [&]<size_t... I>(std::index_sequence<I...>) {
    // Braces are evaluated from left to right.
    return F{(static_cast<void>(I), params.number())...};
  }
  (std::make_index_sequence<members>{});
}

}  // namespace tt
