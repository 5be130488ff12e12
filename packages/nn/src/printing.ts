// Modules print as PyTorch prints them, to the letter, so that the two can be compared: names and values in Python's spelling.

/** A value as Python writes it: `True`, `None`, `(3, 3)`, `(3,)`, `'mean'`, `1e-05`. */
export function python(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'number') return pythonNumber(value);
  if (Array.isArray(value)) return `(${value.map(python).join(', ')}${value.length === 1 ? ',' : ''})`;
  return String(value);
}

/** A number that is a `float` in PyTorch: `1.0`. */
export function pythonFloat(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : pythonNumber(value);
}

function pythonNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (size === 0 || Number.isInteger(value) || (size >= 1e-4 && size < 1e16)) return String(value);
  const [digits, exponent = '+0'] = value.toExponential().split('e');
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

/** `name=value` for each field, separated by commas. Strings stand as they are: quote them with {@link python}. */
export function fields(values: Record<string, unknown>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : python(value)}`)
    .join(', ');
}

/** Every line but the first, indented by two. */
export function indent(text: string): string {
  return text.replaceAll('\n', '\n  ');
}
