import { type Answer, type Bridge, type Known, nothingKnown } from '../core/bridge.ts'
import type { Snapshot } from '../core/snapshot.ts'
import { Offline } from './offline.ts'
import { type Scene, scenes } from './scenes.ts'

/** What is left of a code when a scene begins; a round figure looks like no countdown. */
const left = 272_000
const life = 300_000

/** A fixed moment: two screenshots of a scene are the same picture. */
const now = Date.parse('2026-11-21T01:04:00Z')

/**
 * The other side of the bridge: a core that plays one scene and reacts to the
 * buttons, so that every view can be worked on without Go. `&demo` marks it as
 * a demonstration, `&language=en` sets the core's language.
 */
export class Fake implements Bridge {
  readonly frameAddress: string

  #listener: (known: Known) => void = () => undefined
  #seq = 0
  readonly #query = new URL(window.location.href).searchParams
  readonly #first: Scene
  readonly #offline = new Offline()

  constructor(scene: string) {
    this.#first = scenes[scene] ?? scenes.idle ?? {}
    this.frameAddress = scene === 'trouble' ? '/fake/qr.html?trouble' : '/fake/qr.html'
  }

  follow(listener: (known: Known) => void): () => void {
    this.#listener = listener
    void this.#play(this.#first)
    return () => {
      this.#listener = () => undefined
    }
  }

  begin(): Promise<void> {
    return this.#play({ phase: 'waiting' })
  }

  cancel(): Promise<void> {
    return this.#play(scenes.cancelled ?? {})
  }

  signOut(): Promise<void> {
    return this.#play(scenes.idle ?? {})
  }

  retryNetwork(): Promise<void> {
    return this.#play({ ...this.#first, network: { state: 'online' } })
  }

  signInByPin(pin: string): Promise<Answer | null> {
    return this.#enter(this.#offline.pin(pin, now))
  }

  signInByBadge(badge: string): Promise<Answer | null> {
    return this.#enter(this.#offline.badge(badge))
  }

  enrol(pin: string): Promise<Answer | null> {
    return Promise.resolve(this.#offline.enrol(pin))
  }

  revoke(): Promise<Answer | null> {
    return Promise.resolve({ result: 'ok' })
  }

  async complete(): Promise<void> {
    await this.#play({ phase: 'working' })
    window.setTimeout(() => void this.#play(scenes.welcome ?? {}), 1500)
  }

  openPage(): void {
    console.info('fake: here the window leaves for DingTalk')
  }

  openAnswer(): void {
    void this.complete()
  }

  async #enter(answer: Answer): Promise<Answer> {
    if (answer.result === 'ok') await this.#play(scenes.enrolled ?? {})
    return answer
  }

  async #play({ lost, refused, refusal, ...scene }: Scene): Promise<void> {
    await Promise.resolve()
    this.#seq++
    const receivedAt = performance.now()
    if (refused) this.#listener({ ...nothingKnown, link: 'refused' })
    else {
      const snapshot = this.#snapshot(scene)
      this.#listener({ link: lost ? 'lost' : 'live', snapshot, receivedAt, refusal: refusal ?? null })
    }
  }

  #snapshot(scene: Partial<Snapshot>): Snapshot {
    return {
      seq: this.#seq,
      phase: 'idle',
      attempt: `attempt-${this.#seq}`,
      embed: 'frame',
      started_at: new Date(now + left - life).toISOString(),
      expires_at: new Date(now + left).toISOString(),
      now: new Date(now).toISOString(),
      language: this.#query.get('language') === 'en' ? 'en' : 'zh-CN',
      can_retry: true,
      provider_origin: window.location.origin,
      demo: this.#query.has('demo'),
      ...scene,
    }
  }
}
