// One functor per optimizer, called with an element of each of a parameter's tensors: v[0] is the parameter, v[1] its
// gradient as it came, v[2] and on the state, all of which but the gradient are written back. `grad` is the gradient
// with maximize and weight decay in it; `own` are the numbers that each parameter has for itself.
#pragma once
#include <cmath>

#include "portability.h"

namespace tt::functors {

// Of both the larger; NaN wins.
template <class C>
TT_HD C larger(C a, C b) {
  return a > b || a != a ? a : b;
}

template <bool with_buffer>
struct Sgd {
  static constexpr int kTensors = with_buffer ? 3 : 2, kNumbers = 0;
  // A new buffer holds anything, NaN too: the `first` step fills it with the gradient.
  double lr, momentum, dampening, nesterov, first;
  template <class C>
  TT_HD void operator()(C* v, C grad, const C*) const {
    if constexpr (with_buffer) {
      v[2] = first != 0 ? grad : C(momentum) * v[2] + C(1 - dampening) * grad;
      v[0] -= C(lr) * (nesterov != 0 ? grad + C(momentum) * v[2] : v[2]);
    } else {
      v[0] -= C(lr) * grad;
    }
  }
};

// Means of the gradient and of its square, v[2] and v[3].
struct GradientMoments {
  double beta1, beta2;
  template <class C>
  TT_HD void operator()(C* v, C grad) const {
    v[2] += C(1 - beta1) * (grad - v[2]);
    v[3] = C(beta2) * v[3] + C(1 - beta2) * grad * grad;
  }
};

// own: lr / (1 - beta1^t), sqrt(1 - beta2^t). `shrink` is AdamW's weight decay.
template <bool amsgrad>
struct Adam {
  static constexpr int kTensors = amsgrad ? 5 : 4, kNumbers = 2;
  double beta1, beta2, eps, shrink;
  template <class C>
  TT_HD void operator()(C* v, C grad, const C* own) const {
    GradientMoments{beta1, beta2}(v, grad);
    if constexpr (amsgrad) v[4] = larger(v[3], v[4]);
    v[0] = C(shrink) * v[0] - own[0] * (v[2] / (std::sqrt(v[kTensors - 1]) / own[1] + C(eps)));
  }
};

// own: 1 - beta2^t, and what steps along the gradient and along its mean are multiplied by.
struct NAdam {
  static constexpr int kTensors = 4, kNumbers = 3;
  double beta1, beta2, eps;
  template <class C>
  TT_HD void operator()(C* v, C grad, const C* own) const {
    GradientMoments{beta1, beta2}(v, grad);
    v[0] -= (own[1] * grad + own[2] * v[2]) / (std::sqrt(v[3] / own[0]) + C(eps));
  }
};

// own: what plain steps and adaptive ones are multiplied by; one of both is 0.
struct RAdam {
  static constexpr int kTensors = 4, kNumbers = 2;
  double beta1, beta2, eps;
  template <class C>
  TT_HD void operator()(C* v, C grad, const C* own) const {
    GradientMoments{beta1, beta2}(v, grad);
    v[0] -= own[1] == 0 ? own[0] * v[2] : own[1] * (v[2] / (std::sqrt(v[3]) + C(eps)));
  }
};

// own: the step's size.
struct Adamax {
  static constexpr int kTensors = 4, kNumbers = 1;
  double beta1, beta2, eps;
  template <class C>
  TT_HD void operator()(C* v, C grad, const C* own) const {
    v[2] += C(1 - beta1) * (grad - v[2]);
    v[3] = larger(std::fabs(grad) + C(eps), C(beta2) * v[3]);
    v[0] -= own[0] * (v[2] / v[3]);
  }
};

template <bool centered, bool with_buffer>
struct RMSprop {
  static constexpr int kTensors = 3 + centered + with_buffer, kNumbers = 0;
  double lr, alpha, eps, momentum;
  template <class C>
  TT_HD void operator()(C* v, C grad, const C*) const {
    v[2] = C(alpha) * v[2] + C(1 - alpha) * grad * grad;
    C variance = v[2];
    if constexpr (centered) {
      v[3] += C(1 - alpha) * (grad - v[3]);
      variance -= v[3] * v[3];
    }
    C step = grad / (std::sqrt(variance) + C(eps));
    if constexpr (with_buffer) step = v[kTensors - 1] = C(momentum) * v[kTensors - 1] + step;
    v[0] -= C(lr) * step;
  }
};

// own: the learning rate of this step.
struct Adagrad {
  static constexpr int kTensors = 3, kNumbers = 1;
  double eps;
  template <class C>
  TT_HD void operator()(C* v, C grad, const C* own) const {
    v[2] += grad * grad;
    v[0] -= own[0] * (grad / (std::sqrt(v[2]) + C(eps)));
  }
};

struct Adadelta {
  static constexpr int kTensors = 4, kNumbers = 0;
  double lr, rho, eps;
  template <class C>
  TT_HD void operator()(C* v, C grad, const C*) const {
    v[2] = C(rho) * v[2] + C(1 - rho) * grad * grad;
    const C delta = std::sqrt(v[3] + C(eps)) / std::sqrt(v[2] + C(eps)) * grad;
    v[3] = C(rho) * v[3] + C(1 - rho) * delta * delta;
    v[0] -= C(lr) * delta;
  }
};

// own: the learning rate of this step, the share of the newest parameters in the average.
struct Asgd {
  static constexpr int kTensors = 3, kNumbers = 2;
  double lambd;
  template <class C>
  TT_HD void operator()(C* v, C grad, const C* own) const {
    v[0] = v[0] * (1 - C(lambd) * own[0]) - own[0] * grad;
    v[2] = own[1] == 1 ? v[0] : v[2] + own[1] * (v[0] - v[2]);
  }
};

// v[2]: the last gradient, 0 where its sign had changed; v[3]: the size of steps.
struct Rprop {
  static constexpr int kTensors = 4, kNumbers = 0;
  double shrink, grow, least, most;
  template <class C>
  TT_HD void operator()(C* v, C grad, const C*) const {
    const C agreement = grad * v[2];
    const C size = v[3] * (agreement > 0 ? C(grow) : agreement < 0 ? C(shrink) : C(1));
    v[3] = size < C(least) ? C(least) : size > C(most) ? C(most) : size;
    // Where the sign has changed, the last step went too far: no step now, and no verdict next time.
    v[2] = agreement < 0 ? C(0) : grad;
    v[0] -= v[2] > 0 ? v[3] : v[2] < 0 ? -v[3] : C(0);
  }
};

}  // namespace tt::functors
