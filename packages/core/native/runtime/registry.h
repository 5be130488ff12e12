// The one table of kernels, by op, device and dtype.
#pragma once
#include <string>

#include "operand.h"

namespace tt {

// operands: outputs first, then inputs. The dtype that picks the kernel is that of the first input, or of the output
// where there is no input.
using Kernel = void (*)(Operand* operands, int count, Params& params);

struct Op {
  std::string name;
  int outputs;
  Kernel kernels[kDeviceTypeCount][kDTypeCount];
};

// Later registrations of the same (name, device, dtype) win: that is how a faster instruction set replaces a slower
// one.
void register_kernel(const char* name, int outputs, DeviceType device, DType dtype, Kernel kernel);
int op_id(const std::string& name);  // -1 where there is none
const Op& op(int id);                // throws on an unknown number
int op_count();

// The device that this source is compiled for.
#if defined(TT_CUDA)
constexpr DeviceType kDevice = DeviceType::CUDA;
#else
constexpr DeviceType kDevice = DeviceType::CPU;
#endif

// register_for<Floating>("softmax", 1, []<class T>() -> Kernel { return softmax<T>; });
template <class Types, class Get>
void register_for(const char* name, int outputs, Get get) {
  for_each_type(Types{},
                [&]<class T>() { register_kernel(name, outputs, kDevice, dtype_of<T>, get.template operator()<T>()); });
}

}  // namespace tt
