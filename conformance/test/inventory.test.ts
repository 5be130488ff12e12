import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inventory } from '../src/inventory.js';

/** The names that are still missing: a line is deleted when its name is there. */
const known = readFileSync(join(import.meta.dirname, '../missing.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

const namespaces = inventory();

describe.each(namespaces)("PyTorch's names in $name", ({ name, missing, idle }) => {
  test('are there, but for those listed as missing', () => {
    const listed = known.filter((line) => line.startsWith(`${name}.`) && !line.slice(name.length + 1).includes('.'));
    expect(missing.map((ts) => `${name}.${ts}`)).toEqual(listed);
  });

  test('are no exceptions where they exist, or are no names of PyTorch', () => {
    expect(idle).toEqual([]);
  });
});

test('nothing is listed as missing of a namespace that is not looked at', () => {
  const names = namespaces.map(({ name }) => name);
  expect(known.filter((line) => !names.includes(line.slice(0, line.lastIndexOf('.'))))).toEqual([]);
});
