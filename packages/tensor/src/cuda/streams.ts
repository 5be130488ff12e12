import { cudaBackend, type Device, DeviceError, describe, leaveChunks, ValueError } from '@ts-torch/core';
import { readOptions } from '../op.js';
import { runScope } from '../scope.js';
import { type CudaDeviceLike, cudaDeviceOf } from './device.js';

export interface StreamOptions {
  device?: CudaDeviceLike | undefined;
  /** Work on streams of a lower number goes first: 0 or -1. */
  priority?: number | undefined;
}

/**
 * A queue of work on a device: what one stream is given runs in order, different streams side by side. Each device has a
 * default one, which is current until another is. As in PyTorch a device has 32 others, which programs that make more share.
 */
export class Stream {
  readonly device: Device;
  /** @internal what native code knows it by */
  readonly number: number;

  constructor(options?: StreamOptions);
  /** @internal */
  constructor(options: StreamOptions | undefined, number: number);
  constructor(options?: StreamOptions, number?: number) {
    const { device, priority } = readOptions<StreamOptions>('Stream', options, { device: undefined, priority: 0 });
    this.device = cudaDeviceOf('Stream', device);
    this.number = number ?? cudaBackend().createStream(this.device.index, priority as number);
    Object.freeze(this);
  }

  /** Whether all that the stream was given so far is done. */
  query(): boolean {
    return cudaBackend().streamQuery(this.device.index, this.number) === 1;
  }

  /** Waits for all that the stream was given so far. */
  synchronize(): void {
    cudaBackend().streamSynchronize(this.device.index, this.number);
  }

  /** What the stream is given from now on waits for the event. */
  waitEvent(event: Event): void {
    event.makeWait(this);
  }

  /** What the stream is given from now on waits for all that the other was given so far. */
  waitStream(stream: Stream): void {
    this.waitEvent(stream.recordEvent());
  }

  /** An event that comes when all that the stream was given so far is done. */
  recordEvent(event = new Event()): Event {
    event.record(this);
    return event;
  }

  equals(other: Stream): boolean {
    return this.device === other.device && this.number === other.number;
  }

  toString(): string {
    return `Stream(${this.device}, ${this.number === 0 ? 'default' : this.number})`;
  }
}

/** Events whose objects are collected. */
const collected = new FinalizationRegistry((event: number) => cudaBackend().destroyEvent(event));

export interface EventOptions {
  /** Whether {@link Event.elapsedTime} may be asked for. */
  enableTiming?: boolean | undefined;
}

/** A mark in a stream, to wait for or to measure time by. */
export class Event {
  private readonly timing: boolean;
  private recorded: { event: number; device: Device } | undefined;

  constructor(options?: EventOptions) {
    this.timing = readOptions('Event', options, { enableTiming: false }).enableTiming;
  }

  /** Comes when all that the stream, by default the current one, was given so far is done. */
  record(stream: Stream = currentStream()): void {
    const backend = cudaBackend();
    if (this.recorded !== undefined && this.recorded.device !== stream.device)
      throw new DeviceError(
        `Event.record: the event belongs to ${this.recorded.device}, the stream to ${stream.device}`,
      );
    if (this.recorded === undefined) {
      const event = backend.createEvent(stream.device.index, this.timing ? 1 : 0);
      collected.register(this, event);
      this.recorded = { event, device: stream.device };
    }
    backend.eventRecord(stream.device.index, stream.number, this.recorded.event);
  }

  /** Whether it has come. One that was never recorded has. */
  query(): boolean {
    return this.recorded === undefined || cudaBackend().eventQuery(this.recorded.event) === 1;
  }

  /** Waits for it. */
  synchronize(): void {
    if (this.recorded !== undefined) cudaBackend().eventSynchronize(this.recorded.event);
  }

  /** What the stream, by default the current one, is given from now on waits for the event. */
  wait(stream: Stream = currentStream()): void {
    this.makeWait(stream);
  }

  /** @internal */
  makeWait(stream: Stream): void {
    if (this.recorded === undefined) return;
    cudaBackend().streamWaitEvent(stream.device.index, stream.number, this.recorded.event);
  }

  /** Milliseconds from this event to another. Both must have come, and must have been made with `enableTiming`. */
  elapsedTime(end: Event): number {
    if (!this.timing || !end.timing) throw new ValueError('elapsedTime: expected events with enableTiming');
    if (this.recorded === undefined || end.recorded === undefined)
      throw new ValueError('elapsedTime: expected events that have been recorded');
    return cudaBackend().eventElapsedTime(this.recorded.event, end.recorded.event);
  }
}

/** The stream that ops on a device are given to. */
export function currentStream(device?: CudaDeviceLike): Stream {
  const place = cudaDeviceOf('currentStream', device);
  return new Stream({ device: place }, cudaBackend().currentStream(place.index));
}

export function defaultStream(device?: CudaDeviceLike): Stream {
  return new Stream({ device: cudaDeviceOf('defaultStream', device) }, 0);
}

/** Ops on the stream's device are given to it from now on. */
export function setStream(stream: Stream): void {
  if (!(stream instanceof Stream)) throw new ValueError(`setStream: expected a Stream, got ${describe(stream)}`);
  cudaBackend().setCurrentStream(stream.device.index, stream.number);
  leaveChunks(stream.device);
}

/** Runs `body` with its ops given to a stream. Refuses an async body, which would outlast the scope. */
export function stream<T>(stream: Stream, body: () => T): T {
  const before = currentStream(stream.device);
  setStream(stream);
  return runScope('cuda.stream', body, () => setStream(before));
}
