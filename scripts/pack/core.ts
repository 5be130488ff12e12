import * as core from '@ts-torch/core';

if (Object.keys(core).length === 0) throw new Error('nothing is exported');
