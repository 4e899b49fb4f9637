import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Known } from './bridge.ts'
import { sample } from '../fake/sample.ts'
import { Server } from './server.ts'

/** An event stream that a test speaks through. */
class Stream extends EventTarget {
  static readonly CLOSED = 2
  static last: Stream
  static opened = 0
  readyState = 1

  readonly address: string

  constructor(address: string) {
    super()
    this.address = address
    Stream.last = this
    Stream.opened++
  }

  close() {
    this.readyState = Stream.CLOSED
  }

  say(snapshot: unknown) {
    this.dispatchEvent(new MessageEvent('snapshot', { data: JSON.stringify(snapshot) }))
  }

  fail(readyState: number) {
    this.readyState = readyState
    this.dispatchEvent(new Event('error'))
  }
}

const fetched = vi.fn<typeof fetch>()
let told: Known[]
let server: Server
let stop: () => void

function answer(body: unknown, status = 200): void {
  fetched.mockImplementation(() => Promise.resolve(new Response(JSON.stringify(body), { status })))
}

function now(): Known | undefined {
  return told.at(-1)
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', fetched)
  vi.stubGlobal('EventSource', Stream)
  Stream.opened = 0
  fetched.mockReset()
  answer(sample())
  told = []
  server = new Server()
  stop = server.follow((known) => told.push(known))
})

afterEach(() => {
  stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a snapshot is pulled, then the events are followed', async () => {
  await vi.advanceTimersByTimeAsync(0)
  expect(fetched).toHaveBeenCalledWith('/api/snapshot', { cache: 'no-store' })
  expect(now()?.snapshot?.phase).toBe('waiting')
  expect(Stream.last.address).toBe('/api/events')
  Stream.last.say(sample({ seq: 2, phase: 'working' }))
  expect(now()?.snapshot?.phase).toBe('working')
})

test('a pulled snapshot that is older than the last event changes nothing', async () => {
  Stream.last.say(sample({ seq: 9, phase: 'working' }))
  await vi.advanceTimersByTimeAsync(0)
  expect(now()?.snapshot?.phase).toBe('working')
})

test('what is no snapshot changes nothing', async () => {
  await vi.advanceTimersByTimeAsync(0)
  const count = told.length
  Stream.last.say('<html>')
  Stream.last.dispatchEvent(new MessageEvent('snapshot', { data: 'half {' }))
  expect(told).toHaveLength(count)
})

test('a broken stream makes it pull again', async () => {
  await vi.advanceTimersByTimeAsync(0)
  answer(sample({ seq: 3, phase: 'failed' }))
  Stream.last.fail(0)
  await vi.advanceTimersByTimeAsync(0)
  expect(now()?.snapshot?.phase).toBe('failed')
})

test('a stream closed for good is opened anew', async () => {
  Stream.last.fail(Stream.CLOSED)
  await vi.advanceTimersByTimeAsync(1000)
  expect(Stream.opened).toBe(2)
})

test('a core that is silent for three seconds is lost, and found again', async () => {
  await vi.advanceTimersByTimeAsync(0)
  fetched.mockRejectedValue(new TypeError('refused'))
  Stream.last.fail(0)
  await vi.advanceTimersByTimeAsync(2900)
  expect(now()?.link).toBe('live')
  await vi.advanceTimersByTimeAsync(200)
  expect(now()?.link).toBe('lost')
  Stream.last.say(sample({ seq: 2 }))
  expect(now()?.link).toBe('live')
})

test('a hiccup shorter than that is not shown', async () => {
  await vi.advanceTimersByTimeAsync(0)
  Stream.last.fail(0)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(now()?.link).toBe('live')
})

test('a core that never answers is lost', async () => {
  stop()
  fetched.mockRejectedValue(new TypeError('refused'))
  told = []
  stop = new Server().follow((known) => told.push(known))
  await vi.advanceTimersByTimeAsync(3100)
  expect(now()).toMatchObject({ link: 'lost', snapshot: null })
})

