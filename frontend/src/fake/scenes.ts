import type { Network, Person, Problem, Snapshot } from '../core/snapshot.ts'

/** Scenes for work on the views; the names are for `?fake=`. */
export type Scene = Partial<Snapshot> & { lost?: boolean; refused?: boolean; refusal?: Problem }

const person: Person = {
  name: '欧阳晓敏',
  title: '高级工程师',
  job_number: 'A0327',
  source: 'online',
  verified_at: '2026-11-21T01:04:00Z',
  offline_until: '2026-11-24T10:00:00Z',
  verdict: 'allow',
  reason: 'fresh',
  uses_left: 12,
}

const online: Network = { state: 'online', since: '2026-11-21T00:00:00Z' }
const down: Network = {
  state: 'offline',
  reason: 'timeout',
  since: '2026-11-21T00:58:00Z',
  next_try_at: '2026-11-21T01:04:23Z',
}
const offline: Scene = { phase: 'idle', attempt: '', network: down, offline: { ways: ['pin', 'badge'] } }
const behind = { suspended: true, off_seconds: -3 * 86_400 }
const key = (state: string): Scene => ({ ...offline, network: online, offline: {}, key: { state } })

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
  offline,
  offline_pin: { ...offline, offline: { ways: ['pin'] } },
  offline_none: { ...offline, offline: {}, network: { ...down, reason: 'link_down' } },
  offline_locked: {
    ...offline,
    offline: { ways: ['pin', 'badge'], lock: { until: '2026-11-21T01:05:30Z', left: 4 } },
  },
  offline_hard: { ...offline, offline: { ways: ['pin', 'badge'], lock: { reason: 'hard_locked' } } },
  shaky: {
    phase: 'waiting',
    network: { ...down, state: 'shaky', reason: 'slow' },
    offline: { ways: ['pin', 'badge'] },
  },
  online: { phase: 'waiting', network: online, offline: { ways: ['pin', 'badge'] } },
  enrol: { phase: 'signed_in', person, network: online, offline: { can_enrol: true } },
  enrolled: {
    phase: 'signed_in',
    person: { ...person, source: 'cache', reason: 'refresh_due' },
    network: down,
    offline: { enrolled: ['pin'] },
  },
  lapsed: {
    ...offline,
    person: { ...person, verdict: 'needs_online', reason: 'too_old' },
    offline: {},
  },
  suspended: { ...offline, offline: {}, clock: behind },
  suspended_online: { phase: 'waiting', network: online, clock: behind },
  key_locked: key('locked'),
  key_gone: key('gone'),
  key_wrong: { ...key('wrong'), phase: 'waiting' },
  key_unavailable: { ...key('unavailable'), phase: 'signed_in', person },
  disk_full: { ...offline, offline: { ways: ['pin', 'badge'] }, disk: { code: 'store_unavailable' } },
  lost: { phase: 'waiting', lost: true },
  refused: { refused: true },
}
