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
export const Chevron = () => <Icon d="m6 9.5 6 6 6-6" className="icon icon-chevron" />
export const Refresh = () => <Icon d="M20 11A8 8 0 0 0 5.6 7M4 4v4h4m-4 5a8 8 0 0 0 14.4 4M20 20v-4h-4" />
export const Expand = () => <Icon d="M14 4h6v6m0-6-7 7M10 20H4v-6m0 6 7-7" />
export const Cloud = () => <Icon d="M7 18.5a4.5 4.5 0 0 1-.6-8.96A6 6 0 0 1 18 9.6a4.5 4.5 0 0 1-1 8.9H7Z" />

export const Grid = () => (
  <Icon
    d="M5.5 5.5h.01M12 5.5h.01M18.5 5.5h.01M5.5 12h.01M12 12h.01M18.5 12h.01M12 18.5h.01"
    className="icon icon-dots"
  />
)
export const Badge = () => (
  <Icon d="M9 3h6v4H9zM12 7H7a2 2 0 0 0-2 2v10a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V9a2 2 0 0 0-2-2h-5Zm-3.2 10.5a3.3 3.3 0 0 1 6.4 0M12 14.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4Z" />
)
export const Scan = () => (
  <Icon d="M4 8V6a2 2 0 0 1 2-2h2m8 0h2a2 2 0 0 1 2 2v2m0 8v2a2 2 0 0 1-2 2h-2m-8 0H6a2 2 0 0 1-2-2v-2M4 12h16" />
)
export const Back = () => <Icon d="M19 12H5m6-6-6 6 6 6" />
export const Erase = () => <Icon d="M9 6h10a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H9l-6-6 6-6Zm3.5 3.5 5 5m0-5-5 5" />
export const Key = () => (
  <Icon d="M14.5 9.5a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0Zm-1.3 3.2L20 19.5V21h-2.5m-.5-4.5-1.8 1.8" />
)
export const Unplugged = () => (
  <Icon d="M3 3l18 18M9 5.5V3m6 5V3M9.5 8H18v3a6 6 0 0 1-.9 3.2M6 8v3a6 6 0 0 0 8.5 5.5M12 17v4" />
)

/** The mark of dingpass: a pass with its two notches, ticked. */
export function Mark() {
  return (
    <svg class="mark" viewBox="3 3 42 42" aria-hidden="true" focusable="false">
      <path
        class="mark-pass"
        d="M11 3h26a8 8 0 0 1 8 8v8.2a5 5 0 0 0 0 9.6V37a8 8 0 0 1-8 8H11a8 8 0 0 1-8-8v-8.2a5 5 0 0 0 0-9.6V11a8 8 0 0 1 8-8Z"
      />
      <path class="mark-tick" d="m14.5 24.5 6.6 6.7L34 17.5" />
    </svg>
  )
}
