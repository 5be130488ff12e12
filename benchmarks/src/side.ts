import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Requests } from './workload.js';

/** A workload needs what the library does not have yet. */
export class Missing extends Error {}

/** One of the two libraries: a process that runs workloads on request. */
export class Side {
  readonly name: string;
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly ended: Promise<unknown>;
  private stderr = '';

  private constructor(name: string, command: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    this.name = name;
    this.child = spawn(command, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
    this.child.stderr!.on('data', (chunk) => {
      this.stderr = `${this.stderr}${chunk}`.slice(0, 10_000);
    });
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
    this.child.on('error', (error) => {
      this.stderr += error.message;
    });
    this.child.stdin!.on('error', () => undefined); // the process is gone: `ask` says so
  }

  static typescript(threads: number, nodeOptions: readonly string[] = []): Side {
    const worker = fileURLToPath(new URL('./worker.js', import.meta.url));
    return new Side('ts-torch', process.execPath, [...nodeOptions, worker], environment(threads));
  }

  /** `libraries`: the folder of the BLAS that PyTorch is to use; left out where the interpreter brings its own. */
  static python(threads: number, interpreter: string, libraries?: string): Side {
    const worker = fileURLToPath(new URL('../src/worker.py', import.meta.url));
    const env = environment(threads);
    return new Side('PyTorch', interpreter, [worker], libraries ? { ...env, LD_LIBRARY_PATH: libraries } : env);
  }

  async ask<K extends keyof Requests>(kind: K, request: Requests[K]['request']): Promise<Requests[K]['answer']> {
    this.child.stdin!.write(`${JSON.stringify({ kind, request })}\n`);
    const { value: line, done } = await this.lines.next();
    if (done) throw new Error(`${this.name}: the process has ended: ${await this.lastWords()}`);
    const reply = JSON.parse(line) as { answer: Requests[K]['answer']; error?: string; missing?: boolean };
    if (reply.error === undefined) return reply.answer;
    if (reply.missing) throw new Missing(reply.error);
    throw new Error(`${this.name}: ${reply.error}`);
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async end(): Promise<void> {
    this.child.stdin!.end();
    await this.ended;
  }

  /** How a process ended that should not have: its signal, and the first lines that it left. */
  private async lastWords(): Promise<string> {
    await this.ended;
    const words = this.stderr.split('\n').filter((line) => /error|assert|fatal|exception|abort/i.test(line));
    return [this.child.signalCode ?? `code ${this.child.exitCode}`, ...words.slice(0, 2)].join(', ');
  }
}

/** The same for both: no settings of OpenBLAS that would suit one CPU only. */
function environment(threads: number): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE, OPENBLAS_L2_SIZE, ...rest } = process.env;
  return { ...rest, OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) };
}
