import { TorchError } from '@ts-torch/core';

/** A file is damaged, or is not what it is taken for. The message names the file, the place in it, and the reason. */
export class FormatError extends TorchError {}
