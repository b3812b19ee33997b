"""The workloads in PyTorch, for comparison. Reads lines "name<TAB>repetitions<TAB>parts<TAB>warmup"
and answers each with the seconds on the clock and of processor time that one repetition took in the
fastest of that many parts, not counting those of the warmup, or with "error ...".

usage: python3 pytorch.py THREADS
"""
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


def normal(*dims, dtype=torch.float32, grad=False):
    return torch.randn(*dims, dtype=dtype).requires_grad_(grad)


def gemm(name):
    shape, _, double = name.partition(" ")
    m, k, n = map(int, shape.split("x"))
    dtype = torch.float64 if double else torch.float32
    a, b = normal(m, k, dtype=dtype), normal(k, n, dtype=dtype)
    return lambda: torch.mm(a, b)


def chain():
    a, b = normal(1 << 20), normal(1 << 20)
    return lambda: torch.tanh(a * b + torch.exp(a))


def gradients(f, *inputs):
    """a step that computes f and its vector-Jacobian product with a fixed gradient"""
    v = normal(*f().shape)

    def step():
        for x in inputs:
            x.grad = None
        f().backward(v)

    return step


def softmax():
    x = normal(1024, 512, grad=True)
    return gradients(lambda: torch.softmax(x, -1), x)


def layer_norm():
    x, gain, offset = normal(1024, 512, grad=True), normal(512, grad=True), normal(512, grad=True)
    return gradients(lambda: F.layer_norm(x, (512,), gain, offset), x, gain, offset)


def training(model, optimizer, x, labels):
    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(x).flatten(0, -2), labels.flatten())
        loss.backward()
        optimizer.step()

    return step


def optimizer(method, model):
    if method == "sgd":
        return torch.optim.SGD(model.parameters(), 1e-3)
    return torch.optim.Adam(model.parameters(), 1e-4)


def mlp(method):
    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
    return training(model, optimizer(method, model), normal(128, 784), torch.randint(10, (128,)))


class Block(nn.Module):
    def __init__(self, width, heads, tokens):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.register_buffer("hidden", torch.ones(tokens, tokens, dtype=torch.bool).triu(1))

    def forward(self, x):
        b, t, w = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        p = (q @ k.transpose(-1, -2) * (w // self.heads) ** -0.5).masked_fill(self.hidden, float("-inf")).softmax(-1)
        x = x + self.out((p @ v).transpose(1, 2).reshape(b, t, w))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Transformer(nn.Module):
    def __init__(self, vocabulary=256, width=128, heads=4, blocks=2, tokens=64):
        super().__init__()
        self.token, self.place = nn.Embedding(vocabulary, width), nn.Embedding(tokens, width)
        self.blocks = nn.Sequential(*[Block(width, heads, tokens) for _ in range(blocks)])
        self.norm, self.logits = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)

    def forward(self, x):
        return self.logits(self.norm(self.blocks(self.token(x) + self.place.weight)))


def transformer():
    model = Transformer()
    return training(model, optimizer("adam", model), torch.randint(256, (16, 64)), torch.randint(256, (16, 64)))


def convnet():
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(7 * 7 * 32, 10))
    return training(model, optimizer("adam", model), normal(64, 1, 28, 28), torch.randint(10, (64,)))


def trivial():
    x = normal(())
    return lambda: x + 1


def find(name):
    kind, _, rest = name.partition(" ")
    known = {"gemm": gemm, "mlp": mlp}
    if kind in known:
        return known[kind](rest)
    return {"chain": chain, "softmax": softmax, "layer norm": layer_norm, "transformer": transformer,
            "convnet": convnet, "trivial": trivial}[name]()


def part(step, repetitions):
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(repetitions):
        step()
    return (time.perf_counter() - wall) / repetitions, (time.process_time() - cpu) / repetitions


def rest():
    """waits until PyTorch's idle threads sleep: they spin for a while, at the cost of whoever is next"""
    for _ in range(50):
        cpu = time.process_time()
        time.sleep(0.02)
        if time.process_time() - cpu < 0.001:
            return


def main():
    torch.manual_seed(1)
    torch.set_num_threads(int(sys.argv[1]))
    print("ready", torch.__version__, flush=True)
    steps = {}
    for line in sys.stdin:
        name, repetitions, parts, warmup = line.rstrip("\n").split("\t")
        try:
            if name not in steps:
                steps[name] = find(name)
                for _ in range(3):
                    steps[name]()
            walls, cpus = [], []
            for _ in range(int(warmup) + int(parts)):
                wall, cpu = part(steps[name], int(repetitions))
                walls.append(wall)
                cpus.append(cpu)
            rest()
            print(min(walls[int(warmup):]), min(cpus[int(warmup):]), flush=True)
        except Exception as e:
            print("error", repr(e).replace("\n", " "), flush=True)


main()
