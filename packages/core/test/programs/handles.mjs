// Handles that are none, or no longer: every call says so, and none touches memory.
import { DisposedError, dtypeInfo, kernel, launch, Storage, TorchError } from '@ts-torch/core';
import { copyOf, filled, first } from './arrays.mjs';

const COPY = kernel('copy');
const outcomes = {};
function attempt(name, f) {
  try {
    f();
    outcomes[name] = 'returned';
  } catch (error) {
    outcomes[name] = error instanceof TorchError ? error.name : `${error}`;
  }
}

const x = filled(1000, 1);
const strided = (storage, length = 1000, offset = 0) => ({
  storage,
  dtypeInfo: dtypeInfo('float32'),
  shape: [length],
  strides: [1],
  offset,
});
const forged = (handle) => Object.assign(Object.create(Storage.prototype), { handle, base: 0, byteLength: 4000 });

const gone = filled(1000, 1);
gone.storage.dispose();
attempt('disposed', () => copyOf(gone));
attempt('disposed twice', () => gone.storage.dispose());
const foreign = { number: 1, object: {}, null: null, function: () => 1, buffer: new ArrayBuffer(8), none: undefined };
for (const [name, handle] of Object.entries(foreign)) attempt(name, () => launch(COPY, [x, strided(forged(handle))]));
attempt('too long', () => launch(COPY, [x, strided(x.storage, 10_000)]));
attempt('before the start', () => launch(COPY, [x, strided(x.storage, 1000, -1)]));
attempt('NaN offset', () => launch(COPY, [x, strided(x.storage, 1000, Number.NaN)]));
attempt('huge', () => launch(COPY, [x, strided(x.storage, 2 ** 62)]));
attempt('wrong dtype', () =>
  launch(COPY, [x, { ...strided(x.storage), dtypeInfo: { ...dtypeInfo('float32'), code: 99 } }]),
);
attempt('no operands', () => launch(COPY, []));
attempt('no kernel', () => launch({ id: 100_000, name: 'none' }, [x]));

const buffer = new ArrayBuffer(4000);
const shared = strided(Storage.share(buffer));
attempt('shared', () => copyOf(shared));
structuredClone(buffer, { transfer: [buffer] });
attempt('transferred', () => copyOf(shared));
console.log(JSON.stringify({ outcomes, value: first(x), named: new DisposedError('').name }));
