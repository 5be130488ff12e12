import * as torch from '@ts-torch/tensor';
import { expect, test } from 'vitest';

test('histogramdd counts in a grid', () => {
  const points = torch.tensor([
    [0, 0],
    [0.9, 0.1],
    [1, 1],
    [2, 2],
  ]);
  const { hist, binEdges } = torch.histogramdd(points, [2, 2], { range: [0, 1, 0, 1] });
  expect(hist.tolist()).toEqual([
    [1, 0],
    [1, 1],
  ]);
  expect(binEdges.map((edges) => edges.tolist())).toEqual([
    [0, 0.5, 1],
    [0, 0.5, 1],
  ]);
  const weighted = torch.histogramdd(points, 2, { range: [0, 1, 0, 1], density: true }).hist;
  expect(weighted.sum().item()).toBeCloseTo(4, 5);
});
