import { describe, ShapeError, ValueError } from '@ts-torch/core';
import { full, rand, randint, type Tensor, tensor } from '@ts-torch/tensor';
import { readOptions } from '@ts-torch/tensor/internal';
import { Transform } from './transform.js';

export { Compose, Transform, type TransformLike } from './transform.js';

/**
 * A function as a transform.
 *
 * @example new vision.transforms.Lambda((x) => x.mul(2))(torch.tensor([1, 2])) // tensor([2., 4.])
 */
export class Lambda extends Transform {
  constructor(private readonly lambd: (image: Tensor) => Tensor) {
    super();
    if (typeof lambd !== 'function') throw new ValueError(`Lambda: expected a function, got ${describe(lambd)}`);
  }

  override forward(image: Tensor): Tensor {
    return this.lambd(image);
  }
}

/**
 * An image as it is stored, `[height, width]` or `[height, width, channels]`, becomes `[channels, height, width]`; uint8 becomes float32
 * from 0 to 1.
 *
 * @example new vision.transforms.ToTensor()(torch.tensor([[0, 255]], { dtype: 'uint8' })) // tensor([[[0., 1.]]])
 */
export class ToTensor extends Transform {
  override forward(image: Tensor): Tensor {
    if (image.dim() !== 2 && image.dim() !== 3)
      throw new ShapeError(`ToTensor: expected [height, width] or [height, width, channels], got [${image.shape}]`);
    return this.forBatch(image.unsqueeze(0)).squeeze(0);
  }

  override forBatch(images: Tensor): Tensor {
    const planes = images.dim() === 3 ? images.unsqueeze(1) : images.permute(0, 3, 1, 2).contiguous();
    return planes.dtype === 'uint8' ? planes.to('float32').div_(255) : planes;
  }
}

/**
 * `(image - mean) / std`, for each channel of floating-point images `[..., channels, height, width]`.
 *
 * @example new vision.transforms.Normalize([1], [2])(torch.tensor([[[1, 3]]])) // tensor([[[0., 1.]]])
 */
export class Normalize extends Transform {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly inplace: boolean;
  private readonly channels: { mean: Tensor; std: Tensor };

  constructor(mean: readonly number[], std: readonly number[], options?: { inplace?: boolean | undefined }) {
    super();
    const { inplace } = readOptions('Normalize', options, { inplace: false });
    if (!Array.isArray(mean) || !Array.isArray(std) || mean.length !== std.length)
      throw new ValueError(
        `Normalize: expected a mean and a std for each channel, got ${describe(mean)} and ${describe(std)}`,
      );
    if (std.includes(0)) throw new ValueError(`Normalize: expected std without zeros, got ${describe(std)}`);
    this.mean = mean;
    this.std = std;
    this.inplace = inplace;
    const perChannel = (values: readonly number[]) => tensor(values, { dtype: 'float64' }).view(-1, 1, 1);
    this.channels = { mean: perChannel(mean), std: perChannel(std) };
  }

  override forward(image: Tensor): Tensor {
    if (!image.isFloatingPoint())
      throw new ValueError(`Normalize: expected floating point, got ${image.dtype}: use ToTensor first`);
    if (image.dim() < 3 || (this.mean.length !== 1 && image.size(-3) !== this.mean.length))
      throw new ShapeError(`Normalize: expected [..., ${this.mean.length}, height, width], got [${image.shape}]`);
    const { mean, std } = this.channels;
    const centered = this.inplace ? image.sub_(mean.to(image)) : image.sub(mean.to(image));
    return centered.div_(std.to(image));
  }

  override forBatch(images: Tensor): Tensor {
    return this.forward(images);
  }

  override toString(): string {
    return `Normalize(mean=[${this.mean.join(', ')}], std=[${this.std.join(', ')}])`;
  }
}

/** One number for all sides, two for left/right and top/bottom, or one for each: left, top, right, bottom. */
export type Padding = number | readonly [number, number] | readonly [number, number, number, number];

function sidesOf(op: string, padding: Padding): [left: number, top: number, right: number, bottom: number] {
  const given: readonly number[] = typeof padding === 'number' ? [padding, padding] : padding;
  if (
    !Array.isArray(given) ||
    ![2, 4].includes(given.length) ||
    !given.every((side) => Number.isInteger(side) && side >= 0)
  )
    throw new ValueError(
      `${op}: expected padding of one, two or four integers of at least 0, got ${describe(padding)}`,
    );
  const [left, top, right = left, bottom = top] = given as [number, number, number?, number?];
  return [left, top, right, bottom];
}

function pad(image: Tensor, [left, top, right, bottom]: readonly number[], fill: number): Tensor {
  const [height, width] = [image.size(-2), image.size(-1)];
  const shape = [
    ...image.shape.slice(0, -2),
    height + (top as number) + (bottom as number),
    width + (left as number) + (right as number),
  ];
  const result = full(shape, fill, { dtype: image.dtype, device: image.device });
  result
    .narrow(-2, top as number, height)
    .narrow(-1, left as number, width)
    .copy_(image);
  return result;
}

