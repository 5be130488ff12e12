/** Every derivative, by family as in tensor's `ops/`. */
import './arranging.js';
import './elementwise.js';
import './joining.js';
import './convolution.js';
import './linalg.js';
import './matmul.js';
import './pooling.js';
import './fft.js';
import './indexing.js';
import './normalization.js';
import './reductions.js';
import './scans.js';
import './sampling.js';
import './softmax.js';
import './sorting.js';
import './subscripts.js';
import './views.js';
