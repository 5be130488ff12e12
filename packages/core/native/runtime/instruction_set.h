// Kernels in cpu/vectorized are compiled once for each of these; the best that the machine has is used.
#pragma once

namespace tt {

// Fills the table of kernels. Called once, before anything else.
void register_kernels();
const char* instruction_set_name();

}  // namespace tt
