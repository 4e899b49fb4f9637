/** The fake build under the policy of the core, until it is closed. */
export function openSite(): Promise<{ origin: string; close: () => Promise<void> }>
