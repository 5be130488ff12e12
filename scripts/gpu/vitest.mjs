// Stands in for vitest in the GPU bundle, where there is no room for its own tools: the part of its API that the tests use, over
// vitest's own `expect`. A test file that imports it runs by itself, and prints what failed.
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';
import * as chai from 'chai';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export const expect = Object.assign((value, message) => chai.expect(value, message), chai.expect);

/** Checked by the type checker, not here: whatever is asked of it is itself. */
export const expectTypeOf = () => anything;
const anything = new Proxy(() => anything, { get: (_, name) => (name === 'then' ? undefined : anything) });

const root = {
  name: '',
  tests: [],
  hooks: { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] },
  parent: null,
};
let suite = root;

function addHook(kind) {
  return (hook) => suite.hooks[kind].push(hook);
}
export const beforeAll = addHook('beforeAll');
export const afterAll = addHook('afterAll');
export const beforeEach = addHook('beforeEach');
export const afterEach = addHook('afterEach');

/** The optional object of options comes before or after the body. */
const bodyOf = (rest) => rest.find((item) => typeof item === 'function');

export function test(name, ...rest) {
  suite.tests.push({ name, run: bodyOf(rest) });
}

export function describe(name, ...rest) {
  const outer = suite;
  suite = { name, tests: [], hooks: { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] }, parent: outer };
  outer.tests.push(suite);
  try {
    bodyOf(rest)();
  } finally {
    suite = outer;
  }
}

/** `$name` is a property of the first argument, `%s` and its like the next argument. */
function fillIn(template, args) {
  let next = 0;
  return template
    .replace(/\$([\w.]+)/g, (text, path) => {
      const value = path.split('.').reduce((object, key) => object?.[key], args[0]);
      return value === undefined ? text : String(value);
    })
    .replace(/%[sdijop]/g, () => String(args[next++]));
}

for (const kind of [test, describe]) {
  kind.each =
    (cases) =>
    (template, ...rest) => {
      for (const item of cases) {
        const args = Array.isArray(item) ? item : [item];
        kind(fillIn(template, args), () => bodyOf(rest)(...args));
      }
    };
  kind.skip = () => undefined;
  kind.skipIf = (condition) => (condition ? kind.skip : kind);
  kind.runIf = (condition) => (condition ? kind : kind.skip);
  kind.todo = kind.skip;
}
export const it = test;

const counts = { passed: 0, failed: 0 };

async function attempt(name, run) {
  try {
    await run();
    return true;
  } catch (error) {
    counts.failed += 1;
    console.log(
      `FAILED ${name}\n${String(error?.stack ?? error)
        .split('\n')
        .slice(0, 12)
        .join('\n')}\n`,
    );
    return false;
  }
}

async function runSuite(current, path, outerEach = { before: [], after: [] }) {
  const each = {
    before: [...outerEach.before, ...current.hooks.beforeEach],
    after: [...current.hooks.afterEach, ...outerEach.after],
  };
  for (const hook of current.hooks.beforeAll) await attempt(`${path} beforeAll`, hook);
  for (const item of current.tests) {
    const name = path === '' ? item.name : `${path} > ${item.name}`;
    if (item.tests !== undefined) {
      await runSuite(item, name, each);
      continue;
    }
    const passed = await attempt(name, async () => {
      for (const hook of each.before) await hook();
      try {
        await item.run();
      } finally {
        for (const hook of each.after) await hook();
      }
    });
    if (passed) counts.passed += 1;
  }
  for (const hook of current.hooks.afterAll) await attempt(`${path} afterAll`, hook);
}

// After the test file's own module has been read.
setImmediate(async () => {
  await runSuite(root, '');
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = counts.failed === 0 ? 0 : 1;
});
