import { cat, isGradEnabled, narrow, type Tensor, zerosLike } from '@ts-torch/tensor';
import { gruCellBackward, lstmCellBackward, recurrentPrimitives } from '@ts-torch/tensor/internal';
import { derivative } from '../derivative.js';
import type { Gradient } from '../node.js';

const { lstmCell, gruCell } = recurrentPrimitives;

// The gates that a step saves are among its results: a gradient of gradients comes back to them, and goes on from there. So the
// formulas need no second forward.

/** From the gradient after a nonlinearity, and what else came to its result, to that before it. */
const throughSigmoid = (grad: Tensor, y: Tensor, more: Gradient | undefined): Tensor =>
  sum(grad, more).mul(y).mul(y.rsub(1));
const throughTanh = (grad: Tensor, y: Tensor, more: Gradient | undefined): Tensor =>
  sum(grad, more).mul(y.square().rsub(1));
const sum = (grad: Tensor, more: Gradient | undefined): Tensor => (more ? grad.add(more) : grad);

const parts = (gates: Gradient | undefined, count: number): readonly Tensor[] => gates?.chunk(count, { dim: 1 }) ?? [];

/** The gradients of {@link lstmCell} as formulas. */
function lstmFormulas(
  gradHidden: Tensor,
  gradCell: Tensor,
  gradGates: Gradient | undefined,
  cell: Tensor,
  next: Tensor,
  gates: Tensor,
) {
  const [i, f, g, o] = parts(gates, 4) as [Tensor, Tensor, Tensor, Tensor];
  const [moreI, moreF, moreG, moreO] = parts(gradGates, 4);
  const bounded = next.tanh();
  const grad = throughTanh(gradHidden.mul(o), bounded, null).add(gradCell);
  const before = [
    throughSigmoid(grad.mul(g), i, moreI),
    throughSigmoid(grad.mul(cell), f, moreF),
    throughTanh(grad.mul(i), g, moreG),
    throughSigmoid(gradHidden.mul(bounded), o, moreO),
  ];
  return { gates: cat(before, { dim: 1 }), cell: grad.mul(f) };
}

derivative(lstmCell, {
  saves: ['cell', 'result'],
  all: ({ grads, cell, results }) => {
    const [, next, gates] = results as [Tensor, Tensor, Tensor];
    const [gradHidden, gradCell] = [grads[0] ?? zerosLike(next), grads[1] ?? zerosLike(next)];
    const gradients =
      isGradEnabled() || grads[2]
        ? lstmFormulas(gradHidden, gradCell, grads[2], cell, next, gates)
        : lstmCellBackward(gradHidden, gradCell, cell, next, gates);
    return { fromInput: gradients.gates, fromHidden: gradients.gates, cell: gradients.cell };
  },
});

/** The gradients of {@link gruCell} as formulas. */
function gruFormulas(grad: Tensor, gradGates: Gradient | undefined, hiddenN: Tensor, hidden: Tensor, gates: Tensor) {
  const [r, z, n] = parts(gates, 3) as [Tensor, Tensor, Tensor];
  const [moreR, moreZ, moreN] = parts(gradGates, 3);
  const candidate = throughTanh(grad.mul(z.rsub(1)), n, moreN);
  const reset = throughSigmoid(candidate.mul(hiddenN), r, moreR);
  const update = throughSigmoid(grad.mul(hidden.sub(n)), z, moreZ);
  return {
    fromInput: cat([reset, update, candidate], { dim: 1 }),
    fromHidden: cat([reset, update, candidate.mul(r)], { dim: 1 }),
    hidden: grad.mul(z),
  };
}

derivative(gruCell, {
  saves: ['fromHidden', 'hidden', 'result'],
  all: ({ grads, fromHidden, hidden, results }) => {
    const [next, gates] = results as [Tensor, Tensor];
    const grad = grads[0] ?? zerosLike(next);
    const size = next.shape[1] as number;
    const hiddenN = narrow(fromHidden, 1, 2 * size, size);
    return isGradEnabled() || grads[1]
      ? gruFormulas(grad, grads[1], hiddenN, hidden, gates)
      : gruCellBackward(grad, hidden, hiddenN, gates);
  },
});
