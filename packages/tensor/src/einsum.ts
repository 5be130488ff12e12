import { describe, ShapeError, ValueError } from '@ts-torch/core';
import { checkSameDevice, checkTensors } from './op.js';
import { diagonal, expand, permute, reshape } from './ops/views.js';
import { show } from './shape.js';
import type { Tensor } from './tensor.js';

/** A tensor whose dimensions have labels, each once. */
interface Labelled {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

const sizeOf = ({ tensor, labels }: Labelled, label: string): number => tensor.shape[labels.indexOf(label)] as number;

/**
 * Einstein's summation: `einsum('bij,bjk->bik', a, b)`. Each operand's dimensions are named by letters; those that the result does
 * not name are multiplied and summed over. A letter twice in one operand takes its diagonal, `...` stands for further
 * dimensions, which broadcast. Without `->` the result has the letters that occur once, in alphabetical order. Pairs are
 * contracted from left to right, each by one matrix product.
 *
 * @example torch.einsum('ij,j->i', torch.tensor([[1, 2], [3, 4]]), torch.tensor([1, 1])) // tensor([3., 7.])
 */
export function einsum(equation: string, ...args: readonly Tensor[] | readonly [readonly Tensor[]]): Tensor {
  if (typeof equation !== 'string')
    throw new ValueError(`einsum: expected an equation such as 'ij,jk->ik', got ${describe(equation)}`);
  const operands = args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
  checkTensors('einsum', operands, 'operands');
  checkSameDevice('einsum', operands);
  const [left, right] = equation.replaceAll(' ', '').split('->') as [string, string | undefined];
  const terms = left.split(',');
  if (terms.length !== operands.length)
    throw new ValueError(`einsum: '${equation}' names ${terms.length} operands, got ${operands.length}`);
  const labelled = terms.map((term, i) => label(operands[i] as Tensor, term));
  const output = right === undefined ? implicitOutput(terms, labelled) : explicitOutput(right, labelled);
  checkSizes(labelled);
  return arranged(contractAll(labelled, output), output);
}

/** Splits a term into letters; `...` stands for as many labels as there are dimensions left. */
function lettersOf(term: string, ellipsis: readonly string[]): string[] {
  const [before, after, more] = term.split('...');
  if (more !== undefined || !/^[a-zA-Z]*$/.test(`${before}${after ?? ''}`))
    throw new ValueError(`einsum: expected letters and at most one '...', got '${term}'`);
  return [...(before as string), ...(after === undefined ? [] : ellipsis), ...(after ?? '')];
}

/** Labels of dimensions under `...`, the last being `.0`, so that they align as in broadcasting. */
const ellipsisLabels = (count: number): string[] => Array.from({ length: count }, (_, i) => `.${count - 1 - i}`);

function label(tensor: Tensor, term: string): Labelled {
  const named = lettersOf(term, []).length;
  const free = tensor.shape.length - named;
  const labels = lettersOf(term, ellipsisLabels(Math.max(free, 0)));
  if (labels.length !== tensor.shape.length)
    throw new ShapeError(
      `einsum: '${term}' does not name the ${tensor.shape.length} dimensions of ${show(tensor.shape)}`,
    );
  return withDiagonals({ tensor, labels });
}

/** A label that occurs twice becomes one, on the diagonal. */
function withDiagonals({ tensor, labels }: Labelled): Labelled {
  const second = labels.findIndex((name, d) => labels.indexOf(name) !== d);
  if (second === -1) return { tensor, labels };
  const name = labels[second] as string;
  const first = labels.indexOf(name);
  if (tensor.shape[first] !== tensor.shape[second])
    throw new ShapeError(
      `einsum: '${name}' names sizes ${tensor.shape[first]} and ${tensor.shape[second]} of ${show(tensor.shape)}`,
    );
  const rest = labels.filter((_, d) => d !== first && d !== second);
  return withDiagonals({ tensor: diagonal(tensor, { dim1: first, dim2: second }), labels: [...rest, name] });
}

function longestEllipsis(operands: readonly Labelled[]): string[] {
  const counts = operands.map(({ labels }) => labels.filter((name) => name.startsWith('.')).length);
  return ellipsisLabels(Math.max(0, ...counts));
}

function implicitOutput(terms: readonly string[], operands: readonly Labelled[]): string[] {
  const letters = [...terms.join('').replaceAll('.', '')];
  const single = letters.filter((name) => letters.indexOf(name) === letters.lastIndexOf(name));
  return [...longestEllipsis(operands), ...single.sort()];
}

function explicitOutput(term: string, operands: readonly Labelled[]): string[] {
  const output = lettersOf(term, longestEllipsis(operands));
  for (const [i, name] of output.entries()) {
    if (output.indexOf(name) !== i) throw new ValueError(`einsum: the result names '${name}' twice`);
    if (!operands.some(({ labels }) => labels.includes(name)))
      throw new ValueError(`einsum: the result names '${name}', which no operand has`);
  }
  return output;
}

function checkSizes(operands: readonly Labelled[]): void {
  const sizes = new Map<string, number>();
  for (const { tensor, labels } of operands) {
    for (const [d, name] of labels.entries()) {
      const size = tensor.shape[d] as number;
      const known = sizes.get(name) ?? 1;
      if (size !== 1 && known !== 1 && size !== known)
        throw new ShapeError(`einsum: '${name.startsWith('.') ? '...' : name}' names sizes ${known} and ${size}`);
      sizes.set(name, Math.max(known, size === 1 ? known : size));
      if (size === 0) sizes.set(name, 0);
    }
  }
}

function contractAll(operands: readonly Labelled[], output: readonly string[]): Labelled {
  const isNeeded = (from: number) => (name: string) =>
    output.includes(name) || operands.slice(from).some(({ labels }) => labels.includes(name));
  let result = operands[0] as Labelled;
  for (const [i, operand] of operands.entries()) {
    if (i > 0) result = contract(result, operand, isNeeded(i + 1));
  }
  return summedOut(result, (name) => output.includes(name));
}

/** Sums over the labels that are not to be kept. */
function summedOut({ tensor, labels }: Labelled, keep: (name: string) => boolean): Labelled {
  const dims = labels.flatMap((name, d) => (keep(name) ? [] : [d]));
  return dims.length === 0 ? { tensor, labels } : { tensor: tensor.sum(dims), labels: labels.filter(keep) };
}

/** The product of two operands, summed over the labels that both have and nobody needs any more: one batched matrix product. */
function contract(left: Labelled, right: Labelled, isNeeded: (name: string) => boolean): Labelled {
  const a = summedOut(left, (name) => isNeeded(name) || right.labels.includes(name));
  const b = summedOut(right, (name) => isNeeded(name) || left.labels.includes(name));
  const shared = a.labels.filter((name) => b.labels.includes(name));
  const batch = shared.filter(isNeeded);
  const summed = shared.filter((name) => !isNeeded(name));
  const rows = a.labels.filter((name) => !shared.includes(name));
  const columns = b.labels.filter((name) => !shared.includes(name));
  const commonSize = (name: string): number => {
    const [m, n] = [sizeOf(a, name), sizeOf(b, name)];
    return m === 1 ? n : m;
  };
  const sizes = new Map([
    ...shared.map((name) => [name, commonSize(name)] as const),
    ...rows.map((name) => [name, sizeOf(a, name)] as const),
    ...columns.map((name) => [name, sizeOf(b, name)] as const),
  ]);
  const product = asMatrices(a, [batch, rows, summed], sizes).matmul(asMatrices(b, [batch, summed, columns], sizes));
  const labels = [...batch, ...rows, ...columns];
  return {
    tensor: reshape(
      product,
      labels.map((name) => sizes.get(name) as number),
    ),
    labels,
  };
}

/** The dimensions put together in three groups: batch, rows, columns. */
function asMatrices(
  { tensor, labels }: Labelled,
  groups: readonly (readonly string[])[],
  sizes: ReadonlyMap<string, number>,
): Tensor {
  const order = groups.flat();
  const ordered = permute(
    tensor,
    order.map((name) => labels.indexOf(name)),
  );
  const full = expand(
    ordered,
    order.map((name) => sizes.get(name) as number),
  );
  return reshape(
    full,
    groups.map((group) => group.reduce((product, name) => product * (sizes.get(name) as number), 1)),
  );
}

function arranged({ tensor, labels }: Labelled, output: readonly string[]): Tensor {
  return permute(
    tensor,
    output.map((name) => labels.indexOf(name)),
  );
}
