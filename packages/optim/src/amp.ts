/** `torch.amp`: training in mixed precision. */
export { type AutocastOptions, autocast } from '@ts-torch/tensor';
export { GradScaler, type GradScalerOptions, type GradScalerStateDict } from './grad-scaler.js';
