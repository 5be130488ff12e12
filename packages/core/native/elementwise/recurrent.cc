// The steps of recurrent cells, but for their products: one pass over memory where their formulas are a dozen.
#include "../functors/recurrent.h"

#include <array>

#include "updates.h"

namespace tt::TT_INSTRUCTION_SET {
namespace {

// What a kernel is given: how many gates lie side by side in each of its operands. All are [N, gates * hidden size].
template <class T, class F, int... gates>
void run_cell(Operand* operands, int count, Params&) {
  static_assert((gates + ...) == F::kOperands);
  constexpr std::array<int, sizeof...(gates)> widths{gates...};
  require_operands(operands, count, static_cast<int>(widths.size()));
  std::array<Operand, F::kOperands> parts;
  int part = 0;
  for (size_t k = 0; k < widths.size(); ++k) {
    const Operand& whole = operands[k];
    require(whole.ndim == 2 && whole.sizes[1] % widths[k] == 0, ErrorKind::Shape, "expected a matrix of ", widths[k],
            " equal parts, got ", whole.shape());
    const int64_t width = whole.sizes[1] / widths[k];
    for (int gate = 0; gate < widths[k]; ++gate, ++part) {
      parts[part] = whole;
      parts[part].sizes[1] = width;
      parts[part].numel = whole.sizes[0] * width;
      parts[part].data += gate * width * whole.strides[1] * static_cast<int64_t>(sizeof(T));
    }
  }
  update_all<T, F::kOperands, 0, (1u << F::kWritten) - 1>(parts.data(), 1, {}, F{});
}

}  // namespace

void register_recurrent() {
  using namespace functors;
  // (gates, c', h' | the input's gates, the hidden state's, c)
  register_for<Floating>("lstmCell", 3, []<class T>() -> Kernel { return run_cell<T, LstmCell, 4, 1, 1, 4, 4, 1>; });
  // (gradients of the gates, of c | gates, c, c', gradients of h' and c')
  register_for<Floating>("lstmCellBackward", 2,
                         []<class T>() -> Kernel { return run_cell<T, LstmCellBackward, 4, 1, 4, 1, 1, 1, 1>; });
  // (gates, h' | the input's gates, the hidden state's, h)
  register_for<Floating>("gruCell", 2, []<class T>() -> Kernel { return run_cell<T, GruCell, 3, 1, 3, 3, 1>; });
  // (gradients of the input's gates, of the hidden state's, of h | gates, the hidden state's n, h, gradient of h')
  register_for<Floating>("gruCellBackward", 3,
                         []<class T>() -> Kernel { return run_cell<T, GruCellBackward, 3, 3, 1, 3, 1, 1, 1>; });
}

}  // namespace tt::TT_INSTRUCTION_SET
