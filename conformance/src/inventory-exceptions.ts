/** Names of PyTorch that make no sense in JavaScript, by namespace, each with the reason. */
export const EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  torch: {
    Size: 'a shape is an array of numbers: the type Shape',
    dtype: "a dtype is a string, such as 'float32': the type DType",
    layout: "a layout is the string 'strided'",
    memory_format: 'a memory format is a string: the type MemoryFormat',
    is_conj: 'conjugates are computed, not marked: no tensor waits for its conjugation',
    is_inference: 'tensors made in inferenceMode are ordinary ones',
    get_num_interop_threads: "JavaScript's one thread issues ops; their own threads are setNumThreads",
    set_num_interop_threads: "JavaScript's one thread issues ops; their own threads are setNumThreads",
    set_flush_denormal: "the processor's mode would change JavaScript's own arithmetic, which runs on the same thread",
    set_warn_always: 'nothing warns: what would be a warning is a typed error',
    is_warn_always_enabled: 'nothing warns: what would be a warning is a typed error',
  },
  'torch.Tensor': {
    is_conj: 'conjugates are computed, not marked: no tensor waits for its conjugation',
    data_ptr: 'JavaScript has no addresses; whether tensors share memory is whether their `storage` is the same',
    numpy: "NumPy is Python's: toTypedArray(), tolist()",
  },
  'torch.cuda.amp': {
    custom_fwd: 'a decorator: forward may call autocast(device, { enabled: false }, ...)',
    custom_bwd: 'a decorator: backward is never cast, and needs none',
  },
  'torch.autograd': {
    Variable: 'tensors have been variables since PyTorch 0.4',
  },
};
