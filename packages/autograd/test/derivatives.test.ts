import * as autograd from '@ts-torch/autograd';
import { gradcheck, gradgradcheck, Node, withoutDerivative } from '@ts-torch/autograd';
import * as torch from '@ts-torch/tensor';
import { definitions } from '@ts-torch/tensor/internal';
import { describe, expect, test } from 'vitest';
import { type Sample, samples, values } from './samples/index.js';

/** Primitives that no sample reaches, each with the reason. The list only shrinks. */
const WITHOUT_SAMPLE: Record<string, string> = {
  uniform: 'random: two calls differ',
  normal: 'random: two calls differ',
  random: 'random: two calls differ',
  dropout: 'random: two calls differ',
};

test('no primitive lacks a derivative', () => {
  expect(withoutDerivative()).toEqual([]);
});

test('every differentiable primitive is reached by a sample', () => {
  const reached = new Set(samples.flatMap(primitivesOf));
  const differentiable = [...definitions.values()].filter(
    (op) => !(op.derivative as { none: boolean } | null)?.none && !(op.name in WITHOUT_SAMPLE),
  );
  expect(differentiable.map((op) => op.name).filter((name) => !reached.has(name))).toEqual([]);
});

/** The names of what a sample, its gradients and theirs record. */
function primitivesOf(sample: Sample): string[] {
  const inputs = leaves(sample);
  const outputs = resultsOf(sample, inputs);
  const starts = outputs.map((output) => torch.onesLike(output.detach()).requiresGrad_());
  const grads = autograd.grad(outputs, inputs, { gradOutputs: starts, createGraph: true, allowUnused: true });
  return [...outputs, ...grads].flatMap((tensor) => namesFrom(tensor?.gradFn ?? null));
}

function namesFrom(root: Node | null): string[] {
  const seen = new Set<Node>();
  const stack = root === null ? [] : [root];
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    if (seen.has(node)) continue;
    seen.add(node);
    // An in-place op on a view hides within the node of its base.
    const inner = (node as { inner?: unknown }).inner;
    if (inner instanceof Node) stack.push(inner);
    for (const edge of node.nextFunctions) if (edge) stack.push(edge.node);
  }
  return [...seen].flatMap((node) => {
    const definition = (node as { definition?: { name: string } }).definition;
    return definition === undefined ? [] : [definition.name];
  });
}

function leaves(sample: Sample): torch.Tensor[] {
  return sample.shapes.map((shape, i) => values(shape, sample.domain, i).requiresGrad_());
}

function resultsOf(sample: Sample, inputs: torch.Tensor[]): readonly torch.Tensor[] {
  const result = sample.f(...inputs);
  const list = result instanceof torch.Tensor ? [result] : result;
  return list.filter((output) => output.requiresGrad);
}

// --- Inputs as they may lie in memory ----------------------------------------------------------------------------------------

/** The same values with the strides of the transpose. */
function transposed(x: torch.Tensor): torch.Tensor {
  const order = x.shape.map((_, d) => d).reverse();
  return x.permute(order).clone().contiguous().permute(order).detach();
}

/** The same values, every other element of something larger. */
function sliced(x: torch.Tensor): torch.Tensor {
  const wide = torch.zeros([...x.shape, 2], { dtype: 'float64' });
  return wide.select(-1, 1).copy_(x).detach();
}

describe.each(samples.map((sample) => ({ name: sample.name, sample })))('$name', ({ sample }) => {
  const inputs = (arrange: (x: torch.Tensor) => torch.Tensor = (x) => x): torch.Tensor[] =>
    leaves(sample).map((x) => arrange(x.detach()).requiresGrad_());

  test('gradcheck and gradgradcheck', () => {
    gradcheck(sample.f, inputs());
    gradgradcheck(sample.f, inputs());
  });

  test('inputs that are transposed, sliced or expanded', () => {
    gradcheck(sample.f, inputs(transposed));
    gradcheck(sample.f, inputs(sliced));
    if (!sample.ties) return;
    const single = sample.shapes.map((shape) => shape.map((size, d) => (d === 0 ? 1 : size)));
    const expanded = (...leavesOf: torch.Tensor[]) =>
      sample.f(...leavesOf.map((x, i) => x.expand(sample.shapes[i] as number[])));
    gradcheck(
      expanded,
      single.map((shape, i) => values(shape, sample.domain, i).requiresGrad_()),
    );
  });

  test('inputs without elements or dimensions: gradients of their shape, or a TorchError', () => {
    const variants = [
      sample.shapes.map((shape) => shape.map((size, d) => (d === 0 ? 0 : size))),
      sample.shapes.map((shape) => shape.map((size, d) => (d === shape.length - 1 ? 0 : size))),
      sample.shapes.map(() => []),
    ];
    for (const shapes of variants) checkShapes({ ...sample, shapes });
  });
});

function checkShapes(sample: Sample): void {
  const inputs = leaves(sample);
  let outputs: readonly torch.Tensor[];
  try {
    outputs = resultsOf(sample, inputs);
  } catch (error) {
    expect(error).toBeInstanceOf(torch.TorchError);
    expect(error).not.toBeInstanceOf(torch.InternalError);
    return;
  }
  if (outputs.length === 0) return;
  const starts = outputs.map((output) => torch.onesLike(output.detach()));
  const grads = autograd.grad(outputs, inputs, { gradOutputs: starts, allowUnused: true });
  grads.forEach((grad, i) => {
    if (grad !== null) expect(grad.shape).toEqual(inputs[i]?.shape);
  });
}
