/**
 * Inline commands: a line of words, as a person types them into telnet; also how old replicas send `SYNC`.
 *
 *   SET greeting "hello\x20world"\r\n      words, "quoted with escapes", 'quoted without'
 *
 * Source: redis `src/sds.c`, sdssplitargs; `src/networking.c`, processInlineBuffer.
 */
import type { ByteString } from '../../bytes/byte-string.ts'

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' }

/** The words of a line (without its line end), or undefined where its quotes do not match. */
export function splitInline(text: string): ByteString[] | undefined {
  const words: ByteString[] = []
  let at = 0
  for (;;) {
    while (isSpace(text[at])) at++
    if (at >= text.length) return words
    let word = ''
    for (; at < text.length && !isSpace(text[at]); ) {
      const char = text[at]!
      const read = char === '"' ? doubleQuoted(text, at) : char === "'" ? singleQuoted(text, at) : undefined
      if (char !== '"' && char !== "'") {
        word += char
        at++
        continue
      }
      // A closing quote must end the word: "a"b is refused by Redis too.
      if (read === undefined || (read.end < text.length && !isSpace(text[read.end]))) return undefined
      word += read.value
      at = read.end
    }
    words.push(word as ByteString)
  }
}

type Quoted = { readonly value: string; readonly end: number }

function doubleQuoted(text: string, start: number): Quoted | undefined {
  let value = ''
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at]!
    if (char === '"') return { value, end: at + 1 }
    if (char !== '\\' || at + 1 >= text.length) {
      value += char
      continue
    }
    const hex = /^x([0-9a-fA-F]{2})/.exec(text.slice(at + 1, at + 4))
    if (hex !== null) {
      value += String.fromCharCode(Number.parseInt(hex[1]!, 16))
      at += 3
    } else {
      at++
      value += ESCAPES[text[at]!] ?? text[at]!
    }
  }
  return undefined
}

function singleQuoted(text: string, start: number): Quoted | undefined {
  let value = ''
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at]!
    if (char === "'") return { value, end: at + 1 }
    if (char === '\\' && text[at + 1] === "'") at++
    value += text[at]!
  }
  return undefined
}

function isSpace(char: string | undefined): boolean {
  return char !== undefined && (char === ' ' || (char >= '\t' && char <= '\r') || char === '\0')
}
