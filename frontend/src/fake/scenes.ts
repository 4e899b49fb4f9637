import type { Person, Problem, Snapshot } from '../core/snapshot.ts'

/** Scenes for work on the views; the names are for `?fake=`. */
export type Scene = Partial<Snapshot> & { lost?: boolean; refused?: boolean; refusal?: Problem }

const person: Person = {
  name: '欧阳晓敏',
  title: '高级工程师',
  job_number: 'A0327',
  source: 'online',
  verified_at: '2026-11-21T01:04:00Z',
  offline_until: '2026-11-24T01:04:00Z',
}

const failed = (problem: Problem): Scene => ({ phase: 'failed', problem })

export const scenes: Record<string, Scene> = {
  idle: { phase: 'idle', attempt: '' },
  waiting: { phase: 'waiting' },
  trouble: { phase: 'waiting', hint: 'https_used' },
  page: { phase: 'waiting', embed: 'page' },
  browser: { phase: 'waiting', embed: 'browser', hint: 'https_used' },
  working: { phase: 'working' },
  welcome: { phase: 'signed_in', person },
  not_signed_out: { phase: 'signed_in', person, refusal: { code: 'store_unavailable' } },
  cached: { phase: 'idle', attempt: '', person: { ...person, name: 'Alexandra Whitfield', source: 'cache' } },
  once: { phase: 'signed_in', person, can_retry: false },
  expired: { phase: 'expired', problem: { code: 'expired' } },
  cancelled: { phase: 'cancelled', problem: { code: 'cancelled' } },
  denied_once: { ...failed({ code: 'denied' }), can_retry: false },
  not_member: failed({ code: 'not_member' }),
  permission: failed({ code: 'permission_missing', detail: 'qyapi_get_member' }),
  network: failed({ code: 'network', detail: 'api.dingtalk.com' }),
  redirect: failed({ code: 'redirect_misconfigured', detail: '127.0.0.1:18080 is taken by another program' }),
  lost: { phase: 'waiting', lost: true },
  refused: { refused: true },
}
