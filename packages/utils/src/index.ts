export { type CheckpointOptions, checkpoint, checkpointSequential } from './checkpoint.js';
export * as data from './data/index.js';
export { type FileLike, FormatError, type LoadOptions, load, save, serialize } from './serialization/index.js';
