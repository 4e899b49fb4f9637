import type { Texts } from './zh.ts'

/**
 * The interface in English. Apostrophes are straight: a Chinese font, often the
 * only good one on a kiosk, draws the curly one as wide as a Chinese character.
 */
export const en: Texts = {
  otherLanguage: '中文',
  demo: 'Demo · not connected to the real DingTalk',
  product: 'dingpass',
  signIn: 'Sign in with DingTalk',
  signOut: 'Sign out',
  cancel: 'Cancel',
  opening: 'Opening…',

  idle: {
    title: 'Welcome',
    lead: 'Scan with DingTalk on your phone. It takes a few seconds.',
  },

  waiting: {
    title: 'Scan with DingTalk',
    steps: ['Open DingTalk on your phone', 'Scan the code', 'Tap Confirm on the phone'],
    frame: 'DingTalk sign-in code',
    left: 'Time left',
    leftSpoken: (seconds) => `The code is valid for ${seconds} more seconds`,
    over: 'The code has expired. Get a new one.',
    newCode: 'New code',
    fullPage: "Open DingTalk's full page",
    trouble: 'No code here, or nothing happens after the scan?',
    pageTitle: "Sign in on DingTalk's page",
    pageLead: "The code is on DingTalk's own page. You come back here by yourself.",
    pageButton: 'Go to DingTalk',
    browserTitle: 'Continue in your browser',
    browserLead: 'DingTalk is open in the system browser. Come back here afterwards.',
    browserButton: 'Open DingTalk here',
  },

  paste: {
    summary: 'The browser shows an error?',
    lead: (start) => `If its address starts with ${start}, paste the whole address here.`,
    label: 'Address in the browser',
    submit: 'Continue',
    wrong: 'That is not the address of a sign-in. Copy everything in the address bar.',
  },

  working: {
    title: 'Checking who you are',
    lead: 'Confirmed on the phone. One moment.',
  },

  welcome: {
    greeting: 'Welcome',
    title: 'Signed in',
    jobNumber: (number) => `No. ${number}`,
    at: (time) => `Signed in at ${time}`,
    verified: (moment) => `Last checked ${moment}`,
    cache: "From this computer's memory · DingTalk was not asked",
    until: (time) => `Good offline until ${time}`,
    uses: (count) => (count === 1 ? '1 use left' : `${count} uses left`),
    refreshDue: 'To be checked when DingTalk is in reach',
    setPin: 'Set a PIN for offline days',
    ownPin: 'My offline PIN',
    close: 'You can close this window.',
  },

  problem: {
    retry: 'Try again',
    newCode: 'New code',
    again: 'Start again',
    close: 'You can close this window.',
    detail: 'For the administrator',
    copy: 'Copy',
    copied: 'Copied',
  },

  gone: {
    lost: 'dingpass does not answer',
    lostNext:
      'The program may have stopped. This page goes on by itself when it is back; if not, start dingpass again.',
    refused: 'This page cannot be opened on its own',
    refusedNext: 'Open it from dingpass: it is for the window that dingpass started.',
  },

  network: {
    states: {
      online: 'Online',
      shaky: 'Unsteady network.',
      offline: 'DingTalk is out of reach.',
      unplugged: 'No network.',
    },
    reasons: {
      dns: "DingTalk's address cannot be found.",
      refused: 'The connection is refused, perhaps by a firewall or proxy.',
      timeout: 'DingTalk does not answer.',
      captive: 'This network wants a sign-in on a web page first.',
      tls: 'The server cannot prove that it is DingTalk.',
      slow: 'DingTalk answers slowly.',
      link_down: 'Check the cable or the Wi-Fi.',
      lying: "The answers are not DingTalk's.",
      broken: 'Connections break off.',
    },
    reason: 'Nobody can tell why.',
    next: (time) => `Next try in ${time}`,
    trying: 'Trying…',
    retry: 'Try now',
  },

  offline: {
    title: 'Sign in without network',
    lead: {
      pin: 'Type your PIN.',
      badge: 'Show your badge to the scanner.',
      both: 'Show your badge to the scanner, or type your PIN.',
    },
    none: 'No sign-in just now',
    noneLead:
      'DingTalk cannot be reached, and nothing here works without it. Please see the front desk. This page goes on by itself.',
    ways: { pin: 'Use PIN', badge: 'Use badge' },
    back: 'Back',
    again: 'Try again',
    leaving: (seconds) => `Back to the start in ${seconds} s`,
    leavingSpoken: (seconds) =>
      `Nothing was pressed. In ${seconds} seconds what was typed is cleared. Press any key to stay.`,
    left: 'Back at the start, because nothing was pressed',
    stay: 'Stay',
    checking: 'Checking…',
    noAnswer: 'There was no answer. Please try again.',
    triesLeft: (count) => (count === 1 ? '1 try left' : `${count} tries left`),
    lockedFor: 'until the next try',
    lockedSpoken: (time) => `Locked. The next try is in ${time}`,
    opened: 'You can try again now',
  },

  refused: {
    wrong_pin: { title: 'Wrong PIN', next: 'Please type it again.' },
    locked: { title: 'Too many wrong PINs', next: 'Please wait a moment.' },
    hard_locked: {
      title: 'The PIN is locked',
      next: 'Too many wrong PINs. Scan with DingTalk once while there is network, and it is open again.',
    },
    device_locked: {
      title: 'PINs are locked on this device',
      next: 'Too many wrong PINs. Anybody who scans with DingTalk while there is network opens them again.',
    },
    not_enrolled: {
      title: 'You have no PIN here yet',
      next: 'Scan with DingTalk while there is network, then set one.',
    },
    suspended: {
      title: 'Offline sign-in is paused',
      next: "This computer's time cannot be trusted. Nothing was deleted; one sign-in with DingTalk ends the pause.",
    },
    clock_behind: {
      title: 'Offline sign-in is paused',
      next: "This computer's clock was set back. Nothing was deleted; one sign-in with DingTalk ends the pause.",
    },
    stale: {
      title: 'The data here is an older copy',
      next: 'It may come from a backup, so offline sign-in is paused. One scan with DingTalk ends that.',
    },
    too_old: {
      title: 'Your offline time is over',
      next: 'The last check with DingTalk is too long ago. Scan once while there is network.',
    },
    used_up: {
      title: 'Your offline uses are used up',
      next: 'Scan with DingTalk once while there is network, and you have new ones.',
    },
    device_used_up: {
      title: "This device's offline uses are used up",
      next: 'It needs network first. Please tell the front desk or an administrator.',
    },
    offline_off: {
      title: 'No offline sign-in here',
      next: 'Scan with DingTalk while there is network.',
    },
    gone: {
      title: "You are not in this company's directory",
      next: 'Please see the front desk or an administrator.',
    },
    external: {
      title: 'For employees of this company only',
      next: 'Please register at the front desk, or call the colleague you are visiting.',
    },
    disabled: {
      title: 'Your account is disabled',
      next: 'Please see an administrator or the HR department.',
    },
    inactive: {
      title: 'Your DingTalk account is not active yet',
      next: 'Open DingTalk on your phone, activate the account, then scan.',
    },
    bad_badge: {
      title: 'This is no valid badge',
      next: "Hold the badge's code before the scanner once more.",
    },
    revoked: {
      title: 'This badge was taken back',
      next: 'Use your new badge, or register at the front desk.',
    },
    expired: { title: 'This badge has expired', next: 'Get a new one at the front desk.' },
    not_now: {
      title: 'A PIN cannot be set now',
      next: 'Sign in with DingTalk first, and set it right after.',
    },
    else: {
      title: 'No offline sign-in just now',
      next: 'Scan with DingTalk while there is network, or see the front desk.',
    },
  },

  pin: {
    numberTitle: 'What is your job number?',
    numberLead: 'Your PIN comes next.',
    number: 'Job number',
    next: 'Next',
    delete: 'Delete a character',
    title: 'Type your PIN',
    lead: '6 digits or more.',
    of: (number) => `No. ${number}`,
    typed: (count) => (count === 1 ? '1 digit' : `${count} digits`),
    none: 'No digits yet',
    tooShort: '6 digits or more',
    pad: 'Number pad',
    back: 'Delete a digit',
    clear: 'Clear',
    enter: 'Sign in',
    save: 'OK',
  },

  badge: {
    title: 'Scan your badge',
    lead: "Hold the badge's code before the scanner.",
    reading: 'Reading…',
    typed: 'No scanner? Paste what the code says',
    label: 'What the code says',
    submit: 'Sign in',
  },

  enrol: {
    title: 'Set a PIN for offline days',
    lead: 'You sign in with it when there is no network. 6 digits or more; no birthday, job number or phone number.',
    againTitle: 'Type it once more',
    againLead: 'To be sure of it.',
    differ: 'The two are different. Please start again.',
    weak: {
      too_short: 'Too short: 6 digits or more.',
      too_long: 'Too long: please take a shorter one.',
      not_digits: 'Only digits, please.',
      sequence: 'Digits in a row are easy to guess. Please take another.',
      repeated: 'Repeated digits are easy to guess. Please take another.',
      own_number: 'It must not be your job or phone number, or a part of one. Please take another.',
      date: 'A date is easy to guess. Please take another.',
    },
    done: 'Your PIN is set',
    doneUntil: (limits) => `${limits}.`,
    doneLead: 'It works without network.',
    ok: 'Done',
    ownTitle: 'Your offline PIN',
    ownLead: 'You have a PIN on this device.',
    change: 'Change the PIN',
    drop: 'Remove the PIN',
    dropped: 'Your PIN is removed',
    droppedLead: 'It does not work here any more.',
  },

  clock: {
    behind: (span) => `This computer's clock is ${span} behind`,
    ahead: (span) => `This computer's clock is ${span} ahead`,
    unknown: "This computer's clock cannot be trusted",
    next: 'Offline sign-in is paused; nothing was deleted.',
    heals: 'This ends by itself once DingTalk answers.',
    mend: 'Please have an administrator set the clock.',
  },

  hints: {
    https_used:
      'Did the browser change the address to https? Change the start of the address back to http and press Enter.',
  },
}
