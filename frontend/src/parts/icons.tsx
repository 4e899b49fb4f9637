// Drawings in the text's own colour, of the text's own size. They say nothing
// that the text beside them does not say, so screen readers skip them.

function Icon({ d, className = 'icon' }: { d: string; className?: string }) {
  return (
    <svg class={className} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path
        d={d}
        fill="none"
        stroke="currentColor"
        stroke-width="2"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  )
}

export const Check = () => <Icon d="m5 12.5 4.6 4.6L19 7.5" />
export const Cross = () => <Icon d="M6.5 6.5l11 11m0-11-11 11" />
export const Alert = () => (
  <Icon d="M12 7v6m0 3.9v.1M10.3 3.9 2.6 17.2A2 2 0 0 0 4.3 20h15.4a2 2 0 0 0 1.7-2.8L13.7 3.9a2 2 0 0 0-3.4 0Z" />
)
export const Clock = () => <Icon d="M12 7v5l3.3 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z" />
export const Plug = () => <Icon d="M9 3v5m6-5v5M6 8h12v3a6 6 0 0 1-12 0V8Zm6 9v4" />
export const Refresh = () => <Icon d="M20 11A8 8 0 0 0 5.6 7M4 4v4h4m-4 5a8 8 0 0 0 14.4 4M20 20v-4h-4" />
export const Expand = () => <Icon d="M14 4h6v6m0-6-7 7M10 20H4v-6m0 6 7-7" />
export const Cloud = () => <Icon d="M7 18.5a4.5 4.5 0 0 1-.6-8.96A6 6 0 0 1 18 9.6a4.5 4.5 0 0 1-1 8.9H7Z" />

/** The mark of dingpass: a pass with its two notches, ticked. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <path
        class="mark-pass"
        d="M11 3h26a8 8 0 0 1 8 8v8.2a5 5 0 0 0 0 9.6V37a8 8 0 0 1-8 8H11a8 8 0 0 1-8-8v-8.2a5 5 0 0 0 0-9.6V11a8 8 0 0 1 8-8Z"
      />
      <path class="mark-tick" d="m14.5 24.5 6.6 6.7L34 17.5" />
    </svg>
  )
}
