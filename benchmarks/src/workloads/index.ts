import type { Group } from '../workload.js';
import { convolutions } from './convolutions.js';
import { dispatch } from './dispatch.js';
import { elementwise } from './elementwise.js';
import { indexing } from './indexing.js';
import { layers } from './layers.js';
import { optimizers } from './optimizers.js';
import { products } from './products.js';
import { random } from './random.js';
import { reductions } from './reductions.js';
import { memory, training } from './training.js';

/** All workloads: each group's file has both languages side by side. */
export const groups: readonly Group[] = [
  dispatch,
  elementwise,
  reductions,
  indexing,
  random,
  products,
  convolutions,
  layers,
  optimizers,
  training,
  memory,
];
