/** All scenarios, in the order in which they are told. A test holds this list complete. */
import type { Scenario } from '../scenario.ts'
import { behaviourAckEverySecond } from './behaviour/ack-every-second.ts'
import { behaviourDatabaseRemembered } from './behaviour/database-remembered.ts'
import { behaviourErrorsOnTheStream } from './behaviour/errors-on-the-stream.ts'
import { behaviourEveryEffect } from './behaviour/every-effect.ts'
import { behaviourExpiredOnTheStream } from './behaviour/expired-on-the-stream.ts'
import { behaviourGetack } from './behaviour/getack.ts'
import { behaviourGetackInOnePiece } from './behaviour/getack-in-one-piece.ts'
import { behaviourGetackInTransaction } from './behaviour/getack-in-transaction.ts'
import { behaviourHalfClosed } from './behaviour/half-closed.ts'
import { behaviourMasterAway } from './behaviour/master-away.ts'
import { behaviourMasterMute } from './behaviour/master-mute.ts'
import { behaviourMasterSilent } from './behaviour/master-silent.ts'
import { behaviourPausedClients } from './behaviour/paused-clients.ts'
import { behaviourPings } from './behaviour/pings.ts'
import { behaviourPriority } from './behaviour/priority.ts'
import { behaviourReadOnly } from './behaviour/read-only.ts'
import { behaviourReplicaSilent } from './behaviour/replica-silent.ts'
import { behaviourReplicaStopsReading } from './behaviour/replica-stops-reading.ts'
import { behaviourStaleRefused } from './behaviour/stale-refused.ts'
import { behaviourStaleServed } from './behaviour/stale-served.ts'
import { behaviourWaitRefused } from './behaviour/wait-refused.ts'
import { behaviourWritable } from './behaviour/writable.ts'
import { fullAbortedByMaster } from './full/aborted-by-master.ts'
import { fullAbortedByReplica } from './full/aborted-by-replica.ts'
import { fullByLength } from './full/by-length.ts'
import { fullCutSnapshot } from './full/cut-snapshot.ts'
import { fullDatabases } from './full/databases.ts'
import { fullDisk } from './full/disk.ts'
import { fullEmptyMaster } from './full/empty-master.ts'
import { fullEmptyReplica } from './full/empty-replica.ts'
import { fullEveryTypeMaster } from './full/every-type-master.ts'
import { fullEveryTypeReplica } from './full/every-type-replica.ts'
import { fullExpiredKey } from './full/expired-key.ts'
import { fullExpiredKeys } from './full/expired-keys.ts'
import { fullFilterFunctions } from './full/filter-functions.ts'
import { fullFilterNeedsEof } from './full/filter-needs-eof.ts'
import { fullFilterNothing } from './full/filter-nothing.ts'
import { fullLateReplica } from './full/late-replica.ts'
import { fullMaxReplicas } from './full/max-replicas.ts'
import { fullNewId } from './full/new-id.ts'
import { fullNewerVersion } from './full/newer-version.ts'
import { fullOldDataServed } from './full/old-data-served.ts'
import { fullRdbOnly } from './full/rdb-only.ts'
import { fullRdbOnlyDisk } from './full/rdb-only-disk.ts'
import { fullStreamAwaitsAck } from './full/stream-awaits-ack.ts'
import { fullSwapdb } from './full/swapdb.ts'
import { fullSwapdbBroken } from './full/swapdb-broken.ts'
import { fullTwoReplicasOneSnapshot } from './full/two-replicas-one-snapshot.ts'
import { fullWaiting } from './full/waiting.ts'
import { fullWhileWriting } from './full/while-writing.ts'
import { fullWhileWritingDisk } from './full/while-writing-disk.ts'
import { fullWritesBehindSnapshot } from './full/writes-behind-snapshot.ts'
import { handshakeAnnounce } from './handshake/announce.ts'
import { handshakeAnnouncedAddress } from './handshake/announced-address.ts'
import { handshakeAuthPasswordMaster } from './handshake/auth-password-master.ts'
import { handshakeAuthPasswordReplica } from './handshake/auth-password-replica.ts'
import { handshakeAuthRefused } from './handshake/auth-refused.ts'
import { handshakeAuthUserMaster } from './handshake/auth-user-master.ts'
import { handshakeAuthUserReplica } from './handshake/auth-user-replica.ts'
import { handshakeBadFullresync } from './handshake/bad-fullresync.ts'
import { handshakeCommandOnTheLink } from './handshake/command-on-the-link.ts'
import { handshakeHeartbeats } from './handshake/heartbeats.ts'
import { handshakeInlineWords } from './handshake/inline-words.ts'
import { handshakeNoCapabilities } from './handshake/no-capabilities.ts'
import { handshakeNoMasterLink } from './handshake/no-master-link.ts'
import { handshakeOldMaster } from './handshake/old-master.ts'
import { handshakeOnlyPsync2 } from './handshake/only-psync2.ts'
import { handshakePingError } from './handshake/ping-error.ts'
import { handshakePingLoading } from './handshake/ping-loading.ts'
import { handshakePingNoperm } from './handshake/ping-noperm.ts'
import { handshakePipelined } from './handshake/pipelined.ts'
import { handshakePlainMaster } from './handshake/plain-master.ts'
import { handshakePlainReplica } from './handshake/plain-replica.ts'
import { handshakeProtocolError } from './handshake/protocol-error.ts'
import { handshakePsyncArity } from './handshake/psync-arity.ts'
import { handshakePsyncBadOffset } from './handshake/psync-bad-offset.ts'
import { handshakePsyncLoading } from './handshake/psync-loading.ts'
import { handshakeReplconfOptions } from './handshake/replconf-options.ts'
import { handshakeReplconfRefused } from './handshake/replconf-refused.ts'
import { handshakeReplconfSilent } from './handshake/replconf-silent.ts'
import { handshakeSyncInline } from './handshake/sync-inline.ts'
import { handshakeSyncTwice } from './handshake/sync-twice.ts'
import { handshakeSyncWithEof } from './handshake/sync-with-eof.ts'
import { handshakeUnknownCapability } from './handshake/unknown-capability.ts'
import { handshakeWrongOrder } from './handshake/wrong-order.ts'
import { pairChain } from './pair/chain.ts'
import { pairChainDatabase } from './pair/chain-database.ts'
import { pairFailback } from './pair/failback.ts'
import { pairFailover } from './pair/failover.ts'
import { pairLostLink } from './pair/lost-link.ts'
import { pairSync } from './pair/sync.ts'
import { partialAfterLostLink } from './partial/after-lost-link.ts'
import { partialAfterPings } from './partial/after-pings.ts'
import { partialAgainAndAgain } from './partial/again-and-again.ts'
import { partialAhead } from './partial/ahead.ts'
import { partialBacklogOverrun } from './partial/backlog-overrun.ts'
import { partialBacklogResized } from './partial/backlog-resized.ts'
import { partialBacklogTtl } from './partial/backlog-ttl.ts'
import { partialBeforeFirstByte } from './partial/before-first-byte.ts'
import { partialBehindLastByte } from './partial/behind-last-byte.ts'
import { partialCommandInPieces } from './partial/command-in-pieces.ts'
import { partialCutCommand } from './partial/cut-command.ts'
import { partialCutTransaction } from './partial/cut-transaction.ts'
import { partialFirstByte } from './partial/first-byte.ts'
import { partialInsideATransaction } from './partial/inside-a-transaction.ts'
import { partialKilled } from './partial/killed.ts'
import { partialLastByte } from './partial/last-byte.ts'
import { partialMiddleOfACommand } from './partial/middle-of-a-command.ts'
import { partialNewId } from './partial/new-id.ts'
import { partialNoBacklog } from './partial/no-backlog.ts'
import { partialNothingMissed } from './partial/nothing-missed.ts'
import { partialOtherMaster } from './partial/other-master.ts'
import { partialProtocolError } from './partial/protocol-error.ts'
import { partialRefused } from './partial/refused.ts'
import { partialSomeMissed } from './partial/some-missed.ts'
import { partialTwoPlaces } from './partial/two-places.ts'
import { partialUpperCaseId } from './partial/upper-case-id.ts'
import { partialWrongIds } from './partial/wrong-ids.ts'
import { partialZeroAndNegative } from './partial/zero-and-negative.ts'
import { rolesChain } from './roles/chain.ts'
import { rolesChainBeforeSync } from './roles/chain-before-sync.ts'
import { rolesChainFull } from './roles/chain-full.ts'
import { rolesChainLinkLost } from './roles/chain-link-lost.ts'
import { rolesChainNewId } from './roles/chain-new-id.ts'
import { rolesChainPromotion } from './roles/chain-promotion.ts'
import { rolesDemotion } from './roles/demotion.ts'
import { rolesDemotionBlockedClients } from './roles/demotion-blocked-clients.ts'
import { rolesFailoverAbort } from './roles/failover-abort.ts'
import { rolesFailoverErrors } from './roles/failover-errors.ts'
import { rolesFailoverTimeout } from './roles/failover-timeout.ts'
import { rolesPromotion } from './roles/promotion.ts'
import { rolesPsyncFailover } from './roles/psync-failover.ts'
import { rolesReplicaofErrors } from './roles/replicaof-errors.ts'
import { rolesRestartReplica } from './roles/restart-replica.ts'
import { rolesRestartReplicaUnsaved } from './roles/restart-replica-unsaved.ts'
import { rolesRestartSaved } from './roles/restart-saved.ts'
import { rolesRestartUnsaved } from './roles/restart-unsaved.ts'
import { rolesSameMasterAgain } from './roles/same-master-again.ts'
import { rolesSecondId } from './roles/second-id.ts'
import { rolesSecondIdTooFar } from './roles/second-id-too-far.ts'
import { streamAccessRules } from './stream/access-rules.ts'
import { streamAcks } from './stream/acks.ts'
import { streamAlways } from './stream/always.ts'
import { streamBitsAndHyperloglogs } from './stream/bits-and-hyperloglogs.ts'
import { streamBlocking } from './stream/blocking.ts'
import { streamCounters } from './stream/counters.ts'
import { streamDumpAndRestore } from './stream/dump-and-restore.ts'
import { streamErrors } from './stream/errors.ts'
import { streamEviction } from './stream/eviction.ts'
import { streamExpire } from './stream/expire.ts'
import { streamExpiryActive } from './stream/expiry-active.ts'
import { streamExpiryInTransaction } from './stream/expiry-in-transaction.ts'
import { streamExpiryMet } from './stream/expiry-met.ts'
import { streamFlush } from './stream/flush.ts'
import { streamGettingWithEffect } from './stream/getting-with-effect.ts'
import { streamHashes } from './stream/hashes.ts'
import { streamKeys } from './stream/keys.ts'
import { streamLargeValues } from './stream/large-values.ts'
import { streamLists } from './stream/lists.ts'
import { streamMinReplicas } from './stream/min-replicas.ts'
import { streamNever } from './stream/never.ts'
import { streamNoEffect } from './stream/no-effect.ts'
import { streamPing } from './stream/ping.ts'
import { streamPingWhileWriting } from './stream/ping-while-writing.ts'
import { streamSelect } from './stream/select.ts'
import { streamSets } from './stream/sets.ts'
import { streamSeveralClients } from './stream/several-clients.ts'
import { streamSortedSets } from './stream/sorted-sets.ts'
import { streamSpelling } from './stream/spelling.ts'
import { streamSpopRandom } from './stream/spop-random.ts'
import { streamStreamIds } from './stream/stream-ids.ts'
import { streamStreamTrims } from './stream/stream-trims.ts'
import { streamStreams } from './stream/streams.ts'
import { streamStringsWithExpiry } from './stream/strings-with-expiry.ts'
import { streamTransactions } from './stream/transactions.ts'
import { streamWait } from './stream/wait.ts'
import { streamWatch } from './stream/watch.ts'

