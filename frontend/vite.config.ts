import { defineConfig } from 'vitest/config'

// Two builds come out of here. `vite build` is what the core serves: files
// with hashed names under /assets/, no inline script or style, so that the
// strictest content security policy holds. `vite build --mode fake` also holds
// the fake core and a stand-in for DingTalk's frame; scripts/shots.mjs looks at it.
export default defineConfig(({ mode }) => ({
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: mode === 'fake' ? ['index.html', 'fake/qr.html'] : ['index.html'] },
  },
  server: { host: '127.0.0.1', fs: { allow: ['.', '../backend/words'] } },
  preview: { host: '127.0.0.1' },
  test: {
    // browser/ has a configuration of its own, and needs the built program.
    include: ['src/**/*.test.{ts,tsx}'],
    environment: 'happy-dom',
    // No test loads anything, least of all DingTalk.
    environmentOptions: { happyDOM: { settings: { disableIframePageLoading: true } } },
  },
}))
