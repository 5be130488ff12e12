/** What has no example in its declaration. It may only shrink. */
export const WITHOUT_EXAMPLE: string[] = [
  // Needs a GPU.
  'torch.pinMemory',
  'torch.recordStream',
  // A mode, what declares derivatives, and what backward works on.
  'autograd.setDetectAnomaly',
  'autograd.derivative',
  'autograd.notDifferentiable',
  'autograd.zeroDerivative',
  'autograd.Context',
  'autograd.AccumulateGrad',
  'autograd.Node',
  // Bases of others, what they give back, and helpers.
  'nn.RemovableHandle',
  'nn.snakeCase',
  'nn.NonDynamicallyQuantizableLinear',
  'nn.init.fans',
  'optim.Optimizer',
  'optim.lrScheduler.LRScheduler',
  'utils.data.checkIndex',
  'utils.data.rows',
  'utils.data.Sampler',
  'vision.transforms.Transform',
  'vision.transforms.applyTransform',
  'vision.transforms.batchFunction',
];
