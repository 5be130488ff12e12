import { ones, tensor } from '@ts-torch/tensor';
import { expect, test } from 'vitest';
import { transforms } from '../src/index.js';

const image = tensor([
  [0, 51],
  [102, 255],
]).to('uint8');

test('ToTensor puts channels first, and bytes between 0 and 1', () => {
  const result = new transforms.ToTensor().forward(image);
  expect(result.shape).toEqual([1, 2, 2]);
  expect(result.at(0, 1, 1).item()).toBe(1);
  expect(new transforms.ToTensor().forward(ones([2, 3, 4])).shape).toEqual([4, 2, 3]);
});

test('Normalize is by channel', () => {
  const x = tensor([[[1, 2]], [[3, 4]]]);
  expect(new transforms.Normalize([1, 3], [1, 2]).forward(x).tolist()).toEqual([[[0, 1]], [[0, 0.5]]]);
  expect(() => new transforms.Normalize([1, 2], [1, 0])).toThrow(/std without zeros/);
  expect(() => new transforms.Normalize([1], [1]).forward(image)).toThrow(/use ToTensor first/);
});

test('Pad and CenterCrop undo each other', () => {
  const padded = new transforms.Pad([1, 2], { fill: 9 }).forward(image);
  expect(padded.shape).toEqual([6, 4]);
  expect(padded.at(0, 0).item()).toBe(9);
  expect(new transforms.CenterCrop(2).forward(padded).tolist()).toEqual(image.tolist());
});

test('random crops and flips keep shapes and values', () => {
  const crop = new transforms.RandomCrop(2, { padding: 1 }).forward(image);
  expect(crop.shape).toEqual([2, 2]);
  expect(new transforms.RandomHorizontalFlip({ p: 1 }).forward(image).tolist()).toEqual([
    [51, 0],
    [255, 102],
  ]);
  expect(new transforms.RandomVerticalFlip({ p: 0 }).forward(image).tolist()).toEqual(image.tolist());
  expect(new transforms.RandomHorizontalFlip().p).toBe(0.5);
  expect(() => new transforms.RandomHorizontalFlip({ p: 2 })).toThrow(
    /RandomHorizontalFlip: expected p in \[0, 1\], got 2/,
  );
  // @ts-expect-error p is an option
  expect(() => new transforms.RandomVerticalFlip(1)).toThrow(/RandomVerticalFlip: expected options such as { p }/);

  expect(() => new transforms.RandomCrop(3).forward(image)).toThrow(/cannot cut \[3, 3\]/);
});
