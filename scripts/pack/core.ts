import { dtypeInfo, kernel, launch, Storage } from '@ts-torch/core';

const storage = Storage.allocate(8);
storage.write(0, new Float32Array([1, 4]));
const array = { storage, dtypeInfo: dtypeInfo('float32'), shape: [2], strides: [1], offset: 0 };
launch(kernel('sqrt'), [array, array]);
const roots = new Float32Array(2);
storage.read(0, roots);
if (String(roots) !== '1,2') throw new Error(`the roots are ${roots}`);
