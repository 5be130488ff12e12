// A convolutional network learns to read digits: the example that every newcomer runs.
//
//   npm start -- [--epochs 3] [--device cpu] [--limit 1000] [--data FOLDER] [--save mnist_cnn.pt]
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { DataLoader, type Dataset, Subset } from '@ts-torch/utils/data';
import { datasets, transforms } from '@ts-torch/vision';
import * as torch from 'ts-torch';
import { nn, optim, type Tensor } from 'ts-torch';
import { Progress } from './progress.js';

const F = nn.functional;

class Net extends nn.Module {
  conv1 = new nn.Conv2d(1, 10, 5);
  conv2 = new nn.Conv2d(10, 20, 5);
  conv2Drop = new nn.Dropout2d({ p: 0.1 });
  fc1 = new nn.Linear(320, 50);
  fc2 = new nn.Linear(50, 10);

  override forward(x: Tensor): Tensor {
    x = F.relu(F.maxPool2d(this.conv1(x), 2));
    x = F.relu(F.maxPool2d(this.conv2Drop(this.conv2(x)), 2));
    x = x.view(-1, 320);
    x = F.relu(this.fc1(x));
    x = F.dropout(x, { p: 0.1, training: this.training });
    return F.logSoftmax(this.fc2(x), 1);
  }
}

type Digits = Dataset<[image: Tensor, label: Tensor]>;

/** Learns, and returns the share of the test images that are read right. */
export function train({
  epochs = 3,
  device = 'cpu' as torch.DeviceLike,
  limit = Infinity,
  data = '',
  save = '',
} = {}): number {
  torch.manualSeed(1);
  const transform = new transforms.Compose([new transforms.ToTensor(), new transforms.Normalize([0.1307], [0.3081])]);
  const digits = (train: boolean): Digits => first(new datasets.MNIST({ root: data || null, train, transform }), limit);
  const training = new DataLoader(digits(true), { batchSize: 64, shuffle: true });
  const testing = new DataLoader(digits(false), { batchSize: 1000 });

  const model = new Net().to(device);
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.002 });
  const scheduler = new optim.lrScheduler.OneCycleLR(optimizer, 0.006, { totalSteps: epochs * training.length });
  const progress = new Progress(epochs, training.length);
  let accuracy = 0;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    model.train();
    for (const [images, labels] of training) {
      optimizer.zeroGrad();
      const loss = F.nllLoss(model(images.to(device)), labels.to(device));
      loss.backward();
      optimizer.step();
      scheduler.step();
      progress.step({ images: images.size(0), loss: () => loss.item() });
    }
    accuracy = evaluate(model, testing, device);
    progress.note(`epoch ${epoch}/${epochs}: ${(100 * accuracy).toFixed(2)} % of the test images read right`);
  }
  if (save !== '') torch.save(model.stateDict(), save); // PyTorch can load it
  return accuracy;
}

function evaluate(model: Net, testing: DataLoader<[Tensor, Tensor]>, device: torch.DeviceLike): number {
  model.eval();
  let correct = 0;
  let count = 0;
  for (const [images, labels] of testing) {
    const prediction = torch.noGrad(() => model(images.to(device)).argmax(1));
    correct += prediction.eq(labels.to(device)).sum().item();
    count += labels.size(0);
  }
  return correct / count;
}

function first(digits: Digits, limit: number): Digits {
  return limit >= digits.length
    ? digits
    : new Subset(
        digits,
        Array.from({ length: limit }, (_, i) => i),
      );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({
    options: {
      epochs: { type: 'string', default: '3' },
      device: { type: 'string', default: torch.cuda.isAvailable() ? 'cuda' : 'cpu' },
      limit: { type: 'string', default: 'Infinity' },
      data: { type: 'string', default: '' },
      save: { type: 'string', default: '' },
    },
  });
  const device = values.device as torch.DeviceLike;
  console.log(`Learning to read digits on ${device}.`);
  train({ ...values, epochs: Number(values.epochs), device, limit: Number(values.limit) });
}
