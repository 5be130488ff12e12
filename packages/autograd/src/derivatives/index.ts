/** Every derivative, by family as in tensor's `ops/`. */
import './arranging.js';
import './elementwise.js';
import './joining.js';
import './convolution.js';
import './matmul.js';
import './pooling.js';
import './reductions.js';
import './subscripts.js';
import './views.js';
