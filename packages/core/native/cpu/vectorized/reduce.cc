#include "loops.h"

namespace tt::TT_INSTRUCTION_SET {

void register_reduce() {}

}  // namespace tt::TT_INSTRUCTION_SET
