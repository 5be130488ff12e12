import { describe, ValueError } from '@ts-torch/core';
import type { Tensor } from '@ts-torch/tensor';
import { Callable, INVOKE } from '@ts-torch/tensor/internal';

/**
 * A step from an image to another, called as a function: images are tensors `[..., height, width]` unless a transform says
 * otherwise.
 */
export abstract class Transform extends Callable {
  abstract forward(image: Tensor): Tensor;

  override [INVOKE]([image]: [Tensor]): Tensor {
    return this.forward(image);
  }

  /**
   * What {@link forward} does to each image of a batch, `[n, ...]`, in a few operations. Transforms that treat each image
   * differently, such as random ones, have none.
   */
  forBatch?(images: Tensor): Tensor;

  override toString(): string {
    return `${this.constructor.name}()`;
  }
}

export interface Transform {
  /** What {@link Transform.forward} gives. */
  (...args: Parameters<this['forward']>): ReturnType<this['forward']>;
}

/** A transform, or a function in its place. */
export type TransformLike = Transform | ((image: Tensor) => Tensor);

/** The image, transformed if there is a transform. */
export function applyTransform(transform: TransformLike | null, image: Tensor): Tensor {
  if (transform === null) return image;
  return transform(image);
}

/** The transform of a batch; undefined where there is none. */
export function batchFunction(transform: TransformLike | null): ((images: Tensor) => Tensor) | undefined {
  if (transform === null) return (images) => images;
  if (transform instanceof Compose) return transform.batchFunction();
  return transform instanceof Transform ? transform.forBatch?.bind(transform) : undefined;
}

/**
 * Several transforms, one after the other.
 *
 * @example
 * const { transforms } = vision;
 * new transforms.Compose([new transforms.CenterCrop(1), new transforms.Normalize([1], [2])])(torch.ones([1, 3, 3])) // tensor([[[0.]]])
 */
export class Compose extends Transform {
  readonly transforms: readonly TransformLike[];

  constructor(transforms: readonly TransformLike[]) {
    super();
    const isTransform = (value: unknown): value is TransformLike =>
      value instanceof Transform || typeof value === 'function';
    if (!Array.isArray(transforms) || !transforms.every(isTransform))
      throw new ValueError(`Compose: expected a list of transforms, got ${describe(transforms)}`);
    this.transforms = transforms;
  }

  override forward(image: Tensor): Tensor {
    return this.transforms.reduce((result, transform) => applyTransform(transform, result), image);
  }

  /** @internal all of them for a batch, if each can */
  batchFunction(): ((images: Tensor) => Tensor) | undefined {
    const steps = this.transforms.map((transform) => batchFunction(transform));
    if (steps.includes(undefined)) return undefined;
    return (images) => steps.reduce((result, step) => (step as (images: Tensor) => Tensor)(result), images);
  }

  override toString(): string {
    return `Compose(\n${this.transforms.map((transform) => `    ${transform}\n`).join('')})`;
  }
}
