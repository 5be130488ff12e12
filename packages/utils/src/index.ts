export * as data from './data/index.js';
export { type FileLike, FormatError, type LoadOptions, load, save, serialize } from './serialization/index.js';
