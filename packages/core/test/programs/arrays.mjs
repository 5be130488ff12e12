// One-dimensional float32 arrays over core alone.
import { dtypeInfo, kernel, launch1, launch2, Scalar, Storage } from '@ts-torch/core';

const FLOAT32 = dtypeInfo('float32');
const COPY = kernel('copy');
const ADD = kernel('add');

export function array(length) {
  return { storage: Storage.allocate(4 * length), dtypeInfo: FLOAT32, shape: [length], strides: [1], offset: 0 };
}

export function filled(length, value) {
  const out = array(length);
  out.storage.write(
    0,
    Float32Array.from({ length }, () => value),
  );
  return out;
}

export function copyOf(source) {
  const out = array(source.shape[0]);
  launch1(COPY, out, source);
  return out;
}

export function plusOne(source) {
  const out = array(source.shape[0]);
  launch2(ADD, out, source, new Scalar(1, FLOAT32));
  return out;
}

export function first(source) {
  const value = new Float32Array(1);
  source.storage.read(0, value);
  return value[0];
}

export const megabytes = (bytes) => Math.round(bytes / 2 ** 20);
