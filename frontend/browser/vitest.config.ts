import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// The interface as it is shipped, in Debian's Chromium, against the program
// as it is shipped and its sandbox: `npm run browser`. Nothing is retried, and
// nothing waits for a length of time: a test waits for what has to happen.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: {
    environment: 'node',
    globalSetup: './kit/setup.ts',
    // A browser for each of two files at a time: the machine has two cores.
    maxWorkers: 2,
    retry: 0,
    // Long, because others may use the machine, and because the core may pause for
    // half a minute by itself; nothing waits that long unless it fails.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
  },
})
