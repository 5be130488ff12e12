// Losses that pick elements by class.
#include "../checks/loss.h"

#include "allocator.h"
#include "block.h"
#include "offsets.h"

namespace tt::cuda {
namespace {

constexpr unsigned kMostBlocks = 64;

// What kernels know of a loss: places of the target, of the input without its classes, and of what there is one of for
// each target.
template <class T>
struct Picked {
  uint32_t count;
  Offsets<3> places;
  const int64_t* target;
  int64_t classes, class_step, ignore_index;
  const T* weight;  // or nothing
  int64_t weight_step;
  Reporter reporter;

  // A class, or -1 where there is none.
  TT_D int64_t label_at(int64_t place) const {
    const int64_t label = target[place];
    if (label == ignore_index) return -1;
    if (label >= 0 && label < classes) return label;
    reporter.report(KernelError::TargetOutOfRange, label, classes);
    return -1;
  }
  TT_D double weight_of(int64_t label) const {
    return weight ? static_cast<double>(static_cast<compute_t<T>>(weight[label * weight_step])) : 1.0;
  }
};

// each: what there is one of for each target; or the target itself.
template <class T>
Picked<T> picked(const Operand& input, const Operand& target, const Operand& each, const Operand& weight,
                 int64_t ignore_index) {
  const Operand operands[] = {target, without_classes(input, target), each};
  check_class_weight(weight, input);
  require(target.numel <= kMostElements, ErrorKind::Shape, "expected at most ", kMostElements, " targets, got ",
          target.numel);
  const int class_dim = class_dim_of(input);
  Picked<T> result{};
  result.count = static_cast<uint32_t>(target.numel);
  if (target.numel > 0) result.places = offsets_of(Loop<3>(operands));
  result.target = target.as<int64_t>();
  result.classes = input.sizes[class_dim];
  result.class_step = input.strides[class_dim];
  result.ignore_index = ignore_index;
  if (weight.present) {
    result.weight = weight.as<T>();
    result.weight_step = weight.strides[0];
  }
  result.reporter = reporter();
  return result;
}

struct LossSums {
  double loss, weights;
};
struct JoinLossSums {
  TT_D LossSums operator()(const LossSums& a, const LossSums& b) const {
    return {a.loss + b.loss, a.weights + b.weights};
  }
};

template <class T>
TT_D void write_sums(const LossSums& sums, LossReduction reduction, T* out, T* total) {
  using C = compute_t<T>;
  *total = static_cast<T>(static_cast<C>(sums.weights));
  if (reduction != kNone)
    *out = static_cast<T>(static_cast<C>(reduction == kMean ? sums.loss / sums.weights : sums.loss));
}

// One block writes the result; of several, each its sums.
template <class T>
__global__ void nll_loss(Picked<T> picked, LossReduction reduction, const T* self, T* out, T* total, LossSums* sums) {
  LossSums found{0, 0};
  const auto stride = static_cast<uint32_t>(grid_stride());
  for (auto i = static_cast<uint32_t>(first_element()); i < picked.count; i += stride) {
    int64_t places[3];
    picked.places.find(i, places);
    const int64_t label = picked.label_at(places[0]);
    double loss = 0;
    if (label >= 0) {
      const double weight = picked.weight_of(label);
      loss = -weight * static_cast<double>(static_cast<compute_t<T>>(self[places[1] + label * picked.class_step]));
      found.weights += weight;
    }
    found.loss += loss;
    if (reduction == kNone) out[places[2]] = static_cast<T>(static_cast<compute_t<T>>(loss));
  }
  found = block_reduce(found, JoinLossSums{});
  if (threadIdx.x != 0) return;
  if (gridDim.x == 1)
    write_sums(found, reduction, out, total);
  else
    sums[blockIdx.x] = found;
}

template <class T>
__global__ void add_up(unsigned count, const LossSums* sums, LossReduction reduction, T* out, T* total) {
  LossSums found{0, 0};
  for (unsigned i = threadIdx.x; i < count; i += blockDim.x) found = JoinLossSums{}(found, sums[i]);
  found = block_reduce(found, JoinLossSums{});
  if (threadIdx.x == 0) write_sums(found, reduction, out, total);
}

template <class T>
__global__ void nll_loss_backward(Picked<T> picked, LossReduction reduction, const T* grad, const T* total, T* out) {
  using C = compute_t<T>;
  const double divisor = reduction == kMean ? static_cast<double>(static_cast<C>(*total)) : 1.0;
  const auto stride = static_cast<uint32_t>(grid_stride());
  for (auto i = static_cast<uint32_t>(first_element()); i < picked.count; i += stride) {
    int64_t places[3];
    picked.places.find(i, places);
    const int64_t label = picked.label_at(places[0]);
    if (label < 0) continue;
    const double gradient = static_cast<double>(static_cast<C>(grad[reduction == kNone ? places[2] : 0]));
    out[places[1] + label * picked.class_step] =
        static_cast<T>(static_cast<C>(-picked.weight_of(label) * gradient / divisor));
  }
}

// nllLoss(out, totalWeight, self, target, weight?; ignoreIndex, reduction)
template <class T>
void run_nll_loss(Operand* operands, int count, Params& params) {
  const int64_t ignore_index = params.integer();
  const auto reduction = static_cast<LossReduction>(params.integer());
  check_nll_loss(operands, count, reduction);
  T *out = operands[0].as<T>(), *total = operands[1].as<T>();
  const T* self = operands[2].as<T>();
  const Operand& target = operands[3];
  const auto elements =
      picked<T>(operands[2], target, reduction == kNone ? operands[0] : target, operands[4], ignore_index);
  const unsigned threads = threads_for(target.numel), blocks = std::min(blocks_for(target.numel, threads), kMostBlocks);
  const Workspace sums(blocks * sizeof(LossSums));
  check(TT_LAUNCH(nll_loss<T>, dim3(blocks), dim3(threads), 0, current_stream(), elements, reduction, self, out, total,
                  sums.as<LossSums>()),
        "launching a loss");
  if (blocks == 1) return;
  check(TT_LAUNCH(add_up<T>, dim3(1), dim3(threads_for(blocks)), 0, current_stream(), blocks, sums.as<LossSums>(),
                  reduction, out, total),
        "launching a loss");
}

// nllLossBackward(gradSelf, grad, target, totalWeight, weight?; ignoreIndex, reduction): gradSelf comes filled with
// zeros
template <class T>
void run_nll_loss_backward(Operand* operands, int count, Params& params) {
  const int64_t ignore_index = params.integer();
  const auto reduction = static_cast<LossReduction>(params.integer());
  check_nll_loss_backward(operands, count, reduction);
  T* out = operands[0].as<T>();
  const T *grad = operands[1].as<T>(), *total = operands[3].as<T>();
  const Operand& target = operands[2];
  const auto elements =
      picked<T>(operands[0], target, reduction == kNone ? operands[1] : target, operands[4], ignore_index);
  TT_RUN_ELEMENTS(target.numel, nll_loss_backward<T>, elements, reduction, grad, total, out);
}

}  // namespace

void register_loss() {
  register_for<Floating>("nllLoss", 2, []<class T>() -> Kernel { return run_nll_loss<T>; });
  register_for<Floating>("nllLossBackward", 1, []<class T>() -> Kernel { return run_nll_loss_backward<T>; });
}

}  // namespace tt::cuda
