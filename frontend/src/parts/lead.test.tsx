import { render } from 'preact'
import { expect, test } from 'vitest'
import { Lead } from './lead.tsx'

test.each([
  ['two sentences', 'Scan with DingTalk. It takes a moment.', ['Scan with DingTalk.', 'It takes a moment.']],
  ['two sentences in Chinese', '请检查手机。然后再试？', ['请检查手机。', '然后再试？']],
  ['one sentence', 'Please wait.', []],
  ['a full stop within a word', 'Nothing listens on 127.0.0.1 here', []],
  ['words without a full stop', 'Wait. Then 再试', ['Wait.', 'Then 再试']],
  ['no words', '', []],
])('%s: the sentences are boxes, and no character is lost', (_, text, boxes) => {
  const root = document.createElement('div')
  render(<Lead text={text} />, root)
  expect([...root.querySelectorAll('span')].map((span) => span.textContent)).toEqual(boxes)
  expect(root.textContent).toBe(text)
})
