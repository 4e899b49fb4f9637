import type { Texts } from './zh.ts'

/**
 * The interface in English. Apostrophes are straight: a Chinese font, often the
 * only good one on a kiosk, draws the curly one as wide as a Chinese character.
 */
export const en: Texts = {
  otherLanguage: '中文',
  demo: '演示 Demo · not connected to the real DingTalk',
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
    close: 'You can close this window.',
  },

  problem: {
    retry: 'Try again',
    newCode: 'New code',
    again: 'Start again',
    close: 'You can close this window.',
    detail: 'For administrators',
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

  hints: {
    https_used:
      'Did the browser change the address to https? Change the start of the address back to http and press Enter.',
  },
}
