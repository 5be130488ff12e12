import { images } from './convolution.js';
import { elementwise } from './elementwise.js';
import { indexing } from './indexing.js';
import { factorizations } from './linalg.js';
import { products } from './matmul.js';
import { normalization } from './normalization.js';
import { recurrent } from './recurrent.js';
import { reductions } from './reductions.js';
import { scans } from './scans.js';
import { specialFunctions } from './special.js';
import { views } from './views.js';

export { type Sample, values } from './sample.js';
export const samples = [
  ...elementwise,
  ...reductions,
  ...scans,
  ...views,
  ...indexing,
  ...products,
  ...factorizations,
  ...normalization,
  ...recurrent,
  ...images,
  ...specialFunctions,
];
