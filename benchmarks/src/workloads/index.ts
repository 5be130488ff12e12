import type { Group } from '../workload.js';
import { dispatch } from './dispatch.js';

export const groups: readonly Group[] = [dispatch];
