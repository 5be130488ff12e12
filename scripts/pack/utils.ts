import { arange } from '@ts-torch/tensor';
import { DataLoader, TensorDataset } from '@ts-torch/utils/data';

const sums: number[] = [];
for await (const [batch] of new DataLoader(new TensorDataset(arange(6)), { batchSize: 3 }))
  sums.push(batch.sum().item());
if (String(sums) !== '3,12') throw new Error(`the sums are ${sums}`);
