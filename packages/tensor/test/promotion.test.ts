import * as torch from '@ts-torch/tensor';
import { expect, test } from 'vitest';

// What PyTorch 1.13 says: torch.promote_types; and torch.result_type of a tensor (rows) with a zero-dimensional one, or with a
// number (columns). Where PyTorch says complex32 stands complex64: there is no complex32 here.
const SHORT: Record<string, torch.DType> = {
  f64: 'float64',
  f32: 'float32',
  f16: 'float16',
  b16: 'bfloat16',
  i64: 'int64',
  i32: 'int32',
  i16: 'int16',
  i8: 'int8',
  u8: 'uint8',
  bool: 'bool',
  c64: 'complex64',
  c128: 'complex128',
};
const PROMOTE = `
     f64  f32  f16  b16  i64  i32  i16  i8   u8   bool c64  c128
f64  f64  f64  f64  f64  f64  f64  f64  f64  f64  f64  c128 c128
f32  f64  f32  f32  f32  f32  f32  f32  f32  f32  f32  c64  c128
f16  f64  f32  f16  f32  f16  f16  f16  f16  f16  f16  c64  c128
b16  f64  f32  f32  b16  b16  b16  b16  b16  b16  b16  c64  c128
i64  f64  f32  f16  b16  i64  i64  i64  i64  i64  i64  c64  c128
i32  f64  f32  f16  b16  i64  i32  i32  i32  i32  i32  c64  c128
i16  f64  f32  f16  b16  i64  i32  i16  i16  i16  i16  c64  c128
i8   f64  f32  f16  b16  i64  i32  i16  i8   i16  i8   c64  c128
u8   f64  f32  f16  b16  i64  i32  i16  i16  u8   u8   c64  c128
bool f64  f32  f16  b16  i64  i32  i16  i8   u8   bool c64  c128
c64  c128 c64  c64  c64  c64  c64  c64  c64  c64  c64  c64  c128
c128 c128 c128 c128 c128 c128 c128 c128 c128 c128 c128 c128 c128
`;
const WITH_ZERO_DIM = `
     f64  f32  f16  b16  i64  i32  i16  i8   u8   bool c64  c128
f64  f64  f64  f64  f64  f64  f64  f64  f64  f64  f64  c128 c128
f32  f32  f32  f32  f32  f32  f32  f32  f32  f32  f32  c64  c64 
f16  f16  f16  f16  f16  f16  f16  f16  f16  f16  f16  c64  c64 
b16  b16  b16  b16  b16  b16  b16  b16  b16  b16  b16  c64  c64 
i64  f64  f32  f16  b16  i64  i64  i64  i64  i64  i64  c64  c128
i32  f64  f32  f16  b16  i32  i32  i32  i32  i32  i32  c64  c128
i16  f64  f32  f16  b16  i16  i16  i16  i16  i16  i16  c64  c128
i8   f64  f32  f16  b16  i8   i8   i8   i8   i8   i8   c64  c128
u8   f64  f32  f16  b16  u8   u8   u8   u8   u8   u8   c64  c128
bool f64  f32  f16  b16  i64  i32  i16  i8   u8   bool c64  c128
c64  c64  c64  c64  c64  c64  c64  c64  c64  c64  c64  c64  c64 
c128 c128 c128 c128 c128 c128 c128 c128 c128 c128 c128 c128 c128
`;
const WITH_NUMBER = `
     int  num  bool cplx
f64  f64  f64  f64  c128
f32  f32  f32  f32  c64 
f16  f16  f16  f16  c64 
b16  b16  b16  b16  c64 
i64  i64  f32  i64  c64 
i32  i32  f32  i32  c64 
i16  i16  f32  i16  c64 
i8   i8   f32  i8   c64 
u8   u8   f32  u8   c64 
bool i64  f32  bool c64 
c64  c64  c64  c64  c64 
c128 c128 c128 c128 c128
`;

/** The entries of a table, by the names of their row and column. */
function entries(table: string): { row: string; column: string; expected: string }[] {
  const [head = [], ...rows] = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/s+/));
  return rows.flatMap(([row = '', ...cells]) =>
    cells.map((expected, i) => ({ row, column: head[i] as string, expected })),
  );
}

const dtype = (short: string): torch.DType => SHORT[short] as torch.DType;
const of = (short: string, shape: number[]): torch.Tensor => torch.ones(shape, { dtype: dtype(short) });

test('two dtypes promote as in PyTorch', () => {
  for (const { row, column, expected } of entries(PROMOTE)) {
    expect(torch.promoteTypes(dtype(row), dtype(column)), `${row} with ${column}`).toBe(dtype(expected));
    expect(of(row, [2]).add(of(column, [2])).dtype, `${row} + ${column}`).toBe(dtype(expected));
    expect(of(row, []).mul(of(column, [])).dtype, `${row} * ${column}`).toBe(dtype(expected));
  }
});

test('a zero-dimensional tensor counts only where its category is higher', () => {
  for (const { row, column, expected } of entries(WITH_ZERO_DIM)) {
    expect(of(row, [2]).add(of(column, [])).dtype, `${row} + ${column}`).toBe(dtype(expected));
    expect(of(column, []).add(of(row, [1])).dtype, `${column} + ${row}`).toBe(dtype(expected));
  }
});

test('a number counts only where its category is higher', () => {
  const numbers: Record<string, torch.Scalar> = { int: 2, num: 0.5, bool: true, cplx: { re: 0, im: 1 } };
  for (const { row, column, expected } of entries(WITH_NUMBER)) {
    expect(of(row, [2]).add(numbers[column] as torch.Scalar).dtype, `${row} + ${column}`).toBe(dtype(expected));
    expect(of(row, []).add(numbers[column] as torch.Scalar).dtype, `${row} [] + ${column}`).toBe(dtype(expected));
  }
});

test('a complex number is true where either part differs from 0', () => {
  const parts = [
    { re: 0, im: 2 },
    { re: 0, im: 0 },
    { re: 1, im: 0 },
  ];
  expect(torch.tensor(parts).bool().tolist()).toEqual([true, false, true]);
});