export const SCENARIOS: readonly Scenario[] = [
  handshakePlainMaster,
  handshakeAuthPasswordMaster,
  handshakeAuthUserMaster,
  handshakeNoCapabilities,
  handshakeOnlyPsync2,
  handshakeUnknownCapability,
  handshakeWrongOrder,
  handshakeReplconfOptions,
  handshakeReplconfSilent,
  handshakeAnnouncedAddress,
  handshakePsyncArity,
  handshakePsyncBadOffset,
  handshakeSyncInline,
  handshakeSyncWithEof,
  handshakeSyncTwice,
  handshakeCommandOnTheLink,
  handshakeInlineWords,
  handshakePipelined,
  handshakeProtocolError,
  handshakePlainReplica,
  handshakeAuthPasswordReplica,
  handshakeAuthUserReplica,
  handshakeAuthRefused,
  handshakePingError,
  handshakePingLoading,
  handshakePingNoperm,
  handshakeReplconfRefused,
  handshakeOldMaster,
  handshakeAnnounce,
  handshakeHeartbeats,
  handshakeNoMasterLink,
  handshakePsyncLoading,
  handshakeBadFullresync,
  fullEmptyMaster,
  fullDisk,
  fullEveryTypeMaster,
  fullDatabases,
  fullWhileWriting,
  fullWhileWritingDisk,
  fullAbortedByReplica,
  fullTwoReplicasOneSnapshot,
  fullMaxReplicas,
  fullLateReplica,
  fullRdbOnly,
  fullRdbOnlyDisk,
  fullFilterFunctions,
  fullFilterNothing,
  fullFilterNeedsEof,
  fullNewId,
  fullExpiredKey,
  fullWaiting,
  fullStreamAwaitsAck,
  fullEveryTypeReplica,
  fullByLength,
  fullEmptyReplica,
  fullExpiredKeys,
  fullCutSnapshot,
  fullAbortedByMaster,
  fullNewerVersion,
  fullOldDataServed,
  fullSwapdbBroken,
  fullSwapdb,
  fullWritesBehindSnapshot,
  partialNothingMissed,
  partialSomeMissed,
  partialFirstByte,
  partialBeforeFirstByte,
  partialLastByte,
  partialBehindLastByte,
  partialAhead,
  partialZeroAndNegative,
  partialUpperCaseId,
  partialWrongIds,
  partialMiddleOfACommand,
  partialInsideATransaction,
  partialBacklogOverrun,
  partialBacklogTtl,
  partialNoBacklog,
  partialBacklogResized,
  partialTwoPlaces,
  partialAgainAndAgain,
  partialKilled,
  partialAfterLostLink,
  partialAfterPings,
  partialNewId,
  partialRefused,
  partialCutTransaction,
  partialCutCommand,
  partialCommandInPieces,
  partialProtocolError,
  partialOtherMaster,
  streamStringsWithExpiry,
  streamGettingWithEffect,
  streamExpire,
  streamCounters,
  streamNoEffect,
  streamAlways,
  streamLists,
  streamBlocking,
  streamSets,
  streamSpopRandom,
  streamSortedSets,
  streamHashes,
  streamStreams,
  streamStreamIds,
  streamStreamTrims,
  streamBitsAndHyperloglogs,
  streamKeys,
  streamDumpAndRestore,
  streamTransactions,
  streamWatch,
  streamSelect,
  streamSeveralClients,
  streamFlush,
  streamNever,
  streamAccessRules,
  streamSpelling,
  streamLargeValues,
  streamPing,
  streamPingWhileWriting,
  streamWait,
  streamAcks,
  streamMinReplicas,
  streamExpiryMet,
  streamExpiryActive,
  streamExpiryInTransaction,
  streamEviction,
  streamErrors,
  rolesPromotion,
  rolesSecondId,
  rolesSecondIdTooFar,
  rolesDemotion,
  rolesDemotionBlockedClients,
  rolesSameMasterAgain,
  rolesReplicaofErrors,
  rolesChain,
  rolesChainBeforeSync,
  rolesChainLinkLost,
  rolesChainNewId,
  rolesChainFull,
  rolesChainPromotion,
  rolesPsyncFailover,
  rolesRestartSaved,
  rolesRestartUnsaved,
  rolesRestartReplica,
  rolesRestartReplicaUnsaved,
  rolesFailoverErrors,
  rolesFailoverTimeout,
  rolesFailoverAbort,
  behaviourReadOnly,
  behaviourWritable,
  behaviourStaleServed,
  behaviourStaleRefused,
  behaviourAckEverySecond,
  behaviourGetack,
  behaviourGetackInTransaction,
  behaviourGetackInOnePiece,
  behaviourMasterSilent,
  behaviourMasterMute,
  behaviourMasterAway,
  behaviourExpiredOnTheStream,
  behaviourErrorsOnTheStream,
  behaviourPings,
  behaviourEveryEffect,
  behaviourDatabaseRemembered,
  behaviourWaitRefused,
  behaviourPriority,
  behaviourReplicaSilent,
  behaviourReplicaStopsReading,
  behaviourHalfClosed,
  behaviourPausedClients,
  pairSync,
  pairLostLink,
  pairChain,
  pairChainDatabase,
  pairFailover,
  pairFailback,
]
