// Sliding windows of images as columns, and back.
#include "../checks/windows.h"
#include "../runtime/registry.h"
#include "contiguous.h"
#include "im2col.h"

namespace tt {
namespace {

// im2col(columns, self; kernelSize[2], dilation[2], padding[2], stride[2])
template <class T>
void im2col_kernel(Operand* operands, int count, Params& params) {
  using Compute = compute_t<T>;
  require(count == 2 && operands[0].dtype == operands[1].dtype, ErrorKind::DType, "expected 2 operands of one dtype");
  const Windows w = read_unfold_windows(operands[1], operands[0], params);
  if (operands[0].numel == 0) return;
  const int64_t channels = operands[1].sizes[1], image_size = channels * w.input_size();
  const int64_t columns_size = channels * w.kernel_size() * w.output_size();
  const Input<Compute> image(operands[1]);
  const Output<Compute> columns(operands[0]);
  parallel_for(operands[1].sizes[0], std::max<int64_t>(kGrain / columns_size, 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      im2col(w, channels, image.data() + i * image_size, 0, w.output_size(), columns.data() + i * columns_size);
  });
  columns.finish();
}

// col2im(image, columns; kernelSize[2], dilation[2], padding[2], stride[2]): what falls on one pixel is added up.
template <class T>
void col2im_kernel(Operand* operands, int count, Params& params) {
  using Compute = compute_t<T>;
  require(count == 2 && operands[0].dtype == operands[1].dtype, ErrorKind::DType, "expected 2 operands of one dtype");
  const Windows w = read_unfold_windows(operands[0], operands[1], params);
  if (operands[0].numel == 0) return;
  const int64_t channels = operands[0].sizes[1], image_size = channels * w.input_size();
  const int64_t columns_size = channels * w.kernel_size() * w.output_size();
  const Input<Compute> columns(operands[1]);
  const Output<Compute> image(operands[0]);
  parallel_for(
      operands[0].sizes[0], std::max<int64_t>(kGrain / (columns_size + 1), 1), [&](int64_t begin, int64_t end) {
        std::fill(image.data() + begin * image_size, image.data() + end * image_size, Compute(0));
        for (int64_t i = begin; i < end; ++i)
          col2im(w, channels, columns.data() + i * columns_size, 0, w.output_size(), image.data() + i * image_size);
      });
  image.finish();
}

}  // namespace

void register_unfold() {
  register_for<Floating>("im2col", 1, []<class T>() -> Kernel { return im2col_kernel<T>; });
  register_for<Floating>("col2im", 1, []<class T>() -> Kernel { return col2im_kernel<T>; });
}

}  // namespace tt
