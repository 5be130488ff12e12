// The newcomer's walkthrough: tensors, the GPU, the graph.
import * as torch from 'ts-torch';

// Tensors
const x = torch.empty([5, 3]);
const r = torch.rand([5, 3], { dtype: 'float64' });
const t = torch.tensor([
  [1, 2, 3],
  [4, 5, 6],
]); // JavaScript's numbers are floating point: float32, whatever their values
const labels = torch.tensor([3, 1, 2], { dtype: 'int64' }); // bigints give int64 too, booleans bool, typed arrays their own
console.log(x.shape, r.dtype, t.size(0), labels.numel()); // [5, 3] 'float64' 2 3
console.log(
  torch.tensor([
    [0.5, -1.25],
    [2, 3],
  ]),
); // prints as PyTorch does, with its four digits and dtype

const y = torch.ones([5, 3]);
y.add_(1); // in place
const sum = x.add(y),
  weighted = x.add(y, { alpha: 0.1 });
const out = torch.empty([5, 3]);
torch.add(x, y, { out });

// Indexing: views, no copies; strings are slices, checked while you type
y.at(':', 1); // the second column
y.at('1:4:2', [0, 2]); // slice, then a list of columns
y.at(y.gt(0)); // mask
y.put_(['...', 0], 7); // assignment
const [first, ...rest] = t; // iterates over dimension 0

// To JavaScript and back, sharing memory where it can
const numbers = t.tolist(); // nested arrays
const typed = r.toTypedArray(); // Float64Array, a copy
const shared = torch.fromTypedArray(new Float32Array(6), [2, 3]); // shares the memory of the array
const bytes = torch.frombuffer(new Uint8Array(12).buffer, { dtype: 'float32' }).reshape(3, 1);

// Several results: an object that is also a list
const { values, indices } = r.max(1);
const [q, upper] = torch.linalg.qr(r);

// The GPU, when there is one
const device = torch.cuda.isAvailable() ? 'cuda' : 'cpu';
const onDevice = x.to(device).add(y.to(device));
console.log(onDevice.device, onDevice.sum().item());

// The graph: recorded while the program runs
const a = torch.ones([2, 2], { requiresGrad: true });
const b = a.add(2);
console.log(b.gradFn); // AddBackward, printable, walkable through nextFunctions
const c = b.mul(b).mul(3);
c.mean().backward();
console.log(a.grad); // 4.5 everywhere

let v = torch.randn([3], { requiresGrad: true }).mul(2);
while (v.data.norm().item() < 1000) v = v.mul(2); // control flow is JavaScript's
v.backward(torch.tensor([0.1, 1.0, 0.0001]));

const [g] = torch.autograd.grad(a.pow(3).sum(), [a], { createGraph: true });
g!.sum().backward(); // gradients of gradients

export { bytes, first, indices, numbers, q, rest, shared, sum, typed, upper, values, weighted };
