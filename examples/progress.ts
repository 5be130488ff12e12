// How far a training is: a line that is rewritten in a terminal, a line now and then elsewhere.

/** What is shown of a batch. Reading the loss waits for the device, so it is asked for only when it is shown. */
export interface Batch {
  readonly images: number;
  loss(): number;
}

const BAR = 24;
const REDRAW_MS = 100;
const LINES_PER_EPOCH = 10;

export class Progress {
  private readonly start = performance.now();
  private readonly live: boolean;
  private shownAt = -Infinity;
  private images = 0;
  private batches = 0;

  constructor(
    private readonly epochs: number,
    private readonly batchesPerEpoch: number,
    private readonly out: NodeJS.WriteStream = process.stdout,
  ) {
    this.live = out.isTTY === true;
  }

  /** Counts a batch, and shows it if it is time. */
  step(batch: Batch): void {
    this.images += batch.images;
    this.batches += 1;
    const ends = this.batches % this.batchesPerEpoch === 0;
    if (ends || this.isDue()) this.show(batch);
    if (ends && this.live) this.out.write('\n');
  }

  private isDue(): boolean {
    if (this.live) return performance.now() - this.shownAt >= REDRAW_MS;
    return this.batches % Math.ceil(this.batchesPerEpoch / LINES_PER_EPOCH) === 0;
  }

  private show(batch: Batch): void {
    this.shownAt = performance.now();
    const seconds = (this.shownAt - this.start) / 1000;
    const epoch = Math.ceil(this.batches / this.batchesPerEpoch);
    const inEpoch = this.batches - (epoch - 1) * this.batchesPerEpoch;
    const left = (seconds / this.batches) * (this.epochs * this.batchesPerEpoch - this.batches);
    const parts = [
      `epoch ${epoch}/${this.epochs}`,
      ...(this.live ? [bar(inEpoch / this.batchesPerEpoch)] : []),
      `batch ${String(inEpoch).padStart(String(this.batchesPerEpoch).length)}/${this.batchesPerEpoch}`,
      `loss ${batch.loss().toFixed(4)}`,
      `${Math.round(this.images / seconds)} images/s`,
      `${clock(left)} left`,
    ];
    // Back to the start of the line, and clear what is left of the longer one before.
    this.out.write(this.live ? `\r${parts.join('  ')}\x1b[K` : `${parts.join(', ')}\n`);
  }

  /** A line that stays. */
  note(text: string): void {
    this.out.write(`${text}\n`);
  }
}

function bar(share: number): string {
  const full = Math.round(share * BAR);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]`;
}

function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
