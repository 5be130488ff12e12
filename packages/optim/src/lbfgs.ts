import { enableGrad, noGrad } from '@ts-torch/autograd';
import { describe, ValueError } from '@ts-torch/core';
import { cat, type Tensor, zeros } from '@ts-torch/tensor';
import { type LinePoint, strongWolfe } from './line-search.js';
import { type Given, Optimizer, type ParamGroup, type Params } from './optimizer.js';

export interface LBFGSOptions {
  /** The step's size, or the first one that the line search tries. */
  lr: number;
  /** Iterations of one `step`. */
  maxIter: number;
  /** Calls of the closure in one `step`; 1.25 times `maxIter` unless given. */
  maxEval: number | null;
  /** Stop when no element of the gradient is larger. */
  toleranceGrad: number;
  /** Stop when neither the loss nor a parameter changes by more. */
  toleranceChange: number;
  /** How many past steps the Hessian is estimated from. */
  historySize: number;
  lineSearchFn: 'strong_wolfe' | null;
}

/** The state belongs to all parameters together; it is kept with the first one, as in PyTorch. */
interface LBFGSState {
  funcEvals: number;
  nIter: number;
  d?: Tensor;
  t?: number;
  oldDirs?: Tensor[];
  oldStps?: Tensor[];
  ro?: number[];
  HDiag?: number;
  prevFlatGrad?: Tensor;
  prevLoss?: number;
}

const DEFAULTS: LBFGSOptions = {
  lr: 1,
  maxIter: 20,
  maxEval: null,
  toleranceGrad: 1e-7,
  toleranceChange: 1e-9,
  historySize: 100,
  lineSearchFn: null,
};

type LBFGSGroup = LBFGSOptions & { maxEval: number };

const largest = (x: Tensor): number => x.abs().max().item();
const dot = (a: Tensor, b: Tensor): number => a.dot(b).item();

/**
 * L-BFGS, a quasi-Newton method for losses that are not stochastic; Nocedal & Wright 2006, algorithms 7.4 and 7.5. Each `step` runs
 * up to `maxIter` iterations and calls the closure many times. One group of parameters only.
 *
 * @example
 * const w = new nn.Parameter(torch.tensor([1]));
 * const optimizer = new optim.LBFGS([w]);
 * optimizer.step(() => {
 *   optimizer.zeroGrad();
 *   const loss = w.square().sum();
 *   loss.backward();
 *   return loss;
 * });
 * w.detach().abs().lt(1e-4) // tensor([True])
 */
export class LBFGS extends Optimizer<LBFGSOptions, LBFGSState> {
  constructor(params: Params<LBFGSOptions>, options?: Given<LBFGSOptions>) {
    super(params, options, DEFAULTS, {});
    const group = this.paramGroups[0] as ParamGroup<LBFGSOptions>;
    group.maxEval ??= Math.floor((group.maxIter * 5) / 4);
  }

  protected override check({ lineSearchFn }: LBFGSOptions): void {
    if (lineSearchFn !== null && lineSearchFn !== 'strong_wolfe')
      throw new ValueError(`LBFGS: expected lineSearchFn to be 'strong_wolfe' or null, got ${describe(lineSearchFn)}`);
  }

  override addParamGroup(group: Parameters<Optimizer<LBFGSOptions>['addParamGroup']>[0]): void {
    if (this.paramGroups.length > 0) throw new ValueError('LBFGS: expected one group of parameters, got a second one');
    super.addParamGroup(group);
  }

  protected override newState(): LBFGSState {
    return { funcEvals: 0, nIter: 0 };
  }

  private get params(): Tensor[] {
    return (this.paramGroups[0] as ParamGroup<LBFGSOptions>).params;
  }

  private flatGrad(): Tensor {
    return cat(
      this.params.map((param) => {
        const { grad } = param;
        return grad === null ? zeros([param.numel()], { dtype: param.dtype, device: param.device }) : grad.reshape(-1);
      }),
    );
  }

  /** Moves the parameters along a flat direction. */
  private move(direction: Tensor, t: number): void {
    let offset = 0;
    for (const param of this.params) {
      const numel = param.numel();
      param.add_(direction.narrow(0, offset, numel).view(param.shape), { alpha: t });
      offset += numel;
    }
  }

