#include "operand.h"

namespace tt {

size_t item_size(DType dtype) {
  static constexpr size_t sizes[kDTypeCount] = {8, 4, 2, 2, 8, 4, 2, 1, 1, 1, 8, 16};
  return sizes[static_cast<int>(dtype)];
}

const char* dtype_name(DType dtype) {
  static constexpr const char* names[kDTypeCount] = {"float64", "float32", "float16",   "bfloat16",
                                                     "int64",   "int32",   "int16",     "int8",
                                                     "uint8",   "bool",    "complex64", "complex128"};
  return names[static_cast<int>(dtype)];
}

std::string Operand::shape() const {
  std::string text = "[";
  for (int d = 0; d < ndim; ++d) text += (d ? ", " : "") + std::to_string(sizes[d]);
  return text + "]";
}

}  // namespace tt
