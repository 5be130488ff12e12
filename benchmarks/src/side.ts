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
  private stderr = '';

  private constructor(name: string, command: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    this.name = name;
    this.child = spawn(command, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
    this.child.stderr!.on('data', (chunk) => {
      this.stderr = `${this.stderr}${chunk}`.slice(-2000);
    });
    this.child.on('error', (error) => {
      this.stderr += error.message;
    });
    this.child.stdin!.on('error', () => undefined); // the process is gone: `ask` says so
  }

  static typescript(threads: number, nodeOptions: readonly string[] = []): Side {
    const worker = fileURLToPath(new URL('./worker.js', import.meta.url));
    return new Side('ts-torch', process.execPath, [...nodeOptions, worker], environment(threads));
  }

  static python(threads: number, libraries: string): Side {
    const worker = fileURLToPath(new URL('../src/worker.py', import.meta.url));
    const env = { ...environment(threads), LD_LIBRARY_PATH: libraries };
    return new Side('PyTorch', '/usr/bin/python3', [worker], env);
  }

  async ask<K extends keyof Requests>(kind: K, request: Requests[K]['request']): Promise<Requests[K]['answer']> {
    this.child.stdin!.write(`${JSON.stringify({ kind, request })}\n`);
    const { value: line, done } = await this.lines.next();
    if (done) throw new Error(`${this.name}: the process has ended: ${this.stderr.trim().split('\n').at(-1)}`);
    const reply = JSON.parse(line) as { answer: Requests[K]['answer']; error?: string; missing?: boolean };
    if (reply.error === undefined) return reply.answer;
    if (reply.missing) throw new Missing(reply.error);
    throw new Error(`${this.name}: ${reply.error}`);
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async end(): Promise<void> {
    if (!this.running) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin!.end();
    await ended;
  }
}

/** The same for both: no settings of OpenBLAS that would suit one CPU only. */
function environment(threads: number): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE, OPENBLAS_L2_SIZE, ...rest } = process.env;
  return { ...rest, OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) };
}
