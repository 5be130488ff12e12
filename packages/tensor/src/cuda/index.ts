// torch.cuda: NVIDIA GPUs.
export * from './device.js';
export * from './memory.js';
export * from './queries.js';
export * from './random.js';
export * from './streams.js';
