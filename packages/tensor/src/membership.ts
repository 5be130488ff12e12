import { type Device, ValueError } from '@ts-torch/core';
import { tensor, zeros } from './creation.js';
import { readOptions } from './op.js';
import { reshape } from './ops/views.js';
import { isScalar, promoteInfo, type Scalar } from './promotion.js';
import { withoutRecording } from './recording.js';
import { Tensor } from './tensor.js';

export interface IsinOptions {
  /** As in PyTorch; it only promises something. */
  assumeUnique?: boolean | undefined;
  /** Whether each element is not among them. */
  invert?: boolean | undefined;
}

/**
 * Whether each element is among the test elements. Shape: that of `elements`.
 *
 * @example torch.isin(torch.tensor([1, 2, 3]), torch.tensor([2, 4])) // tensor([False, True, False])
 */
export function isin(elements: Tensor | Scalar, testElements: Tensor | Scalar, options?: IsinOptions): Tensor {
  const { invert } = readOptions<IsinOptions>('isin', options, { assumeUnique: false, invert: false });
  const device = deviceOf(elements) ?? deviceOf(testElements);
  const asked = tensorOf('elements', elements, device);
  const tests = tensorOf('testElements', testElements, device);
  const found = withoutRecording(() => search(asked, tests));
  return invert ? found.logicalNot() : found;
}

const deviceOf = (value: Tensor | Scalar): Device | undefined => (value instanceof Tensor ? value.device : undefined);

function tensorOf(name: string, value: Tensor | Scalar, device: Device | undefined): Tensor {
  if (value instanceof Tensor) return value;
  if (!isScalar(value)) throw new ValueError(`isin: expected ${name} to be a tensor or a number`);
  return tensor(value, { device });
}

function search(elements: Tensor, tests: Tensor): Tensor {
  if (tests.numel() === 0) return zeros(elements.shape, { dtype: 'bool', device: elements.device });
  const common = promoteInfo(elements.dtypeInfo, tests.dtypeInfo).name;
  const [asked, sorted] = [elements.to(common), reshape(tests.to(common), [-1]).sort(0).values];
  const places = sorted.searchsorted(reshape(asked, [-1])).clampMax(sorted.numel() - 1);
  return reshape(sorted.gather(0, places), elements.shape).eq(asked);
}
