/** For the packages of ts-torch that build on this one: no promise is made to others. */
export { checkIndex, rows } from './data/dataset.js';
