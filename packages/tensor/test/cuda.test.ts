// torch.cuda and tensors on it; run with a CUDA device as the default one, emulated where there is no other.
import { cudaBackend } from '@ts-torch/core';
import * as torch from '@ts-torch/tensor';
import { cuda } from '@ts-torch/tensor';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const two = cuda.deviceCount() > 1;
const onCpu = (values: torch.TensorData): torch.Tensor => torch.tensor(values, { device: 'cpu' });

describe('devices', () => {
  test('the properties of a device', () => {
    const properties = cuda.getDeviceProperties();
    expect(properties.warpSize).toBe(32);
    expect(properties.totalMemory).toBeGreaterThan(0);
    expect(cuda.getDeviceName()).toBe(properties.name);
    expect(cuda.getDeviceCapability()).toEqual([properties.major, properties.minor]);
    expect(cuda.isAvailable()).toBe(true);
    expect(cuda.isInitialized()).toBe(true);
    expect(new torch.Generator(1, { device: 'cuda' }).device).toBe(torch.device('cuda'));
  });

  test('a device that is not there is named, with how many there are', () => {
    expect(() => torch.device('cuda:99')).toThrow(/there is no cuda:99; the number of CUDA devices is \d/);
    expect(() => torch.device('cuda:x' as 'cuda:0')).toThrow(torch.DeviceError);
    expect(() => cuda.synchronize('cpu')).toThrow(/expected a CUDA device, got "cpu"/);
  });

  test.runIf(two)("'cuda' is the current device, for the time of a scope", () => {
    cuda.device(1, () => {
      expect(cuda.currentDevice()).toBe(1);
      expect(String(torch.zeros([2], { device: 'cuda' }).device)).toBe('cuda:1');
    });
    expect(cuda.currentDevice()).toBe(0);
    expect(() => cuda.device(1, async () => 1)).toThrow(/the callback is async/);
    expect(cuda.currentDevice()).toBe(0);
  });

  test.runIf(two)('whether one reads the other is known', () => {
    expect(typeof cuda.canDeviceAccessPeer(0, 'cuda:1')).toBe('boolean');
    expect(() => cuda.canDeviceAccessPeer(0, 'cpu')).toThrow(/expected a CUDA device/);
  });

  test.runIf(two)('tensors on two devices are refused with both names', () => {
    const [a, b] = [torch.ones([2], { device: 'cuda:0' }), torch.ones([2], { device: 'cuda:1' })];
    expect(() => a.add(b)).toThrow(/add: expected all tensors on one device, got cuda:0 and cuda:1/);
    expect(() => a.add(onCpu([1, 2]))).toThrow(/got cuda:0 and cpu/);
    expect(() => torch.where(a.gt(0), a, b)).toThrow(torch.DeviceError);
  });

  test('a number on the CPU joins tensors of any device', () => {
    const x = torch.tensor([1, 2], { device: 'cuda' });
    expect(x.mul(onCpu(3)).tolist()).toEqual([3, 6]);
    expect(onCpu(3).sub(x).tolist()).toEqual([2, 1]);
    expect(String(onCpu(3).sub(x).device)).toBe('cuda:0');
  });
});

