import { DTypeError, type DTypeInfo, kernel, launch, ShapeError } from '@ts-torch/core';
import { allocate } from './allocation.js';
import { castTo, commonDevice, primitive } from './op.js';
import { resultType } from './promotion.js';
import { type Shape, sameShape, show } from './shape.js';
import type { Tensor } from './tensor.js';

// The steps of recurrent cells, but for their products: one kernel each. What an unrolled sequence costs is mostly the number of
// its ops.

const KERNELS = {
  lstmCell: kernel('lstmCell'),
  lstmCellBackward: kernel('lstmCellBackward'),
  gruCell: kernel('gruCell'),
  gruCellBackward: kernel('gruCellBackward'),
};

/** Checks a step's arguments, and gives them the dtype that they have in common. */
function prepareStep(op: string, gates: number, given: readonly [Tensor, Tensor, Tensor]): [Tensor, Tensor, Tensor] {
  const [fromInput, fromHidden, state] = given;
  commonDevice(op, given);
  const info: DTypeInfo = resultType(given);
  if (info.category !== 'float') throw new DTypeError(`${op}: expected floating-point numbers, got ${info.name}`);
  const [n, size] = state.shape;
  const expected: Shape = [n as number, gates * (size as number)];
  for (const [name, { shape }] of Object.entries({ fromInput, fromHidden })) {
    if (state.shape.length !== 2 || !sameShape(shape, expected))
      throw new ShapeError(
        `${op}: expected ${name} to hold ${gates} gates for a state of ${show(state.shape)}, got shape ${show(shape)}`,
      );
  }
  return [castTo(fromInput, info), castTo(fromHidden, info), castTo(state, info)];
}

const like = (x: Tensor): Tensor => allocate(x.shape, x.dtypeInfo, x.device);

/**
 * `c' = sigmoid(f) c + sigmoid(i) tanh(g)`, `h' = sigmoid(o) tanh(c')`, with the gates `[i, f, g, o] = fromInput + fromHidden`,
 * of shape `[N, 4 H]`. Results: h', c', and the gates after their nonlinearities, for the derivative.
 */
const lstmCell = primitive(
  'lstmCell',
  ['fromInput', 'fromHidden', 'cell'],
  (fromInput: Tensor, fromHidden: Tensor, cell: Tensor): [hidden: Tensor, cell: Tensor, gates: Tensor] => {
    const inputs = prepareStep('lstmCell', 4, [fromInput, fromHidden, cell]);
    const [hidden, next, gates] = [like(inputs[2]), like(inputs[2]), like(inputs[0])];
    launch(KERNELS.lstmCell, [gates, next, hidden, ...inputs]);
    return [hidden, next, gates];
  },
);

/** The gradients of {@link lstmCell}; not recorded. */
export function lstmCellBackward(
  gradHidden: Tensor,
  gradCell: Tensor,
  cell: Tensor,
  next: Tensor,
  gates: Tensor,
): { gates: Tensor; cell: Tensor } {
  const gradients = { gates: like(gates), cell: like(next) };
  const inputs = [gates, castTo(cell, next.dtypeInfo), next, gradHidden, gradCell];
  launch(KERNELS.lstmCellBackward, [gradients.gates, gradients.cell, ...inputs]);
  return gradients;
}

/**
 * `h' = n + sigmoid(z) (h - n)`, `n = tanh(input's n + sigmoid(r) hidden's n)`, with the gates `[r, z, n]`, of shape `[N, 3 H]`.
 * Results: h', and the gates after their nonlinearities, for the derivative.
 */
const gruCell = primitive(
  'gruCell',
  ['fromInput', 'fromHidden', 'hidden'],
  (fromInput: Tensor, fromHidden: Tensor, hidden: Tensor): [hidden: Tensor, gates: Tensor] => {
    const inputs = prepareStep('gruCell', 3, [fromInput, fromHidden, hidden]);
    const [next, gates] = [like(inputs[2]), like(inputs[0])];
    launch(KERNELS.gruCell, [gates, next, ...inputs]);
    return [next, gates];
  },
);

/** The gradients of {@link gruCell}; not recorded. `hiddenN` is the hidden state's part of the gate n. */
export function gruCellBackward(
  grad: Tensor,
  hidden: Tensor,
  hiddenN: Tensor,
  gates: Tensor,
): { fromInput: Tensor; fromHidden: Tensor; hidden: Tensor } {
  const gradients = { fromInput: like(gates), fromHidden: like(gates), hidden: like(grad) };
  const inputs = [gates, castTo(hiddenN, gates.dtypeInfo), castTo(hidden, gates.dtypeInfo), grad];
  launch(KERNELS.gruCellBackward, [gradients.fromInput, gradients.fromHidden, gradients.hidden, ...inputs]);
  return gradients;
}

/** One step of a recurrent cell, after its products. */
export const recurrentPrimitives = { lstmCell, gruCell };