/**
 * A border of one value.
 *
 * @example new vision.transforms.Pad(1)(torch.ones([1, 2, 2])).shape // [1, 4, 4]
 */
export class Pad extends Transform {
  private readonly sides: readonly number[];
  private readonly fill: number;

  constructor(padding: Padding, options?: { fill?: number | undefined }) {
    super();
    this.sides = sidesOf('Pad', padding);
    this.fill = readOptions('Pad', options, { fill: 0 }).fill;
  }

  override forward(image: Tensor): Tensor {
    return pad(image, this.sides, this.fill);
  }

  override forBatch(images: Tensor): Tensor {
    return this.forward(images);
  }
}

function sizeOf(op: string, size: number | readonly [number, number]): readonly [number, number] {
  const pair = typeof size === 'number' ? ([size, size] as const) : size;
  if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((side) => Number.isInteger(side) && side >= 1))
    throw new ValueError(`${op}: expected a size of one or two integers of at least 1, got ${describe(size)}`);
  return pair as readonly [number, number];
}

function crop(image: Tensor, top: number, left: number, [height, width]: readonly [number, number]): Tensor {
  return image.narrow(-2, top, height).narrow(-1, left, width);
}

/** How much larger an image is than a crop of it. */
function room(op: string, image: Tensor, [height, width]: readonly [number, number]): [number, number] {
  const rest: [number, number] = [image.size(-2) - height, image.size(-1) - width];
  if (rest.some((side) => side < 0))
    throw new ShapeError(`${op}: cannot cut [${height}, ${width}] out of an image of [${image.shape}]`);
  return rest;
}

/**
 * The middle of an image.
 *
 * @example new vision.transforms.CenterCrop(1)(torch.tensor([[[1, 2, 3], [4, 5, 6], [7, 8, 9]]])) // tensor([[[5.]]])
 */
export class CenterCrop extends Transform {
  private readonly size: readonly [number, number];

  constructor(size: number | readonly [number, number]) {
    super();
    this.size = sizeOf('CenterCrop', size);
  }

  override forward(image: Tensor): Tensor {
    const [down, right] = room('CenterCrop', image, this.size);
    return crop(image, Math.round(down / 2), Math.round(right / 2), this.size);
  }

  override forBatch(images: Tensor): Tensor {
    return this.forward(images);
  }
}

/**
 * A random part of an image, after padding.
 *
 * @example new vision.transforms.RandomCrop(2)(torch.ones([1, 3, 3])).shape // [1, 2, 2]
 */
export class RandomCrop extends Transform {
  private readonly size: readonly [number, number];
  private readonly sides: readonly number[] | null;
  private readonly fill: number;

  constructor(
    size: number | readonly [number, number],
    options?: { padding?: Padding | null | undefined; fill?: number | undefined },
  ) {
    super();
    const defaults: { padding?: Padding | null | undefined; fill: number } = { padding: null, fill: 0 };
    const { padding, fill } = readOptions('RandomCrop', options, defaults);
    this.size = sizeOf('RandomCrop', size);
    this.sides = padding === null || padding === undefined ? null : sidesOf('RandomCrop', padding);
    this.fill = fill;
  }

  override forward(image: Tensor): Tensor {
    const padded = this.sides === null ? image : pad(image, this.sides, this.fill);
    const [down, right] = room('RandomCrop', padded, this.size);
    return crop(padded, randint(0, down + 1, []).item(), randint(0, right + 1, []).item(), this.size);
  }
}

export interface RandomFlipOptions {
  /** The probability that an image is turned. */
  p?: number | undefined;
}

abstract class RandomFlip extends Transform {
  protected abstract readonly axis: number;
  readonly p: number;

  constructor(options?: RandomFlipOptions) {
    super();
    const op = new.target.name;
    const { p } = readOptions(op, options, { p: 0.5 });
    if (typeof p !== 'number' || !(p >= 0 && p <= 1))
      throw new ValueError(`${op}: expected p in [0, 1], got ${describe(p)}`);
    this.p = p;
  }

  override forward(image: Tensor): Tensor {
    return rand([]).item() < this.p ? image.flip([this.axis]) : image;
  }
}

/**
 * Left becomes right, with probability `p` (0.5).
 *
 * @example new vision.transforms.RandomHorizontalFlip({ p: 1 })(torch.tensor([[[1, 2]]])) // tensor([[[2., 1.]]])
 */
export class RandomHorizontalFlip extends RandomFlip {
  protected override readonly axis = -1;
}

/**
 * Up becomes down, with probability `p` (0.5).
 *
 * @example new vision.transforms.RandomVerticalFlip({ p: 1 })(torch.tensor([[[1], [2]]])) // tensor([[[2.], [1.]]])
 */
export class RandomVerticalFlip extends RandomFlip {
  protected override readonly axis = -2;
}
