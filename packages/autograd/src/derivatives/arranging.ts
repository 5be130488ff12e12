import { arrangingPrimitives } from '@ts-torch/tensor/internal';
import { derivative } from '../derivative.js';

const { flip, tril, triu } = arrangingPrimitives;

derivative(flip, { saves: [], self: ({ grad, dims }) => flip(grad, dims) });
derivative(tril, { saves: [], self: ({ grad, diagonal }) => tril(grad, diagonal) });
derivative(triu, { saves: [], self: ({ grad, diagonal }) => triu(grad, diagonal) });
