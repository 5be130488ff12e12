// Convolution windows laid out as the columns of a matrix, and added back.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "../checks/windows.h"

namespace tt {

namespace detail {

// f(row of the matrix, column within the range, first input element or -1 where the row lies in the padding, columns)
// for the runs of windows that lie in one row of the output; elements of the run are w.stride[2] apart in the input.
// `inside` says which of them do.
template <class F>
void for_each_window_run(const Windows& w, int64_t channels, int64_t begin, int64_t end, F&& f) {
  const int64_t width = w.output[2];
  int64_t row = 0;
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t kz = 0; kz < w.kernel[0]; ++kz)
      for (int64_t ky = 0; ky < w.kernel[1]; ++ky)
        for (int64_t kx = 0; kx < w.kernel[2]; ++kx, ++row) {
          // Of the windows' element kx: input x = x0 + ox * stride.
          const int64_t x0 = kx * w.dilation[2] - w.padding[2], stride = w.stride[2];
          const int64_t first = std::clamp<int64_t>(x0 < 0 ? (-x0 + stride - 1) / stride : 0, 0, width);
          const int64_t last =
              x0 >= w.input[2] ? first : std::clamp<int64_t>((w.input[2] - 1 - x0) / stride + 1, first, width);
          int64_t at = begin;
          while (at < end) {
            const int64_t line = at / width, ox = at - line * width;
            const int64_t length = std::min(end - at, width - ox);
            const int64_t z = line / w.output[1] * w.stride[0] + kz * w.dilation[0] - w.padding[0];
            const int64_t y = line % w.output[1] * w.stride[1] + ky * w.dilation[1] - w.padding[1];
            const bool inside = z >= 0 && z < w.input[0] && y >= 0 && y < w.input[1];
            const int64_t from = inside ? std::clamp(first - ox, int64_t{0}, length) : 0;
            const int64_t to = inside ? std::clamp(last - ox, from, length) : 0;
            const int64_t element = ((c * w.input[0] + z) * w.input[1] + y) * w.input[2] + x0 + (ox + from) * stride;
            f(row, at - begin, length, from, to, element);
            at += length;
          }
        }
}

}  // namespace detail

// columns[channels * kernel_size, end - begin]: for the windows [begin, end) all that they see.
template <class T>
void im2col(const Windows& w, int64_t channels, const T* image, int64_t begin, int64_t end, T* columns) {
  const int64_t stride = w.stride[2];
  detail::for_each_window_run(
      w, channels, begin, end,
      [&](int64_t row, int64_t column, int64_t length, int64_t from, int64_t to, int64_t element) {
        T* out = columns + row * (end - begin) + column;
        std::fill(out, out + from, T(0));
        const T* in = image + element;
        if (stride == 1)
          std::copy(in, in + (to - from), out + from);
        else
          for (int64_t i = from; i < to; ++i) out[i] = in[(i - from) * stride];
        std::fill(out + to, out + length, T(0));
      });
}

// The transpose of im2col: adds to the image.
template <class T>
void col2im(const Windows& w, int64_t channels, const T* columns, int64_t begin, int64_t end, T* image) {
  const int64_t stride = w.stride[2];
  detail::for_each_window_run(w, channels, begin, end,
                              [&](int64_t row, int64_t column, int64_t, int64_t from, int64_t to, int64_t element) {
                                if (from == to) return;
                                const T* in = columns + row * (end - begin) + column;
                                T* out = image + element;
                                if (stride == 1)
                                  for (int64_t i = from; i < to; ++i) out[i - from] += in[i];
                                else
                                  for (int64_t i = from; i < to; ++i) out[(i - from) * stride] += in[i];
                              });
}

}  // namespace tt
