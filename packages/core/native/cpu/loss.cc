// Losses that pick elements by class.
#include "../checks/loss.h"

#include <cmath>

#include "walk.h"

namespace tt {
namespace {

// [n, classes, positions] as N-dimensional input [n, classes, d1, ...] and target [n, d1, ...], walked by element of
// the target.
struct Picked {
  Walk<3> elements;  // target, input without its class dimension, output by element (or nothing)
  int64_t classes, class_step;
};

Picked picked(const Operand& target, const Operand& input, const Operand* each) {
  const Operand values = without_classes(input, target);
  const int class_dim = class_dim_of(input);
  Picked result{{}, input.sizes[class_dim], bytes(input, class_dim)};
  for (int d = 0; d < target.ndim; ++d)
    result.elements.push(target.sizes[d], {bytes(target, d), bytes(values, d), each ? bytes(*each, d) : 0});
  return result;
}

template <class T>
double weight_at(const Operand& weight, int64_t label) {
  if (!weight.present) return 1;
  return static_cast<compute_t<T>>(reinterpret_cast<const T*>(weight.data)[label * weight.strides[0]]);
}

// f(offsets, label) for each element, -1 for an ignored one.
template <class F>
void each_label(const Picked& picked, const char* target, int64_t ignore_index, F&& f) {
  const auto& walk = picked.elements;
  walk.each_row([&](auto offsets, int64_t n, int64_t) {
    for (int64_t i = 0; i < n; ++i) {
      const int64_t label = *reinterpret_cast<const int64_t*>(target + offsets[0]);
      require(label == ignore_index || (label >= 0 && label < picked.classes), ErrorKind::Index, "target ", label,
              " is out of bounds for ", picked.classes, " classes");
      f(offsets, label == ignore_index ? -1 : label);
      for (int k = 0; k < 3; ++k) offsets[k] += walk.step(k);
    }
  });
}

// nllLoss(out, totalWeight, self, target, weight?; ignoreIndex, reduction): out has target's shape for reduction 0,
// none for 1 (mean over the weights) and 2 (sum)
template <class T>
void nll_loss(Operand* operands, int count, Params& params) {
  const int64_t ignore_index = params.integer();
  const auto reduction = static_cast<LossReduction>(params.integer());
  check_nll_loss(operands, count, reduction);
  const Operand &out = operands[0], &total = operands[1], &self = operands[2], &target = operands[3],
                &weight = operands[4];
  self.as<T>();
  const Picked elements = picked(target, self, reduction == kNone ? &out : nullptr);
  check_class_weight(weight, self);
  double sum = 0, weights = 0;
  each_label(elements, target.data, ignore_index, [&](const auto& offsets, int64_t label) {
    double loss = 0;
    if (label >= 0) {
      const double w = weight_at<T>(weight, label);
      const T* value = reinterpret_cast<const T*>(self.data + offsets[1] + label * elements.class_step);
      loss = -w * static_cast<double>(static_cast<compute_t<T>>(*value));
      weights += w;
    }
    sum += loss;
    if (reduction == kNone)
      *reinterpret_cast<T*>(out.data + offsets[2]) = static_cast<T>(static_cast<compute_t<T>>(loss));
  });
  *total.as<T>() = static_cast<T>(static_cast<compute_t<T>>(weights));
  if (reduction != kNone)
    *out.as<T>() = static_cast<T>(static_cast<compute_t<T>>(reduction == kMean ? sum / weights : sum));
}

// nllLossBackward(gradSelf, grad, target, totalWeight, weight?; ignoreIndex, reduction): gradSelf comes filled with
// zeros
template <class T>
void nll_loss_backward(Operand* operands, int count, Params& params) {
  const int64_t ignore_index = params.integer();
  const auto reduction = static_cast<LossReduction>(params.integer());
  check_nll_loss_backward(operands, count, reduction);
  const Operand &out = operands[0], &grad = operands[1], &target = operands[2], &total = operands[3],
                &weight = operands[4];
  out.as<T>();
  const Picked elements = picked(target, out, reduction == kNone ? &grad : nullptr);
  check_class_weight(weight, out);
  const double divisor = reduction == kMean ? static_cast<double>(static_cast<compute_t<T>>(*total.as<T>())) : 1;
  each_label(elements, target.data, ignore_index, [&](const auto& offsets, int64_t label) {
    if (label < 0) return;
    const T* g = reinterpret_cast<const T*>(grad.data + (reduction == kNone ? offsets[2] : 0));
    const double value = -weight_at<T>(weight, label) * static_cast<double>(static_cast<compute_t<T>>(*g)) / divisor;
    *reinterpret_cast<T*>(out.data + offsets[1] + label * elements.class_step) =
        static_cast<T>(static_cast<compute_t<T>>(value));
  });
}

}  // namespace

void register_loss() {
  register_for<Floating>("nllLoss", 2, []<class T>() -> Kernel { return nll_loss<T>; });
  register_for<Floating>("nllLossBackward", 1, []<class T>() -> Kernel { return nll_loss_backward<T>; });
}

}  // namespace tt
