// Losses that pick elements by class: [n, classes, positions], as an input [n, classes, d1, ...] and a target
// [n, d1, ...].
#pragma once
#include "operands.h"

namespace tt {

enum LossReduction : int64_t { kNone, kMean, kSum };

inline int class_dim_of(const Operand& input) { return input.ndim == 1 ? 0 : 1; }

// The input without its classes, which has the target's shape.
inline Operand without_classes(const Operand& input, const Operand& target) {
  bool fits = input.ndim >= 1 && target.ndim == input.ndim - 1;
  const int class_dim = class_dim_of(input);
  for (int d = 0; d < target.ndim && fits; ++d) fits = target.sizes[d] == input.sizes[d < class_dim ? d : d + 1];
  require(fits, ErrorKind::Shape, "target of shape ", target.shape(), " does not fit an input of shape ",
          input.shape());
  Operand result = input;
  result.ndim = target.ndim;
  result.numel = target.numel;
  for (int d = 0; d < target.ndim; ++d) {
    result.sizes[d] = target.sizes[d];
    result.strides[d] = input.strides[d < class_dim ? d : d + 1];
  }
  return result;
}

inline void check_class_weight(const Operand& weight, const Operand& input) {
  if (!weight.present) return;
  const int64_t classes = input.sizes[class_dim_of(input)];
  require_same_dtype(input, weight);
  require(weight.ndim == 1 && weight.sizes[0] == classes, ErrorKind::Shape, "expected a weight for each of ", classes,
          " classes, got ", weight.shape());
}

// nllLoss(out, totalWeight, self, target, weight?)
inline void check_nll_loss(const Operand* operands, int count, LossReduction reduction) {
  require(count == 5 && operands[0].present && operands[1].present && operands[2].present && operands[3].present,
          ErrorKind::Internal, "expected two outputs, an input, a target and a weight");
  const Operand &out = operands[0], &total = operands[1], &self = operands[2], &target = operands[3];
  target.as<int64_t>();
  require_same_dtype(self, out);
  require_same_dtype(self, total);
  require(out.numel == (reduction == kNone ? target.numel : 1) && total.numel == 1, ErrorKind::Shape,
          "outputs of shapes ", out.shape(), " and ", total.shape(), " do not fit the target ", target.shape());
  if (reduction == kNone) require_same_shape(out, target);
}

// nllLossBackward(gradSelf, grad, target, totalWeight, weight?)
inline void check_nll_loss_backward(const Operand* operands, int count, LossReduction reduction) {
  require(count == 5 && operands[0].present && operands[1].present && operands[2].present && operands[3].present,
          ErrorKind::Internal, "expected an output, a gradient, a target, a total and a weight");
  const Operand &out = operands[0], &grad = operands[1], &target = operands[2], &total = operands[3];
  target.as<int64_t>();
  require_same_dtype(out, grad);
  require_same_dtype(out, total);
  require(total.numel == 1 && grad.numel == (reduction == kNone ? target.numel : 1), ErrorKind::Shape,
          "the gradient's shape ", grad.shape(), " does not fit the target ", target.shape());
  if (reduction == kNone) require_same_shape(grad, target);
}

}  // namespace tt
