// Ops that number what they find, in order: each block counts in its chunk, the counts are added up, and each block
// goes over its chunk again knowing where its first find goes.
#pragma once
#include <cstdint>

namespace tt::cuda {

constexpr uint32_t kChunk = 4096;

// Counts of chunks become what comes before them, from *total on, which becomes the sum of all. In device memory.
void start_chunks(int64_t* counts, int64_t chunks, int64_t* total);

}  // namespace tt::cuda
