import { expect, it } from 'vitest'
import { InTurn } from '../../src/server/in-turn.ts'

it('begins each job when the one before is over', () => {
  const jobs = new InTurn()
  const begun: number[] = []
  const ends: (() => void)[] = []
  for (let i = 0; i < 3; i++) {
    jobs.add((done) => {
      begun.push(i)
      ends.push(done)
    })
  }
  expect(begun).toEqual([0])
  ends[0]!()
  expect(begun).toEqual([0, 1])
  ends[1]!()
  ends[2]!()
  expect(begun).toEqual([0, 1, 2])
})

it('has room for many that are done at once', () => {
  const jobs = new InTurn()
  let end = () => {}
  let count = 0
  jobs.add((done) => {
    end = done
  })
  for (let i = 0; i < 20_000; i++) {
    jobs.add((done) => {
      count++
      done()
    })
  }
  end()
  expect(count).toBe(20_000)
})
