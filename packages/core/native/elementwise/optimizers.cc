// Optimizer steps over all parameters at once. Gradients are not written.
#include "../functors/optimizers.h"

#include <vector>

#include "../functors/read_functor.h"
#include "updates.h"

namespace tt::TT_INSTRUCTION_SET {
namespace {

template <class C, class F>
struct Step {
  F update;
  C decay, sign;
  TT_HD void operator()(C* values, const C* own) const { update(values, sign * values[1] + decay * values[0], own); }
};

// name(params..., grads..., state...; the functor's numbers, weightDecay, maximize, each parameter's own numbers...)
template <class T, class F>
void step(Operand* operands, int count, Params& params) {
  using C = compute_t<T>;
  const F update = read_functor<F>(params);
  const C decay = static_cast<C>(params.number()), sign = static_cast<C>(params.boolean() ? -1 : 1);
  require(count > 0 && count % F::kTensors == 0, ErrorKind::Internal, "expected groups of ", F::kTensors,
          " operands, got ", count);
  const int64_t n = count / F::kTensors;
  std::vector<C> own(n * F::kNumbers);
  for (C& number : own) number = static_cast<C>(params.number());
  update_all<T, F::kTensors, F::kNumbers>(operands, n, own, Step<C, F>{update, decay, sign});
}

// Before the numbers of those that may have more state comes what they have.
template <class T, template <bool> class F>
void step_with(Operand* operands, int count, Params& params) {
  return params.boolean() ? step<T, F<true>>(operands, count, params) : step<T, F<false>>(operands, count, params);
}

template <bool centered>
struct RMSprop {
  template <bool with_buffer>
  using With = functors::RMSprop<centered, with_buffer>;
};

template <class T>
void rmsprop(Operand* operands, int count, Params& params) {
  return params.boolean() ? step_with<T, RMSprop<true>::template With>(operands, count, params)
                          : step_with<T, RMSprop<false>::template With>(operands, count, params);
}

}  // namespace

void register_optimizers() {
  register_for<Floating>("sgd", 1, []<class T>() -> Kernel { return step_with<T, functors::Sgd>; });
  register_for<Floating>("adam", 1, []<class T>() -> Kernel { return step_with<T, functors::Adam>; });
  register_for<Floating>("rmsprop", 1, []<class T>() -> Kernel { return rmsprop<T>; });
  register_for<Floating>("nadam", 1, []<class T>() -> Kernel { return step<T, functors::NAdam>; });
  register_for<Floating>("radam", 1, []<class T>() -> Kernel { return step<T, functors::RAdam>; });
  register_for<Floating>("adamax", 1, []<class T>() -> Kernel { return step<T, functors::Adamax>; });
  register_for<Floating>("adagrad", 1, []<class T>() -> Kernel { return step<T, functors::Adagrad>; });
  register_for<Floating>("adadelta", 1, []<class T>() -> Kernel { return step<T, functors::Adadelta>; });
  register_for<Floating>("asgd", 1, []<class T>() -> Kernel { return step<T, functors::Asgd>; });
  register_for<Floating>("rprop", 1, []<class T>() -> Kernel { return step<T, functors::Rprop>; });
}

}  // namespace tt::TT_INSTRUCTION_SET
