import type { ComponentChildren } from 'preact'
import { Chevron } from './icons.tsx'

/** What few people need, behind a quiet line that says what it is. */
export function Fold({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <details class="fold">
      <summary>
        {label}
        <Chevron />
      </summary>
      {children}
    </details>
  )
}
