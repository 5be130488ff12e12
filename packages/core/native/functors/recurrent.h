// The elementwise part of a recurrent cell's step, called with an element of each operand: those that are written come
// first, then those that are read. `v` is in the computing type.
#pragma once
#include "unary.h"

namespace tt::functors {

// c' = f c + i g, h' = o tanh(c') (Hochreiter & Schmidhuber 1997).
// v: i f g o after their nonlinearities, c', h' | the same gates of the input, then of the hidden state, c
struct LstmCell {
  static constexpr int kWritten = 6, kOperands = 15;
  template <class C>
  TT_HD void operator()(C* v, const C*) const {
    const C i = Sigmoid{}(v[6] + v[10]), f = Sigmoid{}(v[7] + v[11]), g = Tanh{}(v[8] + v[12]),
            o = Sigmoid{}(v[9] + v[13]);
    v[0] = i;
    v[1] = f;
    v[2] = g;
    v[3] = o;
    v[4] = f * v[14] + i * g;
    v[5] = o * Tanh{}(v[4]);
  }
};

// v: gradients of i f g o before their nonlinearities, of c | i f g o, c, c', gradients of h' and c'
struct LstmCellBackward {
  static constexpr int kWritten = 5, kOperands = 13;
  template <class C>
  TT_HD void operator()(C* v, const C*) const {
    const C i = v[5], f = v[6], g = v[7], o = v[8], bounded = Tanh{}(v[10]);
    const C next = v[12] + v[11] * o * (1 - bounded * bounded);
    v[0] = next * g * i * (1 - i);
    v[1] = next * v[9] * f * (1 - f);
    v[2] = next * i * (1 - g * g);
    v[3] = v[11] * bounded * o * (1 - o);
    v[4] = next * f;
  }
};

// n = tanh(input + r hidden), h' = n + z (h - n) (Cho et al. 2014, arXiv:1406.1078).
// v: r z n after their nonlinearities, h' | the same gates of the input, then of the hidden state, h
struct GruCell {
  static constexpr int kWritten = 4, kOperands = 11;
  template <class C>
  TT_HD void operator()(C* v, const C*) const {
    const C r = Sigmoid{}(v[4] + v[7]), z = Sigmoid{}(v[5] + v[8]), n = Tanh{}(v[6] + r * v[9]);
    v[0] = r;
    v[1] = z;
    v[2] = n;
    v[3] = n + z * (v[10] - n);
  }
};

// v: gradients of the input's r z n, of the hidden state's, of h | r z n, the hidden state's n, h, gradient of h'
struct GruCellBackward {
  static constexpr int kWritten = 7, kOperands = 13;
  template <class C>
  TT_HD void operator()(C* v, const C*) const {
    const C r = v[7], z = v[8], n = v[9], hidden_n = v[10], grad = v[12];
    const C candidate = grad * (1 - z) * (1 - n * n);
    v[0] = v[3] = candidate * hidden_n * r * (1 - r);
    v[1] = v[4] = grad * (v[11] - n) * z * (1 - z);
    v[2] = candidate;
    v[5] = candidate * r;
    v[6] = grad * z;
  }
};

}  // namespace tt::functors
