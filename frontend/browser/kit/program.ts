import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { dingpassPath } from './places.ts'

/** How long a program may take to end when it is asked to. */
const graceful = 5000

/** A running dingpass: what it has printed so far, and its end. */
export class Program {
  /** The lines of standard output: results. */
  readonly printed: string[] = []
  /** The lines of standard error: words for people, and the log. */
  readonly said: string[] = []
  /** The exit code; null where a signal ended it. Settled when all was read. */
  readonly exit: Promise<number | null>

  readonly #child: ChildProcess
  #ended = false
  #wake: () => void = () => undefined
  #change = this.#nextChange()

  /** Starts `dingpass args…` with this environment and no other. */
  constructor(args: string[], env: Record<string, string>) {
    const child = spawn(dingpassPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    const end = () => child.kill('SIGKILL')
    process.once('exit', end) // a test that was broken off stops nothing
    this.#read(child.stdout, this.printed)
    this.#read(child.stderr, this.said)
    this.exit = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => {
        this.#ended = true
        process.off('exit', end)
        this.#wake()
        resolve(code)
      })
    })
  }

  /** Waits until `find` finds something in what was printed and said. */
  async until<T>(find: (program: this) => T | undefined): Promise<T> {
    for (;;) {
      const found = find(this)
      if (found !== undefined) return found
      if (this.#ended) throw new Error(`dingpass has ended: ${[...this.printed, ...this.said].join('\n')}`)
      await this.#change
    }
  }

  /** Asks it to end, insists after a while, and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.#ended) return
    this.#child.kill('SIGTERM')
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), graceful)
    await this.exit
    clearTimeout(insist)
  }

  /** Ends it without a word, as a crash does. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exit
  }

  #read(stream: Readable, lines: string[]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      this.#wake()
    })
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#change = this.#nextChange()
        resolve()
      }
    })
  }
}