  override step(): never;
  override step<Loss>(closure: () => Loss): Loss;
  override step<Loss extends Tensor | number>(closure?: () => Loss): Loss {
    if (typeof closure !== 'function')
      throw new ValueError(
        'LBFGS: step needs a closure that computes the loss and its gradients, and returns the loss',
      );
    this.stepCount++;
    return noGrad(() => this.minimize(() => enableGrad(closure)));
  }

  private minimize<Loss extends Tensor | number>(closure: () => Loss): Loss {
    const group = this.paramGroups[0] as LBFGSGroup & { params: Tensor[] };
    const { lr, maxIter, maxEval, toleranceGrad, toleranceChange } = group;
    const first = this.params[0] as Tensor;
    const state = this.state.get(first) ?? this.newState();
    this.state.set(first, state);
    let evaluations = 0;
    const evaluate = (): { loss: number; grad: Tensor; raw: Loss } => {
      const raw = closure();
      evaluations++;
      state.funcEvals++;
      return { loss: typeof raw === 'number' ? raw : raw.item(), grad: this.flatGrad(), raw };
    };

    const initial = evaluate();
    let { loss, grad } = initial;
    for (let i = 1; i <= maxIter && !(largest(grad) <= toleranceGrad); i++) {
      state.nIter++;
      const direction = this.direction(state, grad, group);
      const lossBefore = loss;
      state.prevFlatGrad = grad;
      state.prevLoss = loss;
      state.d = direction;
      state.t = state.nIter === 1 ? Math.min(1, 1 / grad.abs().sum().item()) * lr : lr;
      const slope = dot(grad, direction);
      if (slope > -toleranceChange) break;

      if (group.lineSearchFn === null) {
        this.move(direction, state.t);
        // After the last iteration nobody asks for the loss: in a stochastic setting it would be of no use.
        if (i < maxIter) ({ loss, grad } = evaluate());
      } else {
        const point = this.search(state, { t: 0, loss, grad, slope }, evaluate, toleranceChange);
        ({ loss, grad } = point);
        state.t = point.t;
        this.move(direction, point.t);
      }
      if (evaluations >= maxEval || largest(direction) * Math.abs(state.t) <= toleranceChange) break;
      if (Math.abs(loss - lossBefore) < toleranceChange) break;
    }
    return initial.raw;
  }

  private search(
    { d, t }: LBFGSState,
    start: LinePoint,
    evaluate: () => { loss: number; grad: Tensor },
    toleranceChange: number,
  ): LinePoint {
    const direction = d as Tensor;
    const params = this.params.map((param) => param.clone());
    const at = (t: number): LinePoint => {
      this.move(direction, t);
      const { loss, grad } = evaluate();
      this.params.forEach((param, i) => {
        param.copy_(params[i] as Tensor);
      });
      return { t, loss, grad, slope: dot(grad, direction) };
    };
    return strongWolfe(at, start, t as number, { toleranceChange, reach: largest(direction) });
  }

  /** The gradient times the estimated inverse of the Hessian, downwards; algorithm 7.4, the two loops. */
  private direction(state: LBFGSState, grad: Tensor, { historySize }: LBFGSOptions): Tensor {
    state.oldDirs ??= [];
    state.oldStps ??= [];
    state.ro ??= [];
    state.HDiag ??= 1;
    const { oldDirs, oldStps, ro, d, t, prevFlatGrad } = state;
    if (d === undefined || prevFlatGrad === undefined) return grad.neg();

    const y = grad.sub(prevFlatGrad);
    const s = d.mul(t as number);
    const ys = dot(y, s);
    // Else the curvature is not positive, and the estimate would not be either.
    if (ys > 1e-10) {
      for (const list of [oldDirs, oldStps, ro]) if (list.length === historySize) list.shift();
      oldDirs.push(y);
      oldStps.push(s);
      ro.push(1 / ys);
      state.HDiag = ys / dot(y, y);
    }
    const q = grad.neg();
    const alphas: number[] = [];
    for (let i = oldDirs.length - 1; i >= 0; i--) {
      alphas[i] = dot(oldStps[i] as Tensor, q) * (ro[i] as number);
      q.add_(oldDirs[i] as Tensor, { alpha: -(alphas[i] as number) });
    }
    const r = q.mul_(state.HDiag);
    for (let i = 0; i < oldDirs.length; i++) {
      const beta = dot(oldDirs[i] as Tensor, r) * (ro[i] as number);
      r.add_(oldStps[i] as Tensor, { alpha: (alphas[i] as number) - beta });
    }
    return r;
  }
}
