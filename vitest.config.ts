import { defineConfig } from 'vitest/config';

/** `include` by folder: which machine a suite needs decides where it lives. */
const project = (name: string, include: string[], extra: Record<string, unknown> = {}) => ({
  test: { name, include, environment: 'node' as const, ...extra },
});

const slow = { pool: 'forks' as const, fileParallelism: false, maxWorkers: 1 };

export default defineConfig({
  test: {
    projects: [
      project('architecture', ['test/architecture.test.ts']),
      project('unit', ['test/unit/**/*.test.ts'], { testTimeout: 30_000 }),
      project('contract', ['test/contract/**/*.test.ts'], { pool: 'forks', testTimeout: 60_000 }),
      project('disks', ['test/disks/**/*.test.ts'], { ...slow, testTimeout: 180_000, hookTimeout: 60_000 }),
      project('binary', ['test/binary/**/*.test.ts'], { ...slow, testTimeout: 60_000 }),
      project('vm', ['test/vm/**/*.test.ts'], { ...slow, testTimeout: 1_500_000, hookTimeout: 900_000 }),
    ],
  },
});
