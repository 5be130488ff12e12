/** Every derivative, by family as in tensor's `ops/`. */
import './elementwise.js';
import './reductions.js';
import './subscripts.js';
import './views.js';
