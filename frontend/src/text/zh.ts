/** The interface in Chinese; the sentences for failures are in backend/words/problems.json. */
export const zh = {
  otherLanguage: 'English',
  demo: '演示 Demo · 不连接真正的钉钉',
  product: 'dingpass',
  signIn: '用钉钉登录',
  signOut: '退出登录',
  cancel: '取消',
  opening: '正在打开…',

  idle: {
    title: '欢迎',
    lead: '用手机上的钉钉扫码登录，几秒钟就好。',
  },

  waiting: {
    title: '用钉钉扫码登录',
    steps: ['打开手机上的钉钉', '扫描二维码', '在手机上点“确认”'] as [string, string, string],
    frame: '钉钉登录二维码',
    left: '剩余时间',
    leftSpoken: (seconds: number) => `二维码还有 ${seconds} 秒有效`,
    over: '二维码已过期，请换一个',
    newCode: '换一个二维码',
    fullPage: '打开钉钉完整页面',
    trouble: '二维码没有出现，或者扫码后没有反应？',
    pageTitle: '在钉钉页面上登录',
    pageLead: '二维码在钉钉自己的页面上。登录后会自动回到这里。',
    pageButton: '前往钉钉',
    browserTitle: '请在浏览器中登录',
    browserLead: '钉钉已经在系统浏览器中打开。登录后回到这里即可。',
    browserButton: '在这里打开钉钉',
  },

  paste: {
    summary: '浏览器显示打不开？',
    lead: (start: string) => `如果地址栏里的地址以 ${start} 开头，请把整个地址复制到这里。`,
    label: '浏览器里的地址',
    submit: '继续',
    wrong: '这不是登录结果的地址。请复制地址栏里的全部内容。',
  },

  working: {
    title: '正在核实身份',
    lead: '手机上已确认，马上就好。',
  },

  welcome: {
    greeting: '欢迎',
    title: '已登录',
    jobNumber: (number: string) => `工号 ${number}`,
    at: (time: string) => `${time} 登录`,
    verified: (moment: string) => `上次核实 ${moment}`,
    cache: '使用本机保存的信息 · 这次没有连接钉钉',
    until: (time: string) => `断网时有效至 ${time}`,
    close: '可以关闭这个窗口了。',
  },

  problem: {
    retry: '再试一次',
    newCode: '换一个二维码',
    again: '重新开始',
    close: '可以关闭这个窗口了。',
    detail: '给管理员',
    copy: '复制',
    copied: '已复制',
  },

  gone: {
    lost: '与 dingpass 的连接断了',
    lostNext: '程序可能已经退出。它恢复后，这里会自动继续；否则请重新启动 dingpass。',
    refused: '这个页面不能单独打开',
    refusedNext: '请从 dingpass 打开它：登录页面只对启动它的窗口开放。',
  },

  hints: {
    https_used: '浏览器把地址改成了 https？请把地址栏开头的 https 改回 http，再按回车。',
  } as Record<string, string>,
}

export type Texts = typeof zh
