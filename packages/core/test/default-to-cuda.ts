// Before each test file of the project 'cuda': tensors are made on the GPU, or its emulation, unless a test says otherwise.
process.env['TS_TORCH_CUDA'] ??= 'emulated';
// Each launch waits, so that errors that only a kernel can see are thrown by the op that made them, as on the CPU.
process.env['CUDA_LAUNCH_BLOCKING'] ??= '1';
const { setDefaultDevice } = await import('../src/index.js');
setDefaultDevice('cuda');

export {};
