/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamAccessRules = scenario({
  name: 'stream/access-rules',
  teaches: 'Users and their rights stay where they are: a replica has its own.',
  role: 'master',
  steps: [
    sync(),
    ask('ACL SETUSER guest on >guest ~* +get', 'ACL WHOAMI', 'ACL DELUSER guest', 'SET k v'),
    look('info'),
  ],
})
