import { type Answer, type BeginOptions, type Bridge, type Known, type Link, nothingKnown } from './bridge.ts'
import { answerOf, isSnapshot, receive, refusalOf } from './latest.ts'

/** A restart of the core or a sleeping laptop is a hiccup; longer is not. */
const patience = 3000

/** Between two tries to reach a core that has closed the stream for good. */
const retryAfter = 1000

/**
 * The real side of the bridge. It begins with the snapshot that the core has
 * put into the page, pulls another and follows the event stream; after each
 * gap it pulls again, so that no lost event matters. The
 * browser reopens a broken stream by itself, but not one that was answered
 * with an error, so that is done here.
 */
export class Server implements Bridge {
  readonly frameAddress = '/login/start?frame=1'

  #known: Known = nothingKnown
  #listener: (known: Known) => void = () => undefined
  #events: EventSource | null = null
  #silence = 0
  #retry = 0

  follow(listener: (known: Known) => void): () => void {
    this.#listener = listener
    const look = () => {
      if (document.visibilityState === 'visible') void this.#pull()
    }
    // Timers and streams may have stood still behind a sleeping screen or in
    // the back-forward cache; the clock of the next snapshot puts them right.
    document.addEventListener('visibilitychange', look)
    window.addEventListener('pageshow', look)
    this.#doubt()
    this.#take(document.getElementById('snapshot')?.textContent ?? '')
    this.#connect()
    return () => {
      document.removeEventListener('visibilitychange', look)
      window.removeEventListener('pageshow', look)
      this.#disconnect()
      this.#listener = () => undefined
    }
  }

  async begin(options: BeginOptions = {}): Promise<void> {
    await this.#post('/api/login', options)
  }

  async cancel(): Promise<void> {
    await this.#post('/api/login/cancel')
  }

  async signOut(): Promise<void> {
    await this.#post('/api/logout')
  }

  async retryNetwork(): Promise<void> {
    await this.#post('/api/network/retry')
  }

  signInByPin(pin: string, jobNumber?: string): Promise<Answer | null> {
    return this.#ask('/api/offline/pin', jobNumber === undefined ? { pin } : { job_number: jobNumber, pin })
  }

  signInByBadge(badge: string): Promise<Answer | null> {
    return this.#ask('/api/offline/badge', { badge })
  }

  enrol(pin: string): Promise<Answer | null> {
    return this.#ask('/api/offline/enrol', { pin })
  }

  revoke(): Promise<Answer | null> {
    return this.#ask('/api/offline/revoke')
  }

  async complete(answer: URL): Promise<void> {
    try {
      // The core answers with a redirect to the page we are on: not followed.
      await fetch(answer, { redirect: 'manual', credentials: 'same-origin', cache: 'no-store' })
    } catch {
      void this.#pull()
    }
  }

  openPage(): void {
    window.location.assign('/login/start')
  }

  openAnswer(answer: URL): void {
    window.location.replace(answer)
  }

  #connect(): void {
    this.#disconnect()
    void this.#pull()
    const events = new EventSource('/api/events')
    this.#events = events
    events.addEventListener('snapshot', ({ data }: MessageEvent<string>) => this.#take(data))
    events.addEventListener('error', () => {
      this.#doubt()
      if (events.readyState === EventSource.CLOSED) {
        window.clearTimeout(this.#retry)
        this.#retry = window.setTimeout(() => this.#connect(), retryAfter)
      } else {
        void this.#pull()
      }
    })
  }

  #disconnect(): void {
    this.#events?.close()
    this.#events = null
    window.clearTimeout(this.#retry)
  }

  async #pull(): Promise<void> {
    try {
      const answer = await fetch('/api/snapshot', { cache: 'no-store' })
      if (answer.ok) this.#take(await answer.text())
      else if (answer.status === 401 || answer.status === 403) this.#show({ ...this.#known, link: 'refused' })
    } catch {
      this.#doubt()
    }
  }

  async #ask(path: string, body?: object): Promise<Answer | null> {
    return answerOf(parse(await this.#post(path, body)))
  }

  /** Answers with the text of the core's answer; '' where it has refused, or did not answer. */
  async #post(path: string, body: object = {}): Promise<string> {
    try {
      const answer = await fetch(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      })
      const text = await answer.text()
      if (answer.ok) return text
      if (answer.status === 401 || answer.status === 403) void this.#pull()
      else this.#show({ ...this.#known, refusal: refusalOf(parse(text)) })
    } catch {
      this.#doubt()
    }
    return ''
  }

  #take(text: string): void {
    const value = parse(text)
    if (!isSnapshot(value)) return
    window.clearTimeout(this.#silence)
    this.#silence = 0
    this.#show(receive(this.#known, value, performance.now()))
  }

  /** Starts the wait after which a silent core counts as lost. */
  #doubt(): void {
    if (this.#silence !== 0) return
    this.#silence = window.setTimeout(() => {
      const link: Link = this.#known.link === 'refused' ? 'refused' : 'lost'
      this.#show({ ...this.#known, link })
    }, patience)
  }

  #show(known: Known): void {
    this.#known = known
    this.#listener(known)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
