// Convolutions with one channel in each group and stride 1, as the planes lie. oneDNN wants 16 channels side by side,
// and to bring them there takes longer than the convolution.
#pragma once
#include "../checks/convolution.h"

namespace tt {

// Compiled for each instruction set; the chosen one's.
struct DepthwiseFunctions {
  void (*forward)(const Convolution& conv, const float* input, const float* weight, const float* bias, float* output);
  void (*weight_gradient)(const Convolution& conv, const float* out_gradient, const float* input,
                          float* weight_gradient);
};
extern DepthwiseFunctions depthwise_functions;

// Whether they take it: else it is oneDNN's.
bool is_plane_by_plane(const Convolution& conv);

// The gradient by the input is the convolution of the output's gradient by the mirrored weight.
void depthwise_input_gradient(const Convolution& conv, const float* out_gradient, const float* weight,
                              float* in_gradient);

}  // namespace tt
