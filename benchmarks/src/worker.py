# Runs the Python forms of workloads on request: one line of JSON each way.
import json
import os
import resource
import sys
import textwrap
from time import perf_counter, process_time

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

# As timeit does it: the timed code stands in the loop itself, without a call around it.
TEMPLATE = """
def prepare():
{setup}
    def sample(runs, now):
        start = now()
        for _ in runs:
{run}
        return now() - start
    def once():
{once}
    return sample, once
"""


drawn = 0
device = "cpu"


def fractions(shape):
    """The next numbers of the sequence that torch.ts describes."""
    global drawn
    count = torch.Size(shape).numel()
    x = torch.arange(drawn, drawn + count, device="cpu") * 0x9E3779B1 & 0xFFFFFFFF
    x = (x ^ x >> 15) * 0x85EBCA77 & 0xFFFFFFFF
    drawn += count
    return ((x ^ x >> 13).double() / 2**32).view(shape).to(device)


def uniform(*shape, requires_grad=False):
    return (fractions(shape) * 6 - 3).float().requires_grad_(requires_grad)


def integers(bound, *shape):
    return (fractions(shape) * bound).long()


def differentiated(forward, *leaves):
    gradient = uniform(*forward().shape)

    def run():
        for leaf in leaves:
            leaf.grad = None
        forward().backward(gradient)

    return run


def block(code, spaces):
    return textwrap.indent(textwrap.dedent(code).strip() or "pass", " " * spaces)


def is_expression(code):
    try:
        compile(textwrap.dedent(code).strip(), "workload", "eval")
        return True
    except SyntaxError:
        return False


def load(setup, run):
    once = "return (" + textwrap.dedent(run).strip() + ")" if is_expression(run) else run
    names = (torch, nn, F, optim, uniform, integers, differentiated)
    scope = {name.__name__.split(".")[-1]: name for name in names} | {"F": F}
    source = TEMPLATE.format(setup=block(setup, 4), run=block(run, 12), once=block(once, 8))
    exec(compile(source, "workload", "exec"), scope)
    return scope["prepare"]()


def mapped_blas():
    with open("/proc/self/maps") as maps:
        paths = {line.split()[-1] for line in maps if "blas" in line}
    return next((path for path in sorted(paths) if "openblas" in os.path.basename(path)), "")


class Worker:
    sample = None

    def describe(self, request):
        global device
        torch.set_num_threads(request["threads"])
        device = request["device"]
        if device != "cpu":
            torch.set_default_device(device)
        torch.mm(torch.ones(2, 2), torch.ones(2, 2))
        capability = [line.split(":")[1].strip() for line in torch.__config__.show().split("\n") if "capability" in line]
        return {
            "version": torch.__version__,
            "threads": torch.get_num_threads(),
            "hardware": torch.cuda.get_device_name() if device != "cpu" else capability[0] if capability else "",
            "blas": f"cuDNN {torch.backends.cudnn.version()}" if device != "cpu" else mapped_blas(),
        }

    def prepare(self, request):
        global drawn
        drawn = 0
        self.sample = None
        self.sample, once = load(request["py"].get("setup", ""), request["py"]["run"])
        result = once()
        return list(result.shape) if isinstance(result, torch.Tensor) else None

    def time(self, request):
        if device != "cpu":
            return self.time_on_gpu(request["count"])
        return self.sample(range(request["count"]), process_time if request["processor"] else perf_counter)

    def time_on_gpu(self, count):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        self.sample(range(count), perf_counter)
        end.record()
        end.synchronize()
        return start.elapsed_time(end) / 1e3

    def memory(self, request):
        if device != "cpu":
            return torch.cuda.max_memory_allocated()
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


worker = Worker()
for line in sys.stdin:
    message = json.loads(line)
    try:
        reply = {"answer": getattr(worker, message["kind"])(message["request"])}
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}", "missing": False}
    print(json.dumps(reply), flush=True)
