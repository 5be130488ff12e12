// copy: writes the input, converted to the output's dtype, into the output. fill is copy from a number.
#include <limits>
#include <type_traits>

#include "../functors/identity.h"
#include "skeleton.h"

namespace tt::TT_INSTRUCTION_SET {

// C++ leaves the conversion of NaN and of what is too large to integers undefined; here it saturates no type: NaN gives
// 0, the rest wraps within 64 bits, the same on every machine.
template <class To>
struct Convert {
  template <class From>
  TT_HD To operator()(From x) const {
    if constexpr (std::is_same_v<To, bool>) {
      return x != From(0);
    } else if constexpr (is_complex<To>) {
      if constexpr (is_complex<From>)
        return To(static_cast<real_t<To>>(x.re), static_cast<real_t<To>>(x.im));
      else
        return To(static_cast<real_t<To>>(x));
    } else if constexpr (is_complex<From>) {
      return (*this)(x.re);
    } else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
      const bool fits = x > From(-9.2233720368547e18) && x < From(9.2233720368547e18);
      return static_cast<To>(static_cast<int64_t>(fits ? x : From(0)));
    } else {
      return static_cast<To>(static_cast<compute_t<To>>(x));
    }
  }
};

template <class From>
void copy(Operand* operands, int count, Params&) {
  require(count == 2, ErrorKind::Internal, "expected 2 operands, got ", count);
  if (operands[0].dtype == dtype_of<From>)
    return with_word(dtype_of<From>,
                     [&]<class Word>() { elementwise_words<Word, Word>(operands, functors::Identity{}); });
  for_each_type(AllTypes{}, [&]<class To>() {
    if (operands[0].dtype == dtype_of<To>) elementwise<To, From>(operands, Convert<compute_t<To>>{});
  });
}

void register_copy() {
  register_for<AllTypes>("copy", 1, []<class T>() -> Kernel { return copy<T>; });
}

}  // namespace tt::TT_INSTRUCTION_SET
