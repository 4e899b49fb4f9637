import { fileURLToPath } from 'node:url'

const root = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

/** What «make core» builds; DINGPASS names another build to be tested. */
export const dingpassPath = process.env['DINGPASS'] ?? root('bin/dingpass')

export const chromiumPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** Where a failed test leaves what was on the screen. */
export const artefacts = root('artefacts/browser')
