import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { credentials, type DingTalk } from './dingtalk.ts'
import { Program } from './program.ts'

export type Embed = 'auto' | 'frame' | 'page' | 'browser'

export interface CoreOptions {
  embed?: Embed
  language?: 'zh-CN' | 'en'
  /** Settings and flags besides. */
  env?: Record<string, string>
  args?: string[]
}

/** An event of `login --json` (design 3.2). */
export interface Event {
  event: 'open' | 'phase' | 'signed_in' | 'failed'
  url?: string
  phase?: string
  code?: string
  identity?: { name: string; user_id: string }
}

/** A dingpass that shows its interface to whoever opens its link. */
export class Core {
  readonly program: Program
  /** The launch link. It works once. */
  readonly link: string

  constructor(program: Program, link: string) {
    this.program = program
    this.link = link
  }

  get origin(): string {
    return new URL(this.link).origin
  }

  /** Waits until an attempt has ended, which may be before anybody looks. */
  async over(): Promise<void> {
    await this.program.until(({ said }) => said.find((line) => line.includes('sign-in ended')))
  }
}

/** A data folder, and the programs that are started on it one after the other. */
export class Machine {
  readonly #dingtalk: DingTalk
  readonly #home: string
  readonly #programs: Program[] = []

  private constructor(dingtalk: DingTalk, home: string) {
    this.#dingtalk = dingtalk
    this.#home = home
  }

  static async make(dingtalk: DingTalk): Promise<Machine> {
    return new Machine(dingtalk, await mkdtemp(join(tmpdir(), 'dingpass-browser-')))
  }

  /** Starts the app: it stays, and people may try again. */
  async app(options: CoreOptions = {}): Promise<Core> {
    const program = this.run([], options)
    return new Core(program, await program.until(({ said }) => said.find(isLink)))
  }

  /** Starts `login --json`: one attempt, whose result goes to its caller. */
  async login(options: CoreOptions = {}): Promise<Core> {
    const program = this.run(['login', '--json'], options)
    const open = await program.until(() => events(program).find(({ event }) => event === 'open'))
    return new Core(program, open.url ?? '')
  }

  /** Starts any command; the program ends with the machine at the latest. */
  run(command: string[], { embed = 'frame', language = 'zh-CN', env = {}, args = [] }: CoreOptions = {}) {
    const program = new Program([...command, ...args], {
      HOME: this.#home,
      TZ: 'Asia/Shanghai',
      ...credentials,
      DINGPASS_LOGIN_URL: this.#dingtalk.loginURL,
      DINGPASS_API_URL: this.#dingtalk.url,
      DINGPASS_OAPI_URL: this.#dingtalk.url,
      DINGPASS_DATA_DIR: join(this.#home, 'data'),
      DINGPASS_KEY_SOURCE: `file:${join(this.#home, 'key')}`,
      DINGPASS_UI: 'none',
      DINGPASS_EMBED: embed,
      DINGPASS_LANGUAGE: language,
      DINGPASS_LOG: 'info',
      ...env,
    })
    this.#programs.push(program)
    return program
  }

  async close(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.stop()))
    await rm(this.#home, { recursive: true })
  }
}

/** What `login --json` has told so far. */
export function events(program: Program): Event[] {
  return program.printed.map((line) => JSON.parse(line) as Event)
}

/** The last word of `login --json`, once it has been said. */
export function lastEvent(program: Program): Promise<Event> {
  return program.until(() => events(program).find(({ event }) => event === 'signed_in' || event === 'failed'))
}

function isLink(line: string): boolean {
  return /^http:\/\/127\.0\.0\.1:\d+\/open\/[\w-]+$/.test(line)
}
