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
  // Bases of others, and what they give back.
  'nn.RemovableHandle',
  'nn.NonDynamicallyQuantizableLinear',
  'optim.Optimizer',
  'optim.lrScheduler.LRScheduler',
  'utils.data.Sampler',
  'vision.transforms.Transform',
  // Their files are installed separately.
  'vision.datasets.readIdx',
  'vision.datasets.FashionMNIST',
  'vision.datasets.KMNIST',
  'vision.datasets.MNIST',
];
