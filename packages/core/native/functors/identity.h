// An element as it is: what copies do.
#pragma once
#include "portability.h"

namespace tt::functors {

struct Identity {
  template <class T>
  TT_HD T operator()(T x) const {
    return x;
  }
};

}  // namespace tt::functors
