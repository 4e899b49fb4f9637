import { access, constants, rm } from 'node:fs/promises'
import { artefacts, chromiumPath, dingpassPath } from './places.ts'

/** Says what is missing before the first test does, and empties the folder of screenshots. */
export default async function setup() {
  await needs(dingpassPath, 'run «make core» first')
  await needs(chromiumPath, 'install Debian’s package chromium, or set CHROMIUM to another one')
  await rm(artefacts, { recursive: true, force: true })
}

async function needs(path: string, mend: string) {
  try {
    await access(path, constants.X_OK)
  } catch {
    throw new Error(`${path} is not there: ${mend}`)
  }
}