describe('copies', () => {
  test('whatever the strides and dtypes of both sides', () => {
    const x = torch.arange(24, { dtype: 'float32', device: 'cpu' }).reshape([2, 3, 4]);
    const y = x.transpose(0, 2).to('cuda');
    expect(y.tolist()).toEqual(x.transpose(0, 2).tolist());
    expect(y.slice({ dim: 1, step: 2 }).cpu().tolist()).toEqual(x.transpose(0, 2).slice({ dim: 1, step: 2 }).tolist());
    const z = torch.zeros([4, 3, 2], { device: 'cpu', dtype: 'int64' });
    z.copy_(y);
    expect(z.tolist()).toEqual(x.transpose(0, 2).tolist());
    expect(
      torch
        .zeros([2, 2], { device: 'cpu' })
        .copy_(torch.ones([2]))
        .tolist(),
    ).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(torch.zeros([0, 3]).cpu().shape).toEqual([0, 3]);
  });

  test.runIf(two)('between devices', () => {
    const x = torch.arange(6, { dtype: 'float32', device: 'cuda:0' }).add(1);
    const y = x.to('cuda:1');
    expect(String(y.device)).toBe('cuda:1');
    expect(y.mul(2).to('cuda:0').sub(x).tolist()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('pinned memory, without waiting', () => {
    const x = onCpu([1, 2, 3]).pinMemory();
    expect(x.isPinned()).toBe(true);
    expect(x.pinMemory()).toBe(x);
    const y = x.to('cuda', { nonBlocking: true }).add(1);
    const back = torch.empty([3], { device: 'cpu' }).pinMemory();
    back.copy_(y, { nonBlocking: true });
    cuda.synchronize();
    expect(back.tolist()).toEqual([2, 3, 4]);
    expect(() => y.pinMemory()).toThrow(/expected a tensor on the cpu/);
  });

  test('what printing shows', () => {
    const x = torch.tensor([1, 2], { device: 'cuda' });
    expect(String(x)).toBe('tensor([1., 2.])');
    expect(String(onCpu([1, 2]))).toBe("tensor([1., 2.], device='cpu')");
  });
});

describe('streams and events', () => {
  test('work on another stream, made to wait', () => {
    const stream = new cuda.Stream();
    const x = torch.ones([1000], { device: 'cuda' }).mul(3);
    stream.waitStream(cuda.currentStream());
    const y = cuda.stream(stream, () => {
      expect(cuda.currentStream().equals(stream)).toBe(true);
      return x.add(1);
    });
    x.recordStream(stream);
    expect(() => onCpu([1]).recordStream(stream)).toThrow(torch.DeviceError);
    cuda.currentStream().waitStream(stream);
    expect(y.mul(2).at(0).item()).toBe(8);
    expect(cuda.currentStream().equals(cuda.defaultStream())).toBe(true);
  });

  test('events come, and measure time', () => {
    const [start, end] = [new cuda.Event({ enableTiming: true }), new cuda.Event({ enableTiming: true })];
    start.record();
    torch.ones([1000], { device: 'cuda' }).exp();
    end.record();
    end.synchronize();
    expect(end.query()).toBe(true);
    expect(start.elapsedTime(end)).toBeGreaterThanOrEqual(0);
    expect(() => new cuda.Event().elapsedTime(end)).toThrow(/enableTiming/);
    expect(new cuda.Event().query()).toBe(true);
  });

  test('a scope that throws leaves its stream', () => {
    const stream = new cuda.Stream();
    expect(() =>
      cuda.stream(stream, () => {
        throw new Error('within');
      }),
    ).toThrow('within');
    expect(cuda.currentStream().number).toBe(0);
  });
});

describe('memory', () => {
  test('is counted, kept and given back', () => {
    const before = cuda.memoryAllocated();
    cuda.resetPeakMemoryStats();
    const x = torch.zeros([2 ** 20], { device: 'cuda' });
    expect(cuda.memoryAllocated()).toBeGreaterThanOrEqual(before + 2 ** 22);
    expect(cuda.maxMemoryAllocated()).toBeGreaterThanOrEqual(cuda.memoryAllocated());
    expect(cuda.memoryReserved()).toBeGreaterThanOrEqual(cuda.memoryAllocated());
    x.dispose();
    expect(cuda.memoryAllocated()).toBeLessThanOrEqual(before);
    const reserved = cuda.memoryReserved();
    cuda.emptyCache();
    expect(cuda.memoryReserved()).toBeLessThanOrEqual(reserved - 2 ** 22);
    expect(cuda.memorySummary()).toMatch(/memory of cuda:0\n.*now.*most\nin tensors/);
  });

  test('its counts start again', () => {
    torch.zeros([3], { device: 'cuda' });
    expect(cuda.memoryStats().allocations).toBeGreaterThan(0);
    cuda.resetAccumulatedMemoryStats();
    expect(cuda.memoryStats().allocations).toBe(0);
  });

  test('a loop of temporaries stays small', () => {
    const x = torch.ones([2 ** 20], { device: 'cuda' });
    cuda.resetPeakMemoryStats();
    for (let i = 0; i < 300; i++) x.add(1);
    expect(cuda.maxMemoryReserved()).toBeLessThan(700 * 2 ** 20);
  });

  test('too much throws OutOfMemoryError with the figures, and the program goes on', () => {
    cuda.emptyCache();
    const { total } = cuda.memGetInfo();
    cuda.setPerProcessMemoryFraction((cuda.memoryReserved() + 2 ** 24) / total);
    try {
      expect(() => torch.empty([2 ** 26], { device: 'cuda' })).toThrow(torch.OutOfMemoryError);
      expect(() => torch.empty([2 ** 26], { device: 'cuda' })).toThrow(
        /cannot allocate 268435456 bytes on cuda:0: \d+ bytes are in use.*the limit is \d+ bytes/,
      );
      expect(torch.ones([4], { device: 'cuda' }).add(1).tolist()).toEqual([2, 2, 2, 2]);
    } finally {
      cuda.setPerProcessMemoryFraction(1);
    }
  });
});

describe('errors that only kernels see', () => {
  beforeEach(() => cudaBackend().setLaunchBlocking(0));
  afterEach(() => cudaBackend().setLaunchBlocking(1));

  test('are thrown when the host next looks, with the name of their op', () => {
    const x = torch.tensor([6, 7], { dtype: 'int64' });
    const y = x.div(torch.tensor([2, 0], { dtype: 'int64' }), { roundingMode: 'trunc' });
    expect(() => cuda.synchronize()).toThrow(/an earlier divTrunc on cuda:0 failed: integers cannot be divided by 0/);
    expect(y.tolist()).toEqual([3, 0]);
    expect(x.add(1).tolist()).toEqual([7, 8]);
  });
});

test('a seed gives the same numbers as on the CPU', () => {
  torch.manualSeed(3);
  const x = torch.rand([1000], { device: 'cuda' });
  const state = cuda.getRngState();
  const y = torch.rand([10], { device: 'cuda' });
  torch.manualSeed(3);
  expect(torch.rand([1000], { device: 'cpu' }).tolist()).toEqual(x.tolist());
  cuda.setRngState(state);
  expect(torch.rand([10], { device: 'cuda' }).tolist()).toEqual(y.tolist());
});
