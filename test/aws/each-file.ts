// Runs before each test file of a project that has a set-up.

import { inject } from 'vitest';

const broken = inject('broken');
if (broken !== undefined) throw new Error(broken);
