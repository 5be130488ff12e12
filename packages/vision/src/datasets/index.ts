export { parseIdx, readIdx } from './idx.js';
export { FashionMNIST, KMNIST, MNIST, type MNISTOptions } from './mnist.js';
