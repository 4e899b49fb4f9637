import { render } from 'preact'
import { App } from './app.tsx'
import type { Bridge } from './core/bridge.ts'
import { Server } from './core/server.ts'
import './style/tokens.css'
import './style/page.css'
import './style/parts.css'
import './style/views.css'
import './style/strips.css'
import './style/pad.css'
import './style/errands.css'
import './style/small.css'

/**
 * The core, or in `npm run dev` and the fake build a scene in place of it:
 * `?fake=waiting`. The condition is a constant at build time, so what is
 * shipped holds no fake.
 */
async function bridge(): Promise<Bridge> {
  if (import.meta.env.DEV || import.meta.env.MODE === 'fake') {
    const scene = new URL(window.location.href).searchParams.get('fake')
    if (scene !== null) {
      const { Fake } = await import('./fake/fake.ts')
      return new Fake(scene)
    }
  }
  return new Server()
}

const root = document.getElementById('app')
if (root) render(<App bridge={await bridge()} />, root)
