import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { frameAnswer } from '../core/answer.ts'

/** DingTalk's frame is made for this size; it is scaled as a whole. */
const side = 300

/** No answer at all in this time is no slow network any more. */
const patience = 8000

interface Props {
  address: string
  title: string
  /** The only origin that is believed. */
  origin: string
  /** Called at most once in the life of the frame. */
  onAnswer: (url: URL) => void
  /** The frame shows no life, or says itself that it cannot go on. */
  onTrouble: () => void
}

/**
 * DingTalk's own sign-in frame. Give it the attempt as its key: another
 * attempt is another frame and another listener (DingTalk's script never
 * removes its own, and then spends a one-time code twice).
 */
export function Frame({ address, title, origin, onAnswer, onTrouble }: Props) {
  const frame = useRef<HTMLIFrameElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const answered = useRef(false)
  const [loaded, setLoaded] = useState(false)

  // Before the frame can speak, hence no plain effect.
  useLayoutEffect(() => {
    const listen = (message: MessageEvent<unknown>) => {
      const expected = { origin, source: frame.current?.contentWindow, own: window.location.origin }
      const answer = frameAnswer(message, expected)
      if (answer.kind === 'trouble') onTrouble()
      if (answer.kind !== 'answer' || answered.current) return
      answered.current = true
      onAnswer(answer.url)
    }
    window.addEventListener('message', listen)
    return () => window.removeEventListener('message', listen)
  }, [origin, onAnswer, onTrouble])

  useEffect(() => {
    if (loaded) return
    const timer = window.setTimeout(onTrouble, patience)
    return () => window.clearTimeout(timer)
  }, [loaded, onTrouble])

  // CSS cannot divide a length by a length in every web view we run in.
  useEffect(() => {
    const element = box.current
    if (!element) return
    const fit = new ResizeObserver(() =>
      element.style.setProperty('--scale', String(element.clientWidth / side)),
    )
    fit.observe(element)
    return () => fit.disconnect()
  }, [])

  return (
    <div class="frame" ref={box} data-loaded={loaded}>
      <iframe
        ref={frame}
        src={address}
        title={title}
        width={side}
        height={side}
        // As DingTalk's own script has it; CSS cannot say it for a foreign document.
        // eslint-disable-next-line @typescript-eslint/no-deprecated
        scrolling="no"
        sandbox="allow-scripts allow-forms allow-same-origin"
        referrerpolicy="strict-origin-when-cross-origin"
        onLoad={() => setLoaded(true)}
      />
    </div>
  )
}
