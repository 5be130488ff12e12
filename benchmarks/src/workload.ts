/** The PyTorch form of a workload, in Python: what is timed, and what comes before. Indentation is taken off. */
export interface PythonForm {
  setup?: string;
  run: string;
}

/** One thing to time, in both languages. */
export interface Workload {
  name: string;
  /** Prepares, and returns what is timed. */
  ts: () => () => unknown;
  py: PythonForm;
  /** Bytes that a run must at least read and write, where that is what limits it. */
  bytes?: number;
  /** Floating-point operations of a run, where they are what limits it. */
  flops?: number;
  /** Instead of the time of a run the peak memory of a process that does this many is measured. */
  memoryRuns?: number;
}

export interface Group {
  name: string;
  workloads: readonly Workload[];
}

/** What the parent process needs to know of a workload: all but its TypeScript form. */
export type WorkloadCard = Omit<Workload, 'ts'> & { group: string };

export interface Facts {
  version: string;
  threads: number;
  /** What the library chose for this CPU; the name of a GPU. */
  hardware: string;
  /** Its BLAS, as far as it can tell. */
  blas: string;
}

/** What the processes that run workloads are asked, one line of JSON each, and what they answer. */
export interface Requests {
  /** `device`: where both make their tensors from now on. */
  describe: { request: { threads: number; device: string }; answer: Facts };
  /** TypeScript only. */
  list: { request: object; answer: WorkloadCard[] };
  /** Runs the workload once; gives the shape of the tensor that came out, `null` for anything else. */
  prepare: { request: { group: string; name: string; py: PythonForm }; answer: number[] | null };
  /**
   * Seconds that this many runs took; `processor`: of the processor's time rather than of the clock's. On a GPU its own time, between
   * two events.
   */
  time: { request: { count: number; processor: boolean }; answer: number };
  /** Peak resident memory of the process, or what tensors took of a GPU's at most; bytes. */
  memory: { request: object; answer: number };
}
