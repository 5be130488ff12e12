import * as torch from 'ts-torch';

/** A call as one could write it; tensors by dtype and shape, small ones with their elements. */
export function showCall(name: string, args: readonly unknown[]): string {
  return `${name}(${args.map((arg) => show(arg)).join(', ')})`;
}

/** An argument as it reads in a report. */
export function show(value: unknown, depth = 0): string {
  if (value instanceof torch.Tensor) return showTensor(value);
  if (Array.isArray(value)) return `[${value.map((item) => show(item, depth + 1)).join(', ')}]`;
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 20));
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'symbol' || typeof value === 'function') return `a ${typeof value}`;
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype || depth > 1) return `a ${prototype?.constructor?.name ?? 'bare object'}`;
  const entries = Object.entries(value).map(([key, item]) => `${key}: ${show(item, depth + 1)}`);
  return `{ ${entries.join(', ')} }`;
}

const MOST_SHOWN = 12;

function showTensor(x: torch.Tensor): string {
  const layout = x.isContiguous() ? '' : ` strides [${x.strides}]`;
  const grad = x.requiresGrad ? ' requiresGrad' : '';
  return `${x.dtype}[${x.shape}]${layout}${grad}${elements(x)}`;
}

function elements(x: torch.Tensor): string {
  if (x.numel() > MOST_SHOWN) return '';
  try {
    return ` (${x.detach().toTypedArray().join(' ')})`;
  } catch (error) {
    if (error instanceof torch.DisposedError) return ' (disposed)';
    throw error;
  }
}
