// An operation of one's own, hooks, and checks.
import * as torch from 'ts-torch';
import { autograd, nn, type Tensor } from 'ts-torch';

class Exp extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor): Tensor {
    const y = x.exp();
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: autograd.Context, grad: Tensor): Tensor {
    const [y] = ctx.savedTensors;
    return grad.mul(y);
  }
}

const x = torch.randn([3], { dtype: 'float64', requiresGrad: true });
console.log(autograd.gradcheck((t) => Exp.apply(t), [x])); // true
const jacobian = autograd.functional.jacobian((t) => t.pow(2), x);

const handle = x.registerHook((grad) => grad.mul(2));
Exp.apply(x).sum().backward();
handle.remove();

const layer = new nn.Linear(3, 2, { dtype: 'float64' });
layer.registerForwardHook((module, inputs, output) =>
  console.log(module.constructor.name, inputs[0].shape, output.shape),
);
layer(x.detach());

autograd.detectAnomaly(() => {
  try {
    x.abs().neg().sub(1).sqrt().sum().backward();
  } catch (error) {
    console.log((error as Error).message); // names SqrtBackward, and the line that called sqrt
  }
});

const frozen = torch.noGrad(() => layer(x)); // no graph; an async callback is refused with an error that says why
console.log(frozen.requiresGrad, jacobian.shape);
