import { Program } from './program.ts'

/** What the sandbox is told to do wrong (backend/sandbox/fault.go). */
export interface Fault {
  times?: number
  latency?: string
  kind?: 'html' | 'guard' | 'cut' | 'huge' | 'rate_limited' | 'hang' | 'drop'
  status?: number
  sub_code?: number
}

/** A code that some page of the sandbox shows and nobody has finished. */
interface Code {
  path: string
  stage: string
  frame: boolean
}

interface State {
  showing: Code[]
  people: number
  calls: Record<string, number>
}

/** The credentials of the sandbox's only app (backend/sandbox/sandbox.go). */
export const credentials = {
  DINGPASS_CLIENT_ID: 'dingsandboxapp0001',
  DINGPASS_CLIENT_SECRET: 'sandbox-secret-for-nothing-real',
  DINGPASS_CORP_ID: 'dingcorpsandbox0001',
}

/** The call that spends the one-time code, and the one that asks whether the person is of the company. */
export const exchange = '/v1.0/oauth2/userAccessToken'
export const membership = '/topapi/user/getbyunionid'

/** `dingpass sandbox`, and the phone that scans its codes. */
export class DingTalk {
  readonly #program: Program
  /** Where the two APIs are. */
  readonly url: string

  private constructor(program: Program, url: string) {
    this.#program = program
    this.url = url
  }

  /** Starts it, on a port of its own or on the one of an earlier address. */
  static async start(at?: string): Promise<DingTalk> {
    const listen = at === undefined ? '127.0.0.1:0' : new URL(at).host
    const program = new Program(['sandbox', '--listen', listen], {})
    const line = await program.until(({ printed }) => printed[0])
    return new DingTalk(program, (JSON.parse(line) as { url: string }).url)
  }

  /** Where the login page is: the same server under a name that makes it another *site* than 127.0.0.1. */
  get loginURL(): string {
    return this.url.replace('127.0.0.1', 'localhost')
  }

  async state(): Promise<State> {
    return (await this.#control('GET', 'state')) as State
  }

  async set(settings: Record<string, unknown>): Promise<void> {
    await this.#control('POST', 'settings', settings)
  }

  /** Adds somebody to the company. */
  async add(person: { userid: string; name: string }): Promise<void> {
    await this.#control('POST', 'people', person)
  }

  /** Changes somebody's record, as an administrator does. */
  async change(userid: string, fields: Record<string, unknown>): Promise<void> {
    await this.#control('PUT', `people/${userid}`, fields)
  }

  async remove(userid: string): Promise<void> {
    await this.#control('DELETE', `people/${userid}`)
  }

  async fault(endpoint: string, ...faults: Fault[]): Promise<void> {
    await this.#control('POST', 'faults', { endpoint, faults })
  }

  async heal(): Promise<void> {
    await this.#control('DELETE', 'faults')
  }

  /** The phone confirms as this person what its camera has read. */
  async confirm(scan: string, userid: string): Promise<void> {
    await phone(scan, { action: 'confirm', userid })
  }

  /** The phone refuses. */
  async refuse(scan: string): Promise<void> {
    await phone(scan, { action: 'refuse' })
  }

  async stop(): Promise<void> {
    await this.#program.stop()
  }

  async #control(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${this.url}/_control/${path}`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
}

async function phone(scan: string, form: Record<string, string>): Promise<void> {
  const headers = { Accept: 'application/json' }
  const answer = await fetch(scan, { method: 'POST', headers, body: new URLSearchParams(form) })
  if (!answer.ok) throw new Error(`scan: ${answer.status} ${await answer.text()}`)
}
