/**
 * Errors of the system in the words of its C library, as redis-server prints them: "No such file or
 * directory" where Node says "ENOENT: no such file or directory, open '…'".
 */
import { getSystemErrorMap } from 'node:util'

/** Where libuv's words are not those of the C library. */
const OTHERWISE: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EISDIR: 'Is a directory',
}

export function systemWords(error: unknown): string {
  const { errno, code = '', message } = error as NodeJS.ErrnoException
  const known = OTHERWISE[code] ?? (errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1])
  if (known === undefined) return message
  return known.charAt(0).toUpperCase() + known.slice(1)
}
