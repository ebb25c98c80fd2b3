/** The list of scenarios is complete, and each is what its file says. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { randomScenarios } from '../../src/diff/random.ts'
import { playedMasters, type Scenario } from '../../src/diff/scenario.ts'
import { SCENARIOS } from '../../src/diff/scenarios/index.ts'
import { stepText } from '../../src/diff/step-text.ts'

const FOLDER = fileURLToPath(new URL('../../src/diff/scenarios/', import.meta.url))
const files = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) =>
    readdirSync(join(FOLDER, name)).map((file) => `${name}/${file.replace(/\.ts$/, '')}`),
  )

/** A name that two roles share has the role in its file's name. */
function fileOf({ name, role }: Scenario): string {
  const isShared = SCENARIOS.filter((other) => other.name === name).length > 1
  return isShared ? `${name}-${role}` : name
}

describe('the scenarios', () => {
  it('are all listed, each once, under the name of its file', () => {
    expect(SCENARIOS.map(fileOf).sort()).toEqual(files.sort())
  })

  it('are many, in every role and on every subject', () => {
    expect(SCENARIOS.length).toBeGreaterThanOrEqual(60)
    const of = (test: (scenario: Scenario) => boolean) => SCENARIOS.filter(test).length
    for (const role of ['master', 'replica', 'pair'])
      expect(of((one) => one.role === role)).toBeGreaterThan(4)
    for (const group of ['handshake', 'full', 'partial', 'stream', 'roles', 'behaviour'])
      expect(of((one) => one.name.startsWith(`${group}/`))).toBeGreaterThan(9)
  })

  it.each(SCENARIOS.map((one) => [`${one.name}, ${one.role}`, one] as const))(
    '%s teaches something',
    (_, one) => {
      expect(one.teaches).toMatch(/^\S.{15,125}\.$/)
      expect(one.steps.length).toBeGreaterThan(0)
      for (const step of one.steps) expect(stepText(step)).not.toMatch(/undefined|\[object/)
      for (const { reason } of one.tolerances) expect(reason.length).toBeGreaterThan(10)
    },
  )

  it('name the masters that are played in them', () => {
    const one = SCENARIOS.find(({ name }) => name === 'partial/other-master')!
    expect(playedMasters(one)).toEqual(['m1', 'm2'])
  })
})

describe('random workloads', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(randomScenarios(3, 7)).toEqual(randomScenarios(3, 7))
    expect(randomScenarios(1, 8)).toEqual(randomScenarios(3, 7).slice(2, 4))
    expect(JSON.stringify(randomScenarios(1, 7))).not.toBe(JSON.stringify(randomScenarios(1, 9)))
  })
})
