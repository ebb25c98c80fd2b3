/** Fields of INFO: `name:value` lines below a `# Section` title. */
export type Field = readonly [name: string, value: string | number]

/** A size as INFO prints it for people: `1.86M`. Source: redis 7.0 `src/util.c`, bytesToHuman. */
export function humanBytes(bytes: number): string {
  const units = ['B', 'K', 'M', 'G', 'T', 'P']
  let unit = 0
  let value = bytes
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return unit === 0 ? `${bytes}B` : `${value.toFixed(2)}${units[unit]}`
}

/** A size twice: in bytes, and for people. */
export function sized(name: string, bytes: number): Field[] {
  return [
    [name, Math.round(bytes)],
    [`${name}_human`, humanBytes(Math.round(bytes))],
  ]
}

export function ratio(part: number, whole: number): string {
  return whole === 0 ? '0.00' : (part / whole).toFixed(2)
}
