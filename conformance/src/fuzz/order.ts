/** What a worker is told. */
export interface Order {
  readonly seed: number;
  /** The numbers of its calls: from this one up to, not including, `to`. */
  readonly from: number;
  readonly to: number;
  /** A regular expression for the names of the ops. */
  readonly only: string;
  readonly device: string;
  /** Print what is called, with what; and make no call. */
  readonly describes: boolean;
}

/** A call that neither returned nor threw a typed error. */
export interface Finding {
  readonly number: number;
  readonly op: string;
  readonly call: string;
  readonly error: string;
  readonly stack: readonly string[];
}

/** What a worker says at its end. */
export interface Summary {
  /** How many there are to call. */
  readonly ops: number;
  /** The ops that were called, by how many of their calls returned a result. */
  readonly byOp: Readonly<Record<string, readonly [calls: number, returns: number]>>;
}
