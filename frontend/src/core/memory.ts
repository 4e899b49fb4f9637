/**
 * Session storage that may be missing or full: a web view without it works,
 * it only forgets (OrcaSlicer #716: nothing may depend on it). A new window
 * starts empty, which is what a shared kiosk needs.
 */
export function recall(key: string): string | null {
  try {
    return window.sessionStorage.getItem(key)
  } catch {
    return null
  }
}

/** Keeps a value for this window; false where that is not possible. */
export function remember(key: string, value: string): boolean {
  try {
    window.sessionStorage.setItem(key, value)
    return true
  } catch {
    return false
  }
}
