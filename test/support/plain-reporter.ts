/**
 * The outcome of a test run as one plain line, for a program that reads our output:
 *
 *   104 passed, 0 failed, 2 skipped
 *
 * A vitest reporter; .ci/run adds it to the usual one. A file that cannot be loaded and an error outside any
 * test count as failed: neither may hide behind tests that passed.
 */
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const count = { passed: 0, failed: unhandled.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      count.failed += module.errors().length
      for (const suite of module.children.allSuites()) count.failed += suite.errors().length
      for (const test of module.children.allTests()) count[test.result().state]++
    }
    const skipped = count.skipped + count.pending
    const line = `${count.passed} passed, ${count.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
    process.stdout.write(`\n${line}\n`)
  }
}
