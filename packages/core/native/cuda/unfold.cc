// Sliding windows of images as columns, and back.
#include "contiguous.h"
#include "places.h"

namespace tt::cuda {
namespace {

// Columns are [image, channel, element of the window, window].
template <class T>
__global__ void windows_to_columns(int64_t n, WindowPlaces places, Divider per_element, const T* image, T* columns) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    const uint32_t element = per_element.quotient(static_cast<uint32_t>(i));
    const Place at = places.output.find(static_cast<uint32_t>(i) - element * per_element.divisor);
    const Place in_window = places.kernel.find(element);
    const int64_t offset = places.input_offset(at, in_window);
    columns[i] = offset < 0 ? T(0) : image[in_window.outer * places.input_size + offset];
  }
}

// What falls on one pixel is added up.
template <class T>
__global__ void columns_to_image(int64_t n, WindowPlaces places, const T* columns, T* image) {
  using Sum = compute_t<T>;
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    const Place at = places.input.find(static_cast<uint32_t>(i));
    const T* of_channel = columns + at.outer * places.kernel_size * places.output_size;
    Sum sum = 0;
    for (uint32_t element = 0; element < places.kernel_size; ++element) {
      const int64_t window = places.output_offset(at, places.kernel.find(element));
      if (window >= 0) sum += static_cast<Sum>(of_channel[element * places.output_size + window]);
    }
    image[i] = static_cast<T>(sum);
  }
}

// f(first plane, planes) for parts of `planes`, each of at most `size` elements, that kernels can number.
template <class F>
void each_part_of_planes(int64_t planes, int64_t size, F&& f) {
  require(size <= kMostElements, ErrorKind::Shape, "the windows of a plane are limited to ", kMostElements,
          " elements, got ", size);
  const int64_t most = kMostElements / std::max<int64_t>(size, 1);
  for (int64_t first = 0; first < planes; first += most) f(first, std::min(most, planes - first));
}

// im2col(columns, self; kernelSize[2], dilation[2], padding[2], stride[2])
template <class T>
void im2col(Operand* operands, int count, Params& params) {
  require(count == 2 && operands[0].dtype == operands[1].dtype, ErrorKind::DType, "expected 2 operands of one dtype");
  const Windows w = read_unfold_windows(operands[1], operands[0], params);
  if (operands[0].numel == 0) return;
  const PackedInput image(operands[1]);
  const PackedOutput columns(operands[0]);
  const int64_t channels = operands[1].sizes[0] * operands[1].sizes[1], size = w.kernel_size() * w.output_size();
  each_part_of_planes(channels, size, [&](int64_t first, int64_t planes) {
    const int64_t n = planes * size;
    TT_RUN_ELEMENTS(n, windows_to_columns<T>, n, WindowPlaces(w), Divider(static_cast<uint32_t>(w.output_size())),
                    image.as<T>() + first * w.input_size(), columns.as<T>() + first * size);
  });
  columns.finish();
}

// col2im(image, columns; kernelSize[2], dilation[2], padding[2], stride[2])
template <class T>
void col2im(Operand* operands, int count, Params& params) {
  require(count == 2 && operands[0].dtype == operands[1].dtype, ErrorKind::DType, "expected 2 operands of one dtype");
  const Windows w = read_unfold_windows(operands[0], operands[1], params);
  if (operands[0].numel == 0) return;
  const PackedInput columns(operands[1]);
  const PackedOutput image(operands[0]);
  const int64_t channels = operands[0].sizes[0] * operands[0].sizes[1], size = w.kernel_size() * w.output_size();
  each_part_of_planes(channels, std::max(size, w.input_size()), [&](int64_t first, int64_t planes) {
    const int64_t n = planes * w.input_size();
    TT_RUN_ELEMENTS(n, columns_to_image<T>, n, WindowPlaces(w), columns.as<T>() + first * size,
                    image.as<T>() + first * w.input_size());
  });
  image.finish();
}

}  // namespace

void register_unfold() {
  register_for<Floating>("im2col", 1, []<class T>() -> Kernel { return im2col<T>; });
  register_for<Floating>("col2im", 1, []<class T>() -> Kernel { return col2im<T>; });
}

}  // namespace tt::cuda
