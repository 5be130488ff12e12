import * as torch from '@ts-torch/tensor';

/** Where values may lie: `any` keeps away from 0, `unit` within (-1, 1), `positive` and `above1` what they say. */
export type Domain = 'any' | 'unit' | 'positive' | 'above1';

/** A call with inputs that gradients are wanted for: values are made by shape and domain, no two alike. */
export interface Sample {
  readonly name: string;
  readonly f: (...inputs: torch.Tensor[]) => torch.Tensor | readonly torch.Tensor[];
  readonly shapes: readonly (readonly number[])[];
  readonly domain: Domain;
  /** Whether inputs may hold a value twice: not where the largest or the order is asked for. */
  readonly ties: boolean;
}

export function sample(
  name: string,
  f: Sample['f'],
  shapes: Sample['shapes'],
  { domain = 'any', ties = true }: Partial<Pick<Sample, 'domain' | 'ties'>> = {},
): Sample {
  return { name, f, shapes, domain, ties };
}

const RANGES: Record<Domain, (unit: number) => number> = {
  any: (unit) => (unit < 0.5 ? -2 + 3.5 * unit : 0.25 + 3.5 * (unit - 0.5)),
  unit: (unit) => -0.9 + 1.8 * unit + (Math.abs(unit - 0.5) < 0.05 ? 0.2 : 0),
  positive: (unit) => 0.3 + 2 * unit,
  above1: (unit) => 1.2 + 2 * unit,
};

/** Values of one input, in no order; `seed` makes inputs differ. */
export function values(shape: readonly number[], domain: Domain, seed: number): torch.Tensor {
  const numel = shape.reduce((a, b) => a * b, 1);
  // Multiples of the golden ratio, without their integers, lie far from one another.
  const data = Float64Array.from({ length: numel }, (_, i) =>
    RANGES[domain](((i + 1) * 0.6180339887 + seed * 0.37) % 1),
  );
  return torch.tensor(data).reshape([...shape]);
}

export const indices = (...list: number[]): torch.Tensor => torch.tensor(list, { dtype: 'int64' });
