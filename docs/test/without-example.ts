/** The ops whose declaration has no example. It may only shrink. */
export const WITHOUT_EXAMPLE: string[] = [
  // Needs a GPU.
  'torch.pinMemory',
];
