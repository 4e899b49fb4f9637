import { useEffect, useState } from 'preact/hooks'

/** performance.now() as a value to render with, renewed every `period` milliseconds. */
export function useTicker(period: number): number {
  const [at, setAt] = useState(() => performance.now())
  useEffect(() => {
    const timer = window.setInterval(() => setAt(performance.now()), period)
    return () => window.clearInterval(timer)
  }, [period])
  return at
}