test('a core that does not know this browser is not called lost', async () => {
  stop()
  answer({}, 403)
  told = []
  stop = new Server().follow((known) => told.push(known))
  await vi.advanceTimersByTimeAsync(5000)
  expect(now()?.link).toBe('refused')
})

test('actions are posted as JSON', async () => {
  await server.begin({ tried: true })
  await server.begin()
  await server.cancel()
  await server.signOut()
  await server.retryNetwork()
  await server.signInByPin('482915')
  await server.signInByPin('482915', 'A007')
  await server.signInByBadge('34641')
  await server.enrol('482915')
  await server.revoke()
  const posts = fetched.mock.calls.filter(([, init]) => init?.method === 'POST')
  expect(posts.map(([path, init]) => [path, init?.body])).toEqual([
    ['/api/login', '{"tried":true}'],
    ['/api/login', '{}'],
    ['/api/login/cancel', '{}'],
    ['/api/logout', '{}'],
    ['/api/network/retry', '{}'],
    ['/api/offline/pin', '{"pin":"482915"}'],
    ['/api/offline/pin', '{"job_number":"A007","pin":"482915"}'],
    ['/api/offline/badge', '{"badge":"34641"}'],
    ['/api/offline/enrol', '{"pin":"482915"}'],
    ['/api/offline/revoke', '{}'],
  ])
})

test('an action that the core refuses is told with its code, until the next change', async () => {
  await vi.advanceTimersByTimeAsync(0)
  answer({ error: { code: 'store_unavailable' } }, 503)
  await server.signOut()
  expect(now()).toMatchObject({ link: 'live', refusal: { code: 'store_unavailable' } })
  Stream.last.say(sample({ seq: 2 }))
  expect(now()?.refusal).toBeNull()
})

test.each([
  ['a yes', { result: 'ok' }, { result: 'ok' }],
  [
    'a refusal',
    { result: 'refused', reason: 'locked', left: 4, retry_at: '2026-11-21T12:00:00Z' },
    { result: 'refused', reason: 'locked', left: 4, retry_at: '2026-11-21T12:00:00Z' },
  ],
  ['a refusal without a reason', { result: 'refused' }, null],
  ['anything else', '<html>', null],
])('%s to a PIN is told', async (_, body, told) => {
  answer(body)
  expect(await server.signInByPin('482915')).toEqual(told)
})

test('a PIN that the core has no answer to is no yes', async () => {
  answer({ error: { code: 'store_unavailable' } }, 503)
  expect(await server.signInByPin('482915')).toBeNull()
  expect(now()?.refusal).toEqual({ code: 'store_unavailable' })
  fetched.mockRejectedValue(new TypeError('refused'))
  expect(await server.signInByPin('482915')).toBeNull()
})

test('an action never throws, whatever becomes of the core', async () => {
  fetched.mockRejectedValue(new TypeError('refused'))
  await expect(server.begin()).resolves.toBeUndefined()
  await expect(server.complete(new URL('http://127.0.0.1/callback'))).resolves.toBeUndefined()
})

test("DingTalk's answer is handed in without following the redirect", async () => {
  const url = new URL('http://127.0.0.1:1/callback?code=c&state=s')
  await server.complete(url)
  expect(fetched).toHaveBeenLastCalledWith(url, expect.objectContaining({ redirect: 'manual' }))
})

test('after it is stopped nothing is told and nothing stays open', async () => {
  await vi.advanceTimersByTimeAsync(0)
  const count = told.length
  stop()
  expect(Stream.last.readyState).toBe(Stream.CLOSED)
  Stream.last.say(sample({ seq: 9 }))
  await vi.advanceTimersByTimeAsync(10_000)
  expect(told).toHaveLength(count)
})

test('begins with the snapshot that the core has put into the page', () => {
  stop()
  const block = document.createElement('script')
  block.type = 'application/json'
  block.id = 'snapshot'
  block.textContent = JSON.stringify(sample({ seq: 41 }))
  document.body.append(block)
  told = []
  server = new Server()
  stop = server.follow((known) => told.push(known))
  block.remove()
  expect(now()).toMatchObject({ link: 'live', snapshot: { seq: 41 } })
})
